"""The keys that sign badges: made when the first is needed, changed by an operator."""

from __future__ import annotations

import json

import structlog
from allauth.core.internal.jwkkit import jwk_thumbprint
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.db import transaction
from django.utils import timezone
from jwt.algorithms import ECAlgorithm

from courses.models import CertificateKey
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.sealing import Unreadable, seal, unseal

log = structlog.get_logger(__name__)
USE = "certificate key"
MAKER = Machine("service:certificates")


@transaction.atomic
def change_certificate_key(*, by: Actor, withdraw: bool = False) -> CertificateKey:
    """Make a key that signs from now on. Those before stay published, so that what they signed verifies; `withdraw`
    (one has leaked): they go, and badges are to be fetched anew."""
    CertificateKey.objects.exclude(sealed="").update(sealed="")
    if withdraw:
        CertificateKey.objects.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(ECAlgorithm.to_jwk(private.public_key()))
    kid = jwk_thumbprint(jwk)  # RFC 7638
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = CertificateKey.objects.create(
        kid=kid, jwk={**jwk, "kid": kid, "use": "sig", "alg": "ES256"}, sealed=seal(pem, use=USE, owner=kid)
    )
    record_write("change_certificate_key", by=by, subject=f"certificate_key:{kid}", withdraw=withdraw)
    return key


def signing_key() -> tuple[str, EllipticCurvePrivateKey]:
    """The id and the private part of the key that signs now. One is made when there is none that opens: the first
    time, and when SECRET_KEY was changed without keeping the old one."""
    newest = CertificateKey.objects.filter(withdrawn_at=None).exclude(sealed="").first()
    if newest is not None:
        try:
            return newest.kid, _opened(newest)
        except Unreadable:
            log.warning("certificate.key_unreadable", kid=newest.kid)
    made = change_certificate_key(by=MAKER)
    return made.kid, _opened(made)


def _opened(key: CertificateKey) -> EllipticCurvePrivateKey:
    private = load_pem_private_key(unseal(key.sealed, use=USE, owner=key.kid), password=None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise Unreadable(key.kid)
    return private
