"""Statements and webhooks: what is signed by the right key, for us, now, is believed. Nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from behorighet_client import InvalidStatement, InvalidWebhook, Verifier, verify_webhook
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

ISSUER, ME, KID = "https://b.example", "websesam", "k1"
KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str = KID) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return {**found, "kid": kid, "use": "sig", "alg": "ES256"}


KEYS = {"keys": [jwk(KEY)]}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    answer = {
        "hsa_id": "SE1",
        "right": "websesam.unit",
        "outcome": "allowed",
        "allowed": True,
        "text": "",
        "reasons": [],
        "missing": [],
        "valid_until": None,
        "revision": 1,
        "decision_id": "j1",
    }
    found = {
        "iss": ISSUER,
        "aud": ME,
        "sub": "SE1",
        "jti": "j1",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "eligibility": answer,
    }
    return {name: value for name, value in {**found, **changed}.items() if value is not None}


def sign(payload: dict[str, Any], key: Any = KEY, algorithm: str = "ES256", **header: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": KID, "typ": "eligibility+jwt", **header})


def verifier(**options: Any) -> Verifier:
    return Verifier(issuer=ISSUER, audience=ME, **{"keys": KEYS, **options})


def test_a_statement_is_verified_offline() -> None:
    answer = verifier().verify(sign(claims()))

    assert answer.allowed
    assert answer.decision_id == "j1"


def test_a38_no_algorithm_is_no_signature() -> None:
    with pytest.raises(InvalidStatement):
        verifier().verify(sign(claims(), key=None, algorithm="none"))


def test_a38_the_public_key_is_no_shared_secret() -> None:
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": KID, "typ": "eligibility+jwt"}, claims())
    )
    mac = base64.urlsafe_b64encode(hmac.new(public, head + b"." + body, hashlib.sha256).digest()).rstrip(b"=")

    with pytest.raises(InvalidStatement):
        verifier().verify(b".".join((head, body, mac)).decode())


def test_a38_another_algorithm_is_refused_although_its_key_is_published() -> None:
    key = rsa.generate_private_key(65537, 2048)
    published = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))

    with pytest.raises(InvalidStatement):
        verifier(keys={"keys": [{**published, "kid": KID}]}).verify(sign(claims(), key=key, algorithm="RS256"))


def test_a_key_in_the_statement_counts_for_nothing() -> None:
    with pytest.raises(InvalidStatement):
        verifier().verify(sign(claims(), key=OTHER, jwk=jwk(OTHER)))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "sesamlmn"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"nbf": int(time.time()) + 3600},
        {"exp": None},
        {"jti": None},
        {"jti": "another"},
        {"sub": "SE2"},
        {"eligibility": None},
        {"eligibility": "allowed"},
    ],
)
def test_a_statement_for_others_of_another_time_or_form_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidStatement):
        verifier().verify(sign(claims(**changed)))


def test_a_token_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidStatement):
        verifier().verify(sign(claims(), typ="JWT"))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é" * 10])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidStatement):
        verifier().verify(text)


def test_an_altered_statement_is_refused() -> None:
    head, body, signature = sign(claims()).split(".")
    other = sign(claims(sub="SE2")).split(".")[1]

    with pytest.raises(InvalidStatement):
        verifier().verify(f"{head}.{other}.{signature}")


def test_a_new_key_is_fetched_but_not_for_every_invented_id() -> None:
    fetched: list[int] = []
    now = [0.0]

    def fetch() -> dict[str, Any]:
        fetched.append(1)
        return {"keys": [jwk(KEY), jwk(OTHER, "k2")]}

    one = Verifier(issuer=ISSUER, audience=ME, fetch=fetch, clock=lambda: now[0])
    one.verify(sign(claims()))
    one.verify(sign(claims(), key=OTHER, kid="k2"))
    for number in range(5):
        with pytest.raises(InvalidStatement):
            one.verify(sign(claims(), kid=f"invented{number}"))
    assert len(fetched) == 1
    now[0] = 61
    with pytest.raises(InvalidStatement):
        one.verify(sign(claims(), kid="invented"))
    assert len(fetched) == 2


# --- Webhooks -------------------------------------------------------------------------------------------------------
# The example of the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
THEN = 1614265330.0


def test_a_webhook_of_the_specification_is_verified() -> None:
    assert verify_webhook(BODY, HEADERS, SECRET, now=THEN) == {"test": 2432232314}


def test_one_right_signature_of_several_is_enough() -> None:
    headers = {**HEADERS, "Webhook-Signature": f"v1a,x v1,AAAA {HEADERS['webhook-signature']}"}
    headers.pop("webhook-signature")

    assert verify_webhook(BODY, headers, SECRET, now=THEN + 299)


@pytest.mark.parametrize(
    ("body", "headers", "now"),
    [
        (BODY + b" ", {}, THEN),
        (BODY, {"webhook-id": "msg_another"}, THEN),
        (BODY, {"webhook-timestamp": "1614265331"}, THEN),
        (BODY, {}, THEN + 301),
        (BODY, {}, THEN - 301),
        (BODY, {"webhook-signature": ""}, THEN),
        (BODY, {"webhook-signature": "v1"}, THEN),
        (BODY, {"webhook-signature": HEADERS["webhook-signature"].replace("v1,", "v2,")}, THEN),
        (BODY, {"webhook-timestamp": "now"}, THEN),
        (BODY, {"webhook-id": ""}, THEN),
    ],
)
def test_any_other_webhook_is_refused(body: bytes, headers: dict[str, str], now: float) -> None:
    with pytest.raises(InvalidWebhook):
        verify_webhook(body, {**HEADERS, **headers}, SECRET, now=now)


@pytest.mark.parametrize("secret", ["whsec_AAAA", "whsec_not base64!"])
def test_another_secret_does_not_do(secret: str) -> None:
    with pytest.raises(InvalidWebhook):
        verify_webhook(BODY, HEADERS, secret, now=THEN)
