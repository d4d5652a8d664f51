"""Signed statements: what they say, who can verify them, keys that rotate, and whether one still stands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from competence.actions.authorisations import revoke_authorisation
from competence.actions.statement_keys import LEAD, rotate_statement_keys, withdraw_statement_keys
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import Scope
from competence.models.statement import IssuedStatement, StatementKey
from competence.statements import sign
from tests.factories.competence import BUILDER, Prescriber, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

RIGHT = "websesam.health-care"
Verify = Callable[[str, dict[str, Any], str, str], dict[str, Any]]


def statement(api: ApiClient, hsa_id: str, **query: str) -> str:
    answer = api.get("eligibility", {"hsa_id": hsa_id, "right": RIGHT, **query}, Accept="application/jwt")
    assert answer.status_code == 200, answer.content.decode()
    assert answer.headers["Content-Type"] == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.content.decode())


def keys() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/.well-known/jwks.json").json()
    return found


def claims_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    return found


def status_of(text: str) -> str:
    answer = Client().get(f"/api/v1/statements/{claims_of(text)['jti']}")
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.json()["status"])


@pytest.fixture
def verify() -> Verify:
    """The verification that docs/api.md tells callers to do, as it stands there."""
    guide = (Path(django_settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?def verify_statement.*?)```", guide, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    found: Verify = names["verify_statement"]
    return found


@pytest.fixture
def prescriber(world: World) -> Prescriber:
    return make_prescriber(world.clinic)


# --- What it says ---------------------------------------------------------------------------------------------------
def test_a_statement_is_the_whole_answer_signed_to_the_client(
    prescriber: Prescriber, api: ApiClient, verify: Verify
) -> None:
    plain = api.check(prescriber.hsa_id)
    text = statement(api, prescriber.hsa_id)

    claims = verify(text, keys(), django_settings.BASE_URL, api.client.client_id)

    said = claims["eligibility"]
    assert set(said) == set(plain)
    assert (said["allowed"], said["outcome"], said["reasons"]) == (True, "allowed", plain["reasons"])
    assert (claims["sub"], claims["jti"]) == (prescriber.hsa_id, said["decision_id"])
    assert claims["exp"] - claims["iat"] == 300
    assert claims["nbf"] == claims["iat"]
    header = jwt.get_unverified_header(text)
    assert (header["alg"], header["typ"]) == ("ES256", "eligibility+jwt")
    assert DecisionLog.objects.filter(pk=claims["jti"]).exists(), "logged as every answer is"


def test_a_refusal_is_stated_too(world: World, api: ApiClient, verify: Verify) -> None:
    text = statement(api, "SE2321000131-NOBODY")

    said = verify(text, keys(), django_settings.BASE_URL, api.client.client_id)["eligibility"]

    assert (said["allowed"], said["missing"][0]["code"]) == (False, "UNKNOWN_PERSON")


def test_it_expires_before_time_alone_changes_the_answer(world: World, api: ApiClient) -> None:
    until = timezone.now() + timedelta(seconds=90)
    made = sign({**api.check("SE2321000131-NOBODY"), "valid_until": until.isoformat()}, audience="x")

    assert claims_of(made.text)["exp"] == int(until.timestamp())


@pytest.mark.parametrize("name", ["valid_at", "known_at"])
def test_it_is_about_now_only(prescriber: Prescriber, api: ApiClient, name: str) -> None:
    query = {"hsa_id": prescriber.hsa_id, "right": RIGHT, name: "2026-01-01T00:00:00+01:00"}

    answer = api.get("eligibility", query, Accept="application/jwt")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["name"] == name
    assert not IssuedStatement.objects.exists()


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/json, application/jwt;q=0.5"])
def test_who_likes_json_better_gets_json(prescriber: Prescriber, api: ApiClient, accept: str) -> None:
    answer = api.get("eligibility", {"hsa_id": prescriber.hsa_id, "right": RIGHT}, Accept=accept)

    assert answer.headers["Content-Type"] == "application/json"
    assert not IssuedStatement.objects.exists()


def test_other_addresses_state_nothing(prescriber: Prescriber, api: ApiClient) -> None:
    assert api.get(f"people/{prescriber.hsa_id}/rights", Accept="application/jwt").status_code == 406


def test_a40_a_statement_is_given_on_the_same_terms_as_an_answer(prescriber: Prescriber, api: ApiClient) -> None:
    query = {"hsa_id": prescriber.hsa_id, "right": RIGHT}
    other_system = make_api_client(systems=["sesamlmn"])
    other_scope = make_api_client(scopes=[Scope.STATISTICS_READ])
    other_principal = make_api_client(principal_kinds=["municipality"])

    assert other_system.get("eligibility", query, Accept="application/jwt").status_code == 403
    assert other_scope.get("eligibility", query, Accept="application/jwt").status_code == 403
    assert Client().get("/api/v1/eligibility", query, headers={"Accept": "application/jwt"}).status_code == 401
    assert claims_of(statement(other_principal, prescriber.hsa_id))["eligibility"]["allowed"] is False


# --- What the documented verification refuses -----------------------------------------------------------------------
def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(text: str, header: dict[str, Any], *, signature: str = "") -> str:
    claims = {**claims_of(text), "forged": True}
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}.{signature}"


def test_a38_without_a_signature_it_is_refused(prescriber: Prescriber, api: ApiClient, verify: Verify) -> None:
    text = statement(api, prescriber.hsa_id)
    header = jwt.get_unverified_header(text)
    for alg in ("none", "None", "NONE", ""):
        with pytest.raises(jwt.PyJWTError):
            verify(forged(text, {**header, "alg": alg}), keys(), django_settings.BASE_URL, api.client.client_id)
    without_kid = forged(text, {"alg": "none", "typ": "eligibility+jwt"})
    with pytest.raises(jwt.PyJWTError):
        verify(without_kid, keys(), django_settings.BASE_URL, api.client.client_id)


def test_a38_one_signed_with_the_public_key_as_a_shared_secret_is_refused(
    prescriber: Prescriber, api: ApiClient, verify: Verify
) -> None:
    text = statement(api, prescriber.hsa_id)
    header = {**jwt.get_unverified_header(text), "alg": "HS256"}
    [own] = [key for key in keys()["keys"] if key["kid"] == header["kid"]]
    public = jwt.PyJWK(own).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (public, json.dumps(own).encode(), own["x"].encode()):
        unsigned = forged(text, header).rsplit(".", 1)[0]
        made = f"{unsigned}.{b64(hmac.new(secret, unsigned.encode(), hashlib.sha256).digest())}"
        with pytest.raises(jwt.PyJWTError):
            verify(made, keys(), django_settings.BASE_URL, api.client.client_id)


def test_a38_one_that_brings_its_own_key_is_refused(prescriber: Prescriber, api: ApiClient, verify: Verify) -> None:
    text = statement(api, prescriber.hsa_id)
    stranger = ec.generate_private_key(ec.SECP256R1())
    own_jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(stranger.public_key()))
    header = {**jwt.get_unverified_header(text), "jwk": own_jwk, "jku": "https://evil.example/jwks.json"}
    made = jwt.encode(claims_of(text), stranger, algorithm="ES256", headers=header)

    with pytest.raises(jwt.PyJWTError):
        verify(made, keys(), django_settings.BASE_URL, api.client.client_id)


def test_one_that_was_changed_is_refused(prescriber: Prescriber, api: ApiClient, verify: Verify) -> None:
    head, _body, signature = statement(api, "SE2321000131-NOBODY").split(".")
    claims = claims_of(statement(api, prescriber.hsa_id))

    made = f"{head}.{b64(json.dumps(claims).encode())}.{signature}"
    with pytest.raises(jwt.InvalidSignatureError):
        verify(made, keys(), django_settings.BASE_URL, api.client.client_id)


def test_anothers_an_expired_and_another_services_are_refused(
    prescriber: Prescriber, api: ApiClient, verify: Verify
) -> None:
    text = statement(api, prescriber.hsa_id)
    with pytest.raises(jwt.InvalidAudienceError):
        verify(text, keys(), django_settings.BASE_URL, "another-client")
    with pytest.raises(jwt.InvalidIssuerError):
        verify(text, keys(), "https://elsewhere.example", api.client.client_id)
    an_hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()
    old = sign({**api.check(prescriber.hsa_id), "valid_at": an_hour_ago}, audience=api.client.client_id)
    with pytest.raises(jwt.ExpiredSignatureError):
        verify(old.text, keys(), django_settings.BASE_URL, api.client.client_id)


def test_a_token_of_the_provider_is_no_statement(api: ApiClient, verify: Verify) -> None:
    """Its key is in the same set: the algorithm and the type tell them apart."""
    from allauth.idp.oidc.adapter import get_adapter

    pem = get_adapter().get_signing_key().pem
    [rsa] = [key for key in keys()["keys"] if key["kty"] == "RSA"]
    made = jwt.encode({"aud": "x"}, pem, algorithm="RS256", headers={"kid": rsa["kid"], "typ": "eligibility+jwt"})
    with pytest.raises(jwt.PyJWTError):
        verify(made, keys(), django_settings.BASE_URL, "x")


# --- Keys -----------------------------------------------------------------------------------------------------------
def test_the_keys_are_published_beside_the_providers_without_private_parts(api: ApiClient) -> None:
    statement(api, "SE2321000131-NOBODY")

    answer = Client().get("/.well-known/jwks.json")

    found = answer.json()["keys"]
    assert sorted(key["kty"] for key in found) == ["EC", "RSA"]
    assert all(not {"d", "p", "q"} & set(key) for key in found)
    assert "max-age=3600" in answer.headers["Cache-Control"]
    again = Client().get("/.well-known/jwks.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_private_key_is_sealed(api: ApiClient) -> None:
    statement(api, "SE2321000131-NOBODY")

    sealed = StatementKey.objects.get().sealed
    assert "PRIVATE" not in sealed
    assert b"PRIVATE" not in base64.b64decode(sealed)


def test_the_first_key_is_made_once(api: ApiClient) -> None:
    for _number in range(3):
        statement(api, "SE2321000131-NOBODY")

    assert StatementKey.objects.count() == 1


def test_the_next_key_is_published_before_it_signs_and_the_old_verifies_after(
    prescriber: Prescriber, api: ApiClient, verify: Verify
) -> None:
    before = statement(api, prescriber.hsa_id)
    old = StatementKey.objects.get()
    new = rotate_statement_keys(by=BUILDER)
    assert {key["kid"] for key in keys()["keys"]} >= {old.kid, new.kid}
    assert jwt.get_unverified_header(statement(api, prescriber.hsa_id))["kid"] == old.kid

    StatementKey.objects.filter(pk=new.pk).update(signs_from=old.signs_from + timedelta(microseconds=1))
    after = statement(api, prescriber.hsa_id)
    assert jwt.get_unverified_header(after)["kid"] == new.kid
    for text in (before, after):
        verify(text, keys(), django_settings.BASE_URL, api.client.client_id)
    old.refresh_from_db()
    assert old.published_until is not None
    assert old.published_until >= new.signs_from + timedelta(seconds=django_settings.STATEMENT_SECONDS)

    StatementKey.objects.filter(pk=old.pk).update(published_until=timezone.now() - timedelta(seconds=1))
    assert old.kid not in {key["kid"] for key in keys()["keys"]}


def test_a_second_rotation_before_the_first_took_over_leaves_somebody_to_sign(
    prescriber: Prescriber, api: ApiClient
) -> None:
    statement(api, prescriber.hsa_id)
    old = StatementKey.objects.get()
    waiting = rotate_statement_keys(by=BUILDER)
    third = rotate_statement_keys(by=BUILDER, lead=2 * LEAD)

    old.refresh_from_db()
    assert old.published_until is not None
    assert old.published_until > third.signs_from
    assert {key["kid"] for key in keys()["keys"]} & {waiting.kid} == set()
    assert jwt.get_unverified_header(statement(api, prescriber.hsa_id))["kid"] == old.kid


def test_a_retired_key_keeps_no_private_part(api: ApiClient) -> None:
    statement(api, "SE2321000131-NOBODY")
    old = StatementKey.objects.get()

    rotate_statement_keys(by=BUILDER, lead=timedelta(0))

    old.refresh_from_db()
    assert old.sealed == ""
    assert StatementKey.objects.exclude(pk=old.pk).get().sealed


def test_a_leaked_key_is_withdrawn_with_all_that_it_signed(
    prescriber: Prescriber, api: ApiClient, verify: Verify
) -> None:
    text = statement(api, prescriber.hsa_id)
    assert status_of(text) == "valid"

    withdraw_statement_keys(by=BUILDER)

    with pytest.raises(jwt.PyJWTError):
        verify(text, keys(), django_settings.BASE_URL, api.client.client_id)
    assert status_of(text) == "superseded"
    assert status_of(statement(api, prescriber.hsa_id)) == "valid"


def test_another_secret_key_is_a_clear_error_and_a_rotation_mends_it(
    prescriber: Prescriber, api: ApiClient, verify: Verify, settings: Any
) -> None:
    before = statement(api, prescriber.hsa_id)
    settings.SECRET_KEY = "another" * 10
    query = {"hsa_id": prescriber.hsa_id, "right": RIGHT}

    refused = api.get("eligibility", query, Accept="application/jwt")

    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert api.get("eligibility", query).status_code == 200, "answers need no key"
    call_command("rotate_statement_keys", "--now", stdout=StringIO())
    for text in (before, statement(api, prescriber.hsa_id)):
        verify(text, keys(), django_settings.BASE_URL, api.client.client_id)


def test_the_command_tells_and_a_dry_run_changes_nothing(api: ApiClient) -> None:
    statement(api, "SE2321000131-NOBODY")
    out = StringIO()

    for words in (["--dry-run"], ["--leaked", "--dry-run"], ["--list"]):
        call_command("rotate_statement_keys", *words, stdout=out)
        assert StatementKey.objects.count() == 1
        assert StatementKey.objects.get().sealed
    call_command("rotate_statement_keys", stdout=out)

    assert ": next, signs from" in out.getvalue()
    assert ": current, signs from" in out.getvalue()
    assert StatementKey.objects.count() == 2


def test_nobody_else_rotates_keys(db: None) -> None:
    for act in (rotate_statement_keys, withdraw_statement_keys):
        with pytest.raises(PermissionDenied):
            act(by=make_person())


# --- Status ---------------------------------------------------------------------------------------------------------
def test_the_status_is_public_and_names_nobody(prescriber: Prescriber, api: ApiClient) -> None:
    text = statement(api, prescriber.hsa_id)

    answer = Client().get(f"/api/v1/statements/{claims_of(text)['jti']}")

    assert set(answer.json()) == {"jti", "status", "expires_at", "checked_at"}
    assert answer.json()["status"] == "valid"
    assert answer.headers["Cache-Control"] == "no-store"
    assert prescriber.hsa_id not in answer.content.decode()


def test_a_revocation_supersedes_a_statement_at_once(world: World, prescriber: Prescriber, api: ApiClient) -> None:
    text = statement(api, prescriber.hsa_id)
    assert prescriber.authorisation

    revoke_authorisation(authorisation=prescriber.authorisation, reason="Prov", by=world.manager)

    assert status_of(text) == "superseded"


def test_an_expired_statement_is_expired(prescriber: Prescriber, api: ApiClient) -> None:
    text = statement(api, prescriber.hsa_id)
    IssuedStatement.objects.update(expires_at=timezone.now())

    assert status_of(text) == "expired"


def test_one_that_was_never_given_is_unknown(prescriber: Prescriber, api: ApiClient) -> None:
    """Also for an answer that was given, but not as a statement."""
    plain = api.check(prescriber.hsa_id)["decision_id"]
    for address in (plain, str(uuid.uuid4()), "nonsense"):
        answer = Client().get(f"/api/v1/statements/{address}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_status_is_limited_by_address(prescriber: Prescriber, api: ApiClient, monkeypatch: Any) -> None:
    from competence.rest_api import statements
    from competence.rest_api.quotas import Quota

    monkeypatch.setattr(statements, "BY_ADDRESS", Quota("statement-status", 1, 60))
    address = f"/api/v1/statements/{uuid.uuid4()}"

    assert [Client().get(address).status_code for _number in range(2)] == [404, 429]
