"""The keys that sign statements: a new one is published ahead, takes over, and the old goes when nothing needs it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from allauth.core.internal.jwkkit import jwk_thumbprint
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from jwt.algorithms import ECAlgorithm

from competence.models.epoch import Epoch
from competence.models.statement import StatementKey
from competence.queries.eligibility import current_moment
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.sealing import seal

USE = "statement key"
# Whoever verifies may keep the published keys so long: the next one is there before it signs.
LEAD = timedelta(hours=24)
# A clock that is wrong by this much still finds the key of a statement that it takes for valid.
MARGIN = timedelta(minutes=10)
MAKER = Machine("service:statements")


@transaction.atomic
def rotate_statement_keys(*, by: Actor, lead: timedelta = LEAD) -> StatementKey:
    """Make the next key, which signs after `lead` (nought: at once). The others verify until their last statement has
    expired. A next key that still waits gives way to this one."""
    now = _locked_now(by)
    StatementKey.objects.filter(signs_from__gt=now).update(published_until=now, sealed="")
    current = StatementKey.objects.signing().first()
    key = _make_key(now + lead)
    if current is not None:
        current.published_until = now + lead + timedelta(seconds=settings.STATEMENT_SECONDS) + MARGIN
        current.save(update_fields=["published_until"])
    _forget_private_parts()
    record_write("rotate_statement_keys", by=by, subject=f"statement_key:{key.kid}", signs_from=str(key.signs_from))
    return key


@transaction.atomic
def withdraw_statement_keys(*, by: Actor) -> StatementKey:
    """A key has leaked: withdraw all, at once, and make one that signs from now on. Statements signed before no longer
    verify for whoever fetches the keys, and their status says that they do not stand."""
    now = _locked_now(by)
    StatementKey.objects.published().update(published_until=now, sealed="")
    key = _make_key(now)
    record_write("withdraw_statement_keys", by=by, subject=f"statement_key:{key.kid}")
    return key


@transaction.atomic
def ensure_statement_key(*, by: Actor = MAKER) -> StatementKey:
    """The key that signs now; the first one is made when it is first needed."""
    now = _locked_now(by)
    key = StatementKey.objects.signing().first()
    if key is None:
        key = _make_key(now)
        record_write("make_statement_key", by=by, subject=f"statement_key:{key.kid}")
    return key


def _locked_now(by: Actor) -> datetime:
    """The database's time. Others who make or change keys wait until the transaction ends."""
    if not isinstance(by, Machine) and not by.has_perm("competence.manage_machine_clients"):
        raise PermissionDenied("rotate statement keys")
    Epoch.objects.get_or_create(pk=1)
    Epoch.objects.select_for_update().get(pk=1)
    return current_moment().now.replace(microsecond=0)  # in the past for every database, whatever its precision


def _make_key(signs_from: datetime) -> StatementKey:
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(ECAlgorithm.to_jwk(private.public_key()))
    kid = jwk_thumbprint(jwk)  # RFC 7638
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return StatementKey.objects.create(
        kid=kid,
        jwk={**jwk, "kid": kid, "use": "sig", "alg": "ES256"},
        sealed=seal(pem, use=USE, owner=kid),
        signs_from=signs_from,
    )


def _forget_private_parts() -> None:
    """A key that signs no more needs no private part: those of before the one that signs now."""
    current = StatementKey.objects.signing().first()
    if current is not None:
        StatementKey.objects.filter(Q(signs_from__lte=current.signs_from) | Q(published_until__lte=Now())).exclude(
            pk=current.pk
        ).update(sealed="")
