"""How a machine client is admitted, and gets its token."""

from __future__ import annotations

import base64
from io import StringIO

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client

from competence.actions.machine_clients import create_machine_client, deactivate_machine_client
from competence.models.machine_client import MachineClient, Scope
from lms.audit.models import AuditEvent
from lms.lib.errors import Refusal
from tests.factories.competence import BUILDER, World, make_person
from tests.factories.machine_clients import ask_for_token, make_api_client


def test_a_client_gets_a_token_with_the_scopes_it_asks_for(world: World) -> None:
    client = make_api_client()

    answer = ask_for_token(client.client.client_id, client.secret, scope="eligibility:read")

    body = answer.json()
    assert answer.status_code == 200
    assert body["token_type"] == "Bearer"
    assert body["scope"] == "eligibility:read"
    assert body["expires_in"] == 3600
    assert "refresh_token" not in body


def test_a_client_may_identify_itself_by_basic_authentication(world: World) -> None:
    client = make_api_client()
    credentials = base64.b64encode(f"{client.client.client_id}:{client.secret}".encode()).decode()

    answer = Client().post(
        "/identity/o/api/token",
        {"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {credentials}"},
    )

    assert answer.status_code == 200
    assert set(answer.json()["scope"].split()) == {"eligibility:read", "completions:write"}


def test_a_scope_that_the_client_was_not_given_is_refused(world: World) -> None:
    client = make_api_client(scopes=[Scope.ELIGIBILITY_READ])

    answer = ask_for_token(client.client.client_id, client.secret, scope="completions:write")

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


def test_a_wrong_secret_gets_no_token(world: World) -> None:
    client = make_api_client()

    answer = ask_for_token(client.client.client_id, "wrong")

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", ""])
def test_a37_no_other_grant_gives_a_token_for_a_persons_password_least_of_all(world: World, grant: str) -> None:
    client = make_api_client()
    person = make_person(username="somebody")
    person.set_password("the-right-one-17")
    person.save()
    before = Token.objects.count()

    answer = ask_for_token(
        client.client.client_id, client.secret, grant_type=grant, username="somebody", password="the-right-one-17"
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "unsupported_grant_type"
    assert "client_credentials" in answer.json()["error_description"]
    assert Token.objects.count() == before


def test_secret_and_token_are_kept_as_hashes_only(world: World) -> None:
    client = make_api_client()

    stored = OAuthClient.objects.get(pk=client.client.client_id)

    assert client.secret not in stored.secret
    assert not stored.check_secret(client.secret), "the library has none: see test_secrets"
    assert not Token.objects.filter(hash=client.token).exists()


def test_discovery_names_the_token_endpoint_the_grant_and_the_scopes(db: None) -> None:
    answer = Client().get("/.well-known/openid-configuration").json()

    assert answer["token_endpoint"].endswith("/identity/o/api/token")
    assert answer["grant_types_supported"] == ["client_credentials"]
    assert set(answer["scopes_supported"]) == set(Scope.values)
    assert answer["jwks_uri"].endswith("/.well-known/jwks.json")
    assert "authorization_endpoint" not in answer


def test_the_keys_are_published(db: None) -> None:
    keys = Client().get("/.well-known/jwks.json").json()["keys"]

    assert keys
    assert all("d" not in key for key in keys), "no private part"


# --- The command ----------------------------------------------------------------------------------------------------
def test_the_command_prints_an_id_and_a_secret_that_work(world: World) -> None:
    out = StringIO()

    call_command("machine_client", "create", "webSesam", "--scope=eligibility:read", stdout=out)
    values = dict(line.split(": ", 1) for line in out.getvalue().splitlines())

    assert ask_for_token(values["client_id"], values["client_secret"]).status_code == 200


def test_the_command_binds_the_client(world: World) -> None:
    call_command(
        "machine_client",
        "create",
        "webSesam",
        "--system=websesam",
        "--scope=eligibility:read",
        "--principal=vgr",
        "--client-id=websesam",
        stdout=StringIO(),
    )

    client = MachineClient.objects.get(client_id="websesam")
    assert [system.key for system in client.systems.all()] == ["websesam"]
    assert client.principal_kinds == ["vgr"]
    assert AuditEvent.objects.filter(action="create_machine_client", subject="machine_client:websesam").exists()


def test_a_dry_run_admits_nobody(world: World) -> None:
    call_command("machine_client", "create", "webSesam", "--scope=eligibility:read", "--dry-run", stdout=StringIO())

    assert not MachineClient.objects.exists()
    assert not OAuthClient.objects.exists()


def test_an_unknown_system_ends_the_command_with_a_sentence(world: World) -> None:
    with pytest.raises(CommandError, match="nonsense"):
        call_command("machine_client", "create", "x", "--system=nonsense", "--scope=eligibility:read")


# --- The action -----------------------------------------------------------------------------------------------------
def test_an_id_is_taken_once(world: World) -> None:
    make_api_client(client_id="websesam")

    with pytest.raises(Refusal, match="websesam"):
        make_api_client(client_id="websesam")


def test_a_person_without_the_permission_admits_nobody(world: World) -> None:
    with pytest.raises(PermissionDenied):
        create_machine_client(name="x", systems=[], scopes=["eligibility:read"], principal_kinds=[], by=make_person())


def test_a_deactivated_client_has_no_tokens_left(world: World) -> None:
    client = make_api_client()

    deactivate_machine_client(client=client.client, by=BUILDER)

    assert not Token.objects.filter(client_id=client.client.client_id).exists()
