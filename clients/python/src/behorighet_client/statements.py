"""Signed statements, verified without asking the service.

The algorithm is pinned: ES256, with a key that was fetched over TLS from the service. What the statement itself says of
its algorithm or keys counts for nothing, so neither `none` nor HS256 with the public key gets through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from behorighet_client.answers import Answer
from behorighet_client.errors import InvalidStatement

ALGORITHM = "ES256"
TYPE = "eligibility+jwt"
CLAIM = "eligibility"
# Somebody who sends statements with invented key ids does not make us fetch the keys each time.
FETCH_EVERY = 60.0


class Verifier:
    """Verifies statements that `issuer` (the service's base address) gave to `audience` (the client's id).

    `fetch` gets the key set (`Client.key_set`); it is asked for the first key, and when a key id is new. Give `keys`
    to work wholly offline.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        fetch: Callable[[], Mapping[str, Any]] | None = None,
        keys: Mapping[str, Any] | None = None,
        leeway: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer, self._audience, self._leeway = issuer.rstrip("/"), audience, leeway
        self._fetch, self._clock = fetch, clock
        self._keys: dict[str, Any] = {}
        self._fetched_at: float | None = None
        if keys is not None:
            self._take(keys)

    def verify(self, statement: str) -> Answer:
        """The answer in the statement. Raises InvalidStatement; then nothing of it is to be believed."""
        try:
            header = jwt.get_unverified_header(statement)
            if header.get("alg") != ALGORITHM or header.get("typ") != TYPE:
                raise InvalidStatement(f"not a statement: {header.get('alg')} {header.get('typ')}")
            claims = jwt.decode(
                statement,
                self._key(str(header.get("kid", ""))),
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iat", "nbf", "iss", "aud", "sub", "jti"]},
            )
            answer = Answer.of(claims[CLAIM])
        except (PyJWTError, KeyError, TypeError, ValueError) as error:
            raise InvalidStatement(str(error)) from error
        if answer.decision_id != claims["jti"] or answer.hsa_id != claims["sub"]:
            raise InvalidStatement("the statement and the answer in it are about different things")
        return answer

    def _key(self, kid: str) -> Any:
        is_due = self._fetched_at is None or self._clock() - self._fetched_at > FETCH_EVERY
        if kid not in self._keys and self._fetch is not None and is_due:
            self._take(self._fetch())
            self._fetched_at = self._clock()
        if kid not in self._keys:
            raise InvalidStatement(f"no published key has the id {kid}")
        return self._keys[kid]

    def _take(self, key_set: Mapping[str, Any]) -> None:
        self._keys = {
            one["kid"]: jwt.PyJWK(one, algorithm=ALGORITHM).key
            for one in key_set["keys"]
            if one.get("kty") == "EC" and one.get("crv") == "P-256" and one.get("kid")
        }
