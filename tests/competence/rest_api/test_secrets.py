"""A client's secrets: a new one beside the old, an end at an instant or at once, and the limit on tries."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from competence.actions.client_secrets import add_secret, end_secret, rotate_secret
from competence.actions.machine_clients import (
    change_machine_client,
    deactivate_machine_client,
    reactivate_machine_client,
    revoke_client_tokens,
)
from competence.models.epoch import Epoch
from competence.models.machine_client import ClientSecret, MachineClient, Scope
from competence.rest_api import token_endpoint
from lms.audit.models import AuditEvent
from lms.lib.errors import Refusal
from tests.factories.competence import BUILDER, World, make_person
from tests.factories.machine_clients import ApiClient, ask_for_token, make_api_client


def gets_token(api: ApiClient, secret: str) -> bool:
    answer = ask_for_token(api.client.client_id, secret)
    assert answer.status_code in {200, 401}, answer.content.decode()
    return bool(answer.status_code == 200)


def is_answered(api: ApiClient) -> bool:
    status = api.get("eligibility", {"hsa_id": "SE2321000131-NOBODY", "right": "websesam.unit"}).status_code
    assert status in {200, 401}
    return bool(status == 200)


# --- Rotation -------------------------------------------------------------------------------------------------------
def test_old_and_new_work_until_the_instant_and_then_only_the_new(world: World, api: ApiClient) -> None:
    new = rotate_secret(client=api.client, overlap=timedelta(days=3), by=BUILDER)

    assert gets_token(api, api.secret)
    assert gets_token(api, new.secret)
    assert new.earlier_ends_at is not None
    assert abs(new.earlier_ends_at - timezone.now() - timedelta(days=3)) < timedelta(minutes=1)

    ClientSecret.objects.filter(ends_at__isnull=False).update(ends_at=timezone.now() - timedelta(seconds=1))
    assert not gets_token(api, api.secret)
    assert gets_token(api, new.secret)
    assert is_answered(api), "a token that was given keeps its hour"


def test_one_that_leaked_ends_at_once_with_every_token(world: World, api: ApiClient) -> None:
    new = rotate_secret(client=api.client, overlap=timedelta(0), by=BUILDER)

    assert not gets_token(api, api.secret)
    assert not is_answered(api)
    assert gets_token(api, new.secret)


def test_ending_the_earlier_one_leaves_the_other(world: World, api: ApiClient) -> None:
    new = rotate_secret(client=api.client, by=BUILDER)
    earlier = api.client.secrets.exclude(pk=new.record.pk).get()

    end_secret(secret=earlier, by=BUILDER)

    assert not gets_token(api, api.secret)
    assert gets_token(api, new.secret)
    assert not is_answered(api)


def test_ending_a_new_one_that_was_a_mistake_lets_the_earlier_go_on_without_end(world: World, api: ApiClient) -> None:
    new = rotate_secret(client=api.client, by=BUILDER)

    end_secret(secret=new.record, by=BUILDER)

    assert api.client.secrets.valid().get().ends_at is None
    assert gets_token(api, api.secret)
    assert not gets_token(api, new.secret)


def test_the_only_secret_is_not_ended(world: World, api: ApiClient) -> None:
    with pytest.raises(Refusal, match="enda"):
        end_secret(secret=api.client.secrets.get(), by=BUILDER)


def test_no_third_secret_works_beside_two(world: World, api: ApiClient) -> None:
    rotate_secret(client=api.client, by=BUILDER)

    with pytest.raises(Refusal, match="Två"):
        rotate_secret(client=api.client, by=BUILDER)
    rotate_secret(client=api.client, overlap=timedelta(0), by=BUILDER)
    assert api.client.secrets.valid().count() == 1


@pytest.mark.parametrize("overlap", [timedelta(days=91), timedelta(seconds=-1)])
def test_an_overlap_has_an_end(world: World, api: ApiClient, overlap: timedelta) -> None:
    with pytest.raises(Refusal, match="90"):
        rotate_secret(client=api.client, overlap=overlap, by=BUILDER)


def test_a_secret_is_kept_as_a_hash_only_and_the_library_has_none(world: World, api: ApiClient) -> None:
    row = ClientSecret.objects.get()

    assert api.secret not in row.hash
    assert row.beginning == api.secret[:6]
    assert not OAuthClient.objects.get(pk=api.client.client_id).check_secret(api.secret)
    assert not any(api.secret in str(event.details) for event in AuditEvent.objects.all())


def test_each_use_is_noted_on_its_secret(world: World, api: ApiClient) -> None:
    new = rotate_secret(client=api.client, by=BUILDER)
    assert new.record.last_used_at is None

    ask_for_token(api.client.client_id, new.secret)

    new.record.refresh_from_db()
    assert new.record.last_used_at is not None


# --- Who gets a token -----------------------------------------------------------------------------------------------
def test_a40_anothers_secret_gets_no_token(world: World, api: ApiClient) -> None:
    other = make_api_client()

    assert not gets_token(api, other.secret)


@pytest.mark.parametrize("way", ["basic", "post"])
def test_both_ways_of_showing_a_secret_know_rotation(world: World, api: ApiClient, way: str) -> None:
    new = rotate_secret(client=api.client, by=BUILDER)

    def status(secret: str) -> int:
        if way == "post":
            return int(ask_for_token(api.client.client_id, secret).status_code)
        shown = base64.b64encode(f"{api.client.client_id}:{secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        return Client().post("/identity/o/api/token", form, headers={"Authorization": f"Basic {shown}"}).status_code

    assert [status(secret) for secret in (api.secret, new.secret, "wrong")] == [200, 200, 401]


def test_a_right_id_in_the_form_does_not_lend_itself_to_the_header(world: World, api: ApiClient) -> None:
    shown = base64.b64encode(f"{api.client.client_id}:wrong".encode()).decode()
    form = {"grant_type": "client_credentials", "client_id": api.client.client_id, "client_secret": api.secret}

    answer = Client().post("/identity/o/api/token", form, headers={"Authorization": f"Basic {shown}"})

    assert answer.status_code in {400, 401}
    assert b"access_token" not in answer.content


def test_a_client_that_is_shut_out_gets_no_token_until_it_is_let_in(world: World, api: ApiClient) -> None:
    deactivate_machine_client(client=api.client, by=BUILDER)
    assert not gets_token(api, api.secret)
    with pytest.raises(Refusal):
        rotate_secret(client=api.client, by=BUILDER)

    reactivate_machine_client(client=api.client, by=BUILDER)
    assert gets_token(api, api.secret)


def test_a35_every_try_costs_a_hash_for_each_secret_that_could_match(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def compare(secret: str, encoded: str) -> bool:
        hashed.append("compared")
        return check_password(secret, encoded)

    def make(secret: str) -> str:
        hashed.append("made")
        return make_password(secret)

    monkeypatch.setattr(token_endpoint, "check_password", compare)
    monkeypatch.setattr(token_endpoint, "make_password", make)

    ask_for_token("nobody-of-this-name", "x")
    assert hashed == ["made"], "an unknown client costs as much as a known one"
    hashed.clear()
    rotate_secret(client=api.client, by=BUILDER)
    for secret in (api.secret, "wrong"):
        ask_for_token(api.client.client_id, secret)
    assert hashed == ["compared"] * 4, "also after a match"


def test_a_secret_that_ends_while_it_is_compared_gives_no_token(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare_and_lose(secret: str, encoded: str) -> bool:
        matches = check_password(secret, encoded)
        rotate_secret(client=api.client, overlap=timedelta(0), by=BUILDER)
        return matches

    monkeypatch.setattr(token_endpoint, "check_password", compare_and_lose)
    assert not gets_token(api, api.secret)
    assert not Token.objects.exists()


# --- What a change does to tokens -----------------------------------------------------------------------------------
def test_changed_scopes_hold_at_once(world: World, api: ApiClient) -> None:
    change_machine_client(
        client=api.client,
        name="Nytt namn",
        systems=["websesam"],
        scopes=[Scope.COMPLETIONS_WRITE],
        principal_kinds=[],
        by=BUILDER,
    )

    assert not is_answered(api)
    assert ask_for_token(api.client.client_id, api.secret).json()["scope"] == "completions:write"
    asked = ask_for_token(api.client.client_id, api.secret, scope="eligibility:read")
    assert asked.json()["error"] == "invalid_scope"


def test_a_changed_binding_holds_from_the_next_request(world: World, api: ApiClient) -> None:
    assert is_answered(api)

    change_machine_client(
        client=api.client,
        name="webSesam",
        systems=["sesamlmn"],
        scopes=[Scope.ELIGIBILITY_READ, Scope.COMPLETIONS_WRITE],
        principal_kinds=[],
        by=BUILDER,
    )

    answer = api.get("eligibility", {"hsa_id": "SE2321000131-NOBODY", "right": "websesam.unit"})
    assert answer.status_code == 403, "the token lives, the right is another system's now"


def test_a_client_gives_a_token_back(world: World, api: ApiClient) -> None:
    before = Epoch.objects.get().clients
    form = {"token": api.token, "client_id": api.client.client_id, "client_secret": api.secret}

    assert Client().post("/identity/o/api/revoke", {**form, "client_secret": "wrong"}).status_code == 401
    assert is_answered(api)
    assert Client().post("/identity/o/api/revoke", form).status_code == 200
    assert not is_answered(api)
    assert Epoch.objects.get().clients == before + 1


@pytest.mark.parametrize("what", ["rotate", "end", "change", "shut out", "let in", "revoke"])
def test_every_change_of_a_client_reaches_the_copies_that_processes_keep(
    world: World, api: ApiClient, what: str
) -> None:
    new = rotate_secret(client=api.client, by=BUILDER)
    before = Epoch.objects.get().clients
    same: dict[str, Any] = {"name": "x", "systems": [], "scopes": ["eligibility:read"], "principal_kinds": []}
    acts: dict[str, Callable[[], object]] = {
        "rotate": lambda: rotate_secret(client=api.client, overlap=timedelta(0), by=BUILDER),
        "end": lambda: end_secret(secret=new.record, by=BUILDER),
        "change": lambda: change_machine_client(client=api.client, **same, by=BUILDER),
        "shut out": lambda: deactivate_machine_client(client=api.client, by=BUILDER),
        "let in": lambda: reactivate_machine_client(client=api.client, by=BUILDER),
        "revoke": lambda: revoke_client_tokens(client=api.client, by=BUILDER),
    }
    acts[what]()
    assert Epoch.objects.get().clients == before + 1


@pytest.mark.parametrize("what", ["rotate", "end", "change", "shut out", "let in", "revoke"])
def test_nobody_else_changes_a_client(world: World, api: ApiClient, what: str) -> None:
    stranger = make_person()
    same: dict[str, Any] = {"name": "x", "systems": [], "scopes": ["eligibility:read"], "principal_kinds": []}
    acts: dict[str, Callable[[], object]] = {
        "rotate": lambda: rotate_secret(client=api.client, by=stranger),
        "end": lambda: end_secret(secret=api.client.secrets.get(), by=stranger),
        "change": lambda: change_machine_client(client=api.client, **same, by=stranger),
        "shut out": lambda: deactivate_machine_client(client=api.client, by=stranger),
        "let in": lambda: reactivate_machine_client(client=api.client, by=stranger),
        "revoke": lambda: revoke_client_tokens(client=api.client, by=stranger),
    }
    with pytest.raises(PermissionDenied):
        acts[what]()
    assert is_answered(api)


# --- Too many tries -------------------------------------------------------------------------------------------------
def test_a27_tries_of_one_client_are_limited(world: World, api: ApiClient, settings: Any) -> None:
    settings.TOKENS_PER_MINUTE = 3  # one of them was used to make `api`

    answers = [ask_for_token(api.client.client_id, secret) for secret in ("wrong", "wrong", api.secret)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2].json()["error"] == "temporarily_unavailable"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert '"tokens";r=0;' in answers[2].headers["RateLimit"]
    assert gets_token(make_api_client(), "wrong") is False, "others are not held up"


def test_a27_tries_from_one_address_are_limited_whatever_the_client(world: World, settings: Any) -> None:
    settings.TOKEN_REQUESTS_PER_MINUTE = 2

    answers = [ask_for_token(f"client-{number}", "x") for number in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert '"token-requests";q=2;w=60' in answers[0].headers["RateLimit-Policy"]


def test_a27_a_stranger_does_not_use_up_a_clients_tries(world: World, api: ApiClient, settings: Any) -> None:
    settings.TOKENS_PER_MINUTE = 2
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    form = {"grant_type": "client_credentials", "client_id": api.client.client_id, "client_secret": "guess"}
    assert [stranger.post("/identity/o/api/token", form).status_code for _n in range(3)] == [401, 401, 429]

    assert gets_token(api, api.secret)


def test_a_refused_try_costs_no_hash(world: World, api: ApiClient, settings: Any, monkeypatch: Any) -> None:
    settings.TOKENS_PER_MINUTE = 0
    monkeypatch.setattr(token_endpoint, "_look_into", lambda credentials: pytest.fail("hashed"))

    assert ask_for_token(api.client.client_id, api.secret).status_code == 429


# --- The command ----------------------------------------------------------------------------------------------------
def command(*words: str) -> str:
    out = StringIO()
    call_command("machine_client", *words, stdout=out)
    return out.getvalue()


def test_the_command_rotates_and_says_until_when_the_earlier_works(world: World, api: ApiClient) -> None:
    said = command("rotate_secret", api.client.client_id, "--overlap-days=2")

    assert gets_token(api, said.splitlines()[0].removeprefix("client_secret: "))
    assert gets_token(api, api.secret)
    assert "works until" in said
    assert "ends" in command("list")


def test_the_command_ends_a_leaked_secret_at_once(world: World, api: ApiClient) -> None:
    assert "has ended" in command("rotate_secret", api.client.client_id, "--leaked")

    assert not gets_token(api, api.secret)
    assert not is_answered(api)


def test_the_command_ends_one_of_two_by_its_beginning(world: World, api: ApiClient) -> None:
    rotate_secret(client=api.client, by=BUILDER)

    command("end_secret", api.client.client_id, api.secret[:6])

    assert not gets_token(api, api.secret)
    with pytest.raises(CommandError, match="0 valid secrets"):
        command("end_secret", api.client.client_id, api.secret[:6])


def test_no_secret_begins_as_an_option_does(world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter(["-rest", "-other", "plain-rest"])
    monkeypatch.setattr("competence.actions.client_secrets.secrets.token_urlsafe", lambda _bytes: next(made))
    assert rotate_secret(client=api.client, by=BUILDER).secret == "plain-rest"


def test_the_command_shuts_out_lets_in_and_revokes(world: World, api: ApiClient) -> None:
    command("revoke", api.client.client_id)
    assert "SHUT OUT" in command("list")
    assert not gets_token(api, api.secret)
    command("restore", api.client.client_id)
    assert gets_token(api, api.secret)
    assert command("revoke_tokens", api.client.client_id).startswith("1 ")


def test_the_command_changes_what_a_client_may_do(world: World, api: ApiClient) -> None:
    command("change", api.client.client_id, "--scope=statistics:read", "--principal=vgr", "--name=Figurer")

    changed = MachineClient.objects.get()
    assert (changed.name, changed.principal_kinds, list(changed.systems.all())) == ("Figurer", ["vgr"], [])
    assert not is_answered(api)


@pytest.mark.parametrize(
    "words",
    [
        ("rotate_secret", "ID"),
        ("rotate_secret", "ID", "--leaked"),
        ("revoke", "ID"),
        ("revoke_tokens", "ID"),
        ("change", "ID", "--scope=statistics:read"),
        ("create", "x", "--scope=statistics:read"),
    ],
)
def test_a_dry_run_changes_nothing(world: World, api: ApiClient, words: tuple[str, ...]) -> None:
    said = command(*(api.client.client_id if word == "ID" else word for word in words), "--dry-run")

    assert "Nothing was changed" in said
    assert "secret" not in said
    assert is_answered(api)
    assert gets_token(api, api.secret)
    assert ClientSecret.objects.count() == MachineClient.objects.count() == 1


def test_the_list_costs_the_same_for_one_and_three(
    world: World, api: ApiClient, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        command("list")
    make_api_client()
    make_api_client()
    with django_assert_num_queries(5):
        command("list")


def test_an_unknown_client_ends_the_command_with_a_sentence(world: World) -> None:
    with pytest.raises(CommandError, match="no client x"):
        command("revoke", "x")


def test_a_client_of_before_goes_on_with_its_secret(world: World, api: ApiClient) -> None:
    """What the migration does with a hash that the library kept."""
    old = OAuthClient.objects.get(pk=api.client.client_id)
    old.set_secret("from-before")
    old.save()
    ClientSecret.objects.create(client=api.client, hash=old.secret)
    assert gets_token(api, "from-before")

    add_secret(api.client, by=BUILDER)
    old.refresh_from_db()
    assert not old.check_secret("from-before"), "the copy in the library does not outlive a rotation"
