"""An answer as a signed statement (JWS, ES256): whoever has it can verify it without asking us, for a few minutes.

It is about now, and expires before the answer changes by time alone. What may change it earlier, a revocation, is told
by its status, at a public address that names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.utils.crypto import salted_hmac

from competence.actions.statement_keys import USE, ensure_statement_key
from competence.models.statement import StatementKey
from lms.lib.sealing import Unreadable, unseal

log = structlog.get_logger(__name__)
ALGORITHM = "ES256"
TYPE = "eligibility+jwt"
CLAIM = "eligibility"


class CannotSign(Exception):
    """No key can sign: the one that should was sealed under another SECRET_KEY."""


@dataclass(frozen=True)
class Statement:
    """A compact JWS, the key that signed it, and when it expires."""

    text: str
    key: StatementKey
    expires_at: datetime


def sign(answer: Mapping[str, Any], *, audience: str) -> Statement:
    """`answer` as a statement to the client `audience`. Raises CannotSign."""
    key = StatementKey.objects.signing().first() or ensure_statement_key()
    issued = datetime.fromisoformat(answer["valid_at"])  # the database's time
    expires = issued + timedelta(seconds=settings.STATEMENT_SECONDS)
    if answer["valid_until"] is not None:
        expires = min(expires, datetime.fromisoformat(answer["valid_until"]))
    claims = {
        "iss": settings.BASE_URL,
        "aud": audience,
        "sub": answer["hsa_id"],
        "jti": answer["decision_id"],
        "iat": int(issued.timestamp()),
        "nbf": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        CLAIM: dict(answer),
    }
    text = jwt.encode(claims, _private_key(key), algorithm=ALGORITHM, headers={"typ": TYPE, "kid": key.kid})
    return Statement(text, key, datetime.fromtimestamp(claims["exp"], tz=issued.tzinfo))


def _private_key(key: StatementKey) -> EllipticCurvePrivateKey:
    try:
        # The settings are part of the key, so that a copy does not outlive the SECRET_KEY that sealed it.
        return _opened(key.kid, key.sealed, salted_hmac("statements", "x").hexdigest())
    except Unreadable as error:
        log.error("statement.key_unreadable", kid=key.kid, do="run manage.py rotate_statement_keys --now")
        raise CannotSign(key.kid) from error


@lru_cache(maxsize=8)
def _opened(kid: str, sealed: str, secret: str) -> EllipticCurvePrivateKey:
    private = load_pem_private_key(unseal(sealed, use=USE, owner=kid), password=None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise Unreadable(kid)
    return private
