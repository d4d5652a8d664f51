"""A certificate as an Open Badge 3.0: a verifiable credential, signed (ES256), for whoever checks by machine.

The issuer is a `did:web` whose document, `kursbevis/did.json` below BASE_URL, holds the public keys. Whether a badge
was revoked is told by a bit in a status list (W3C Bitstring Status List), which names nobody and tells no number.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import jwt
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from openbadgeslib.ob3 import Achievement, IdentityObject, Issuer, OpenBadgeCredential
from openbadgeslib.ob3.status_list import build_status_list_credential, status_entry

from competence import api as competence
from courses.actions.certificate_keys import signing_key
from courses.actions.certificates import STATUS_LIST_BITS
from courses.models import Certificate, CertificateKey, CertificateRevocation
from lms.lib.mailing import address_of

ALGORITHM = "ES256"
PURPOSE = "revocation"


def issuer_id() -> str:
    """The issuer's decentralised identifier: where its keys are found (did:web)."""
    return f"did:web:{quote(urlsplit(settings.BASE_URL).netloc, safe='')}:kursbevis"


def did_document() -> dict[str, Any]:
    """The public keys under the issuer's identifier, the newest first; also of keys that sign no more."""
    did = issuer_id()
    keys = list(CertificateKey.objects.filter(withdrawn_at=None))
    methods = [
        {"id": f"{did}#{key.kid}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": key.jwk} for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def badge_of(certificate: Certificate) -> str:
    """The certificate as a signed credential (compact JWS): all the facts that it certifies, and no other."""
    payload = _credential(certificate).to_jwt_payload()
    payload["awardedDate"] = certificate.completed_at.isoformat()
    return _signed(payload)


def status_list(number: int) -> str | None:
    """The signed status list with that number, from 0; None when no certificate can have its status there."""
    first = number * STATUS_LIST_BITS
    within = {"status_index__gte": first, "status_index__lt": first + STATUS_LIST_BITS}
    if number and not Certificate.objects.filter(**within).exists():
        return None
    revoked = CertificateRevocation.objects.filter(
        **{f"certificate__{name}": value for name, value in within.items()}
    ).values_list("certificate__status_index", flat=True)
    url = _list_address(number)
    credential = build_status_list_credential(
        issuer_id(), url, PURPOSE, [index - first for index in revoked], STATUS_LIST_BITS, issued=timezone.now()
    )
    issued = int(timezone.now().timestamp())
    return _signed(
        {**credential, "iss": issuer_id(), "sub": credential["credentialSubject"]["id"], "jti": url, "nbf": issued}
    )


def _credential(certificate: Certificate) -> OpenBadgeCredential:
    with translation.override("sv"):
        extent = competence.minutes_text(certificate.minutes)
        lines = [
            _("Course: %(title)s.") % {"title": certificate.course_title},
            _("Extent: %(extent)s.") % {"extent": extent},
        ]
        if certificate.edition is not None:
            lines.append(_("Edition of the course: %(number)d.") % {"number": certificate.edition})
        description = _("A completed course at %(issuer)s.") % {"issuer": certificate.issuer_name}
    return OpenBadgeCredential(
        id=f"urn:uuid:{certificate.public_id}",
        name=certificate.course_title,
        issuer=Issuer(id=issuer_id(), name=certificate.issuer_name, url=settings.BASE_URL),
        recipient_id=None,
        identifiers=[IdentityObject(identity_hash=certificate.person_name, identity_type="name", hashed=False)],
        achievement=Achievement(
            id=f"{issuer_id()}#{quote(certificate.course_key)}-{certificate.edition or 0}",
            name=certificate.course_title,
            description=description,
            criteria_narrative=" ".join(lines),
            achievement_type="Course",
        ),
        issuance_date=certificate.issued_at,
        credential_status=[
            status_entry(
                _list_address(certificate.status_index // STATUS_LIST_BITS),
                PURPOSE,
                certificate.status_index % STATUS_LIST_BITS,
            )
        ],
    )


def _list_address(number: int) -> str:
    return address_of("courses:badge_status", number)


def _signed(payload: dict[str, Any]) -> str:
    kid, private = signing_key()
    return jwt.encode(payload, private, algorithm=ALGORITHM, headers={"kid": f"{issuer_id()}#{kid}"})
