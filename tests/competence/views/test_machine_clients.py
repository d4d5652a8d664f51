"""Maskinklienter: admitted, renewed and shut out on pages; whom they looked up; alarms."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from competence.actions.client_secrets import rotate_secret
from competence.actions.harvesting import raise_alarm
from competence.actions.webhooks import create_webhook
from competence.harvesting import watch
from competence.models.client_activity import HarvestAlarm
from competence.models.machine_client import ClientSecret, MachineClient
from competence.models.webhook import Webhook
from lms.audit.models import AuditEvent
from lms.users.models import User
from tests.competence.views.helpers import client_of, same_body, text_of
from tests.factories.competence import BUILDER, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, ask_for_token, make_api_client

URL = "/maskinklienter/"
NOBODY = "SE2321000131-NOBODY"


@pytest.fixture
def keeper(world: World) -> User:
    person = make_person(email="samverkan@example.se")
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return person


@pytest.fixture
def client(keeper: User) -> Client:
    return client_of(keeper)


@pytest.fixture
def api(world: World) -> ApiClient:
    return make_api_client(client_id="websesam")


def own(path: str = "") -> str:
    return f"{URL}klient/websesam/{path}"


def make_alarm(api: ApiClient) -> HarvestAlarm:
    alarm = raise_alarm(
        client=api.client, kind=HarvestAlarm.Kind.PEOPLE, starts_at=timezone.now(), counted=4000, expected=1000
    )
    assert alarm is not None
    return alarm


def test_the_list_tells_what_each_may_and_how_much_it_asks(api: ApiClient, client: Client) -> None:
    api.check(NOBODY)
    api.check(NOBODY)
    watch()

    text = text_of(client.get(URL))

    assert "webSesam" in text
    assert "Fråga vem som får beställa" in text or "Ask who may order" not in text
    assert "alla huvudmän" in text
    assert re.search(r"Insläppt .* 2 ", text)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    world: World, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        make_api_client()
    client.get(URL)
    with django_assert_num_queries(12):
        client.get(URL)


def test_a_client_is_admitted_and_its_secret_shown_once(world: World, client: Client) -> None:
    answer = client.post(
        f"{URL}ny/",
        {"name": "Nytt system", "scopes": ["eligibility:read"], "systems": ["websesam"], "principal_kinds": ["vgr"]},
    )

    made = MachineClient.objects.get()
    assert (made.name, made.principal_kinds) == ("Nytt system", ["vgr"])
    found = re.search(r'<code class="secret">([^<]+)</code>', answer.content.decode())
    assert found is not None
    assert ask_for_token(made.client_id, found[1]).status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    page = client.get(f"{URL}klient/{made.client_id}/").content.decode()
    assert found[1] not in page
    assert found[1][:6] in page


def test_a_client_without_a_scope_is_not_admitted(world: World, client: Client) -> None:
    assert client.post(f"{URL}ny/", {"name": "x"}).status_code == 422
    assert not MachineClient.objects.exists()


def test_a_secret_is_renewed_with_an_overlap(api: ApiClient, client: Client) -> None:
    answer = client.post(own("hemlighet/"), {"overlap": "168"})

    found = re.search(r'<code class="secret">([^<]+)</code>', answer.content.decode())
    assert found is not None
    assert ask_for_token("websesam", found[1]).status_code == 200
    assert ask_for_token("websesam", api.secret).status_code == 200
    assert "gäller till" in text_of(answer)
    assert "Två hemligheter" in text_of(client.get(URL))
    assert client.post(own("hemlighet/"), {"overlap": "168"}).status_code == 422, "no third beside them"


def test_a_leaked_one_ends_at_once(api: ApiClient, client: Client) -> None:
    client.post(own("hemlighet/"), {"overlap": "0"})

    assert ask_for_token("websesam", api.secret).status_code == 401
    assert api.get("eligibility", {"hsa_id": NOBODY, "right": "websesam.unit"}).status_code == 401


def test_an_old_secret_is_ended_after_a_question(api: ApiClient, client: Client) -> None:
    rotate_secret(client=api.client, by=BUILDER)
    [old] = ClientSecret.objects.filter(ends_at__isnull=False)
    address = own(f"hemlighet/{old.public_id}/")

    assert "Avsluta hemligheten nu" in text_of(client.get(address))
    assert ask_for_token("websesam", api.secret).status_code == 200, "asked, not done"
    client.post(address)
    assert ask_for_token("websesam", api.secret).status_code == 401
    assert client.get(address).status_code == 404, "it has ended"


def test_a40_another_clients_secret_is_as_missing(api: ApiClient, client: Client) -> None:
    other = make_api_client()
    rotate_secret(client=other.client, by=BUILDER)
    secret = other.client.secrets.first()
    assert secret

    found = client.post(own(f"hemlighet/{secret.public_id}/"))
    missing = client.post(own("hemlighet/00000000-0000-4000-8000-000000000000/"))

    assert (found.status_code, same_body(found)) == (404, same_body(missing))
    assert other.client.secrets.valid().count() == 2


@pytest.mark.parametrize(("step", "status"), [("stang-av", 401), ("aterkalla", 401)])
def test_shutting_out_and_revoking_hold_at_once(api: ApiClient, client: Client, step: str, status: int) -> None:
    assert client.get(own(f"{step}/")).status_code == 200
    assert api.get("eligibility", {"hsa_id": NOBODY, "right": "websesam.unit"}).status_code == 200

    client.post(own(f"{step}/"))

    assert api.get("eligibility", {"hsa_id": NOBODY, "right": "websesam.unit"}).status_code == status


def test_one_that_is_shut_out_is_let_in_again(api: ApiClient, client: Client) -> None:
    client.post(own("stang-av/"))
    assert "Avstängd" in text_of(client.get(own()))
    client.post(own("slapp-in/"))
    assert ask_for_token("websesam", api.secret).status_code == 200


def test_what_a_client_may_do_is_changed(api: ApiClient, client: Client) -> None:
    assert 'value="websesam"' in client.get(own("andra/")).content.decode()

    client.post(own("andra/"), {"name": "Annat", "scopes": ["statistics:read"]})

    changed = MachineClient.objects.get()
    assert (changed.name, list(changed.systems.all())) == ("Annat", [])
    assert "Läsa siffror" in text_of(client.get(own())) or "Annat" in text_of(client.get(own()))


# --- Look-ups -------------------------------------------------------------------------------------------------------
def test_the_log_tells_who_was_looked_up_and_the_reading_is_noted(
    world: World, api: ApiClient, client: Client, keeper: User
) -> None:
    prescriber = make_prescriber(world.clinic)
    api.check(prescriber.hsa_id)
    api.get("eligibility", {"hsa_id": NOBODY, "right": "websesam.unit"}, **{"Look-Up-Purpose": "control"})

    text = text_of(client.get(own("uppslag/")))

    assert prescriber.person.full_name in text
    assert "ingen här" in text
    assert "kontroll före beställning" in text
    assert " control " in text
    noted = AuditEvent.objects.get(action="view_client_look_ups")
    assert (noted.person, noted.actor, noted.purpose) == (prescriber.person, keeper, "oversight")
    one = text_of(client.get(own("uppslag/"), {"hsa_id": prescriber.hsa_id.lower()}))
    assert prescriber.person.full_name in one
    assert "ingen här" not in one


def test_the_log_is_of_one_client_and_one_day(world: World, api: ApiClient, client: Client) -> None:
    prescriber = make_prescriber(world.clinic)
    make_api_client(client_id="other").check(prescriber.hsa_id)
    assert prescriber.hsa_id not in text_of(client.get(own("uppslag/")))

    api.check(prescriber.hsa_id)
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
    assert prescriber.hsa_id not in text_of(client.get(own("uppslag/"), {"dag": yesterday}))


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_costs_the_same_for_one_and_three(
    world: World, api: ApiClient, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        api.check(make_prescriber(world.clinic).hsa_id)
    client.get(own("uppslag/"))
    with django_assert_num_queries(10):
        client.get(own("uppslag/"))


@pytest.mark.parametrize("query", [{"dag": "nonsense"}, {"page": "99"}, {"hsa_id": "x" * 500}])
def test_a_wrong_filter_is_left_out(api: ApiClient, client: Client, query: dict[str, str]) -> None:
    assert client.get(own("uppslag/"), query).status_code == 200


# --- Alarms ---------------------------------------------------------------------------------------------------------
def test_an_alarm_is_seen_and_handled(api: ApiClient, client: Client, keeper: User) -> None:
    alarm = make_alarm(api)
    assert "Ovanligt många olika personer" in text_of(client.get(URL))
    assert "Ovanligt många olika personer" in text_of(client.get(own()))

    client.post(f"{URL}larm/{alarm.public_id}/", {"ordinary": "1"})

    alarm.refresh_from_db()
    assert (alarm.handled_by, alarm.is_ordinary) == (keeper, True)
    assert "Ovanligt många" not in text_of(client.get(URL))


# --- Who gets in ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "",
        "ny/",
        "klient/websesam/",
        "klient/websesam/andra/",
        "klient/websesam/hemlighet/",
        "klient/websesam/uppslag/",
        "klient/websesam/stang-av/",
        "klient/websesam/nonsense/",
    ],
)
def test_nobody_else_gets_in(world: World, api: ApiClient, path: str) -> None:
    for stranger in (make_prescriber(world.clinic).person, world.manager, world.outsider):
        browser = client_of(stranger)
        assert browser.get(URL + path).status_code == 403
        assert browser.post(URL + path).status_code in {403, 405}
    assert Client().get(URL + path).status_code == 302
    assert api.get("eligibility", {"hsa_id": NOBODY, "right": "websesam.unit"}).status_code == 200


def test_a_statistician_gets_in_neither_by_alarm_nor_secret(api: ApiClient) -> None:
    person = make_person()
    person.groups.add(Group.objects.get(name="Statistiker"))
    browser = client_of(person)
    alarm, secret = make_alarm(api), ClientSecret.objects.get()

    assert browser.post(f"{URL}larm/{alarm.public_id}/").status_code == 403
    assert browser.post(own(f"hemlighet/{secret.public_id}/")).status_code == 403


@pytest.mark.parametrize("path", ["klient/nobody/", "klient/nobody/uppslag/", "klient/websesam/nonsense/"])
def test_what_is_not_there_is_missing(api: ApiClient, client: Client, path: str) -> None:
    assert client.get(URL + path).status_code == 404


@pytest.mark.parametrize("path", ["stang-av/", "hemlighet/", "andra/"])
def test_a45_a_change_without_a_csrf_token_is_refused(api: ApiClient, keeper: User, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")

    assert browser.post(own(path), {"overlap": "0", "name": "x"}).status_code == 403


# --- Webhooks -------------------------------------------------------------------------------------------------------
@pytest.fixture
def webhook(api: ApiClient) -> Webhook:
    return create_webhook(client=api.client, url="http://127.0.0.1:9/hook", by=BUILDER).webhook


def test_a_clients_webhooks_are_on_its_page(api: ApiClient, webhook: Webhook, client: Client) -> None:
    Webhook.objects.update(state=Webhook.State.PARKED, last_error="status 503")

    text = text_of(client.get(own()))

    assert "http://127.0.0.1:9/hook" in text
    assert "Stoppad" in text
    assert "status 503" in text


@pytest.mark.parametrize(("step", "state"), [("pausa", "paused"), ("ateruppta", "active"), ("prova", "active")])
def test_a_webhook_is_paused_resumed_and_tried_after_a_question(
    api: ApiClient, webhook: Webhook, client: Client, step: str, state: str
) -> None:
    address = own(f"webhook/{webhook.public_id}/{step}/")
    assert webhook.url in text_of(client.get(address))

    client.post(address)

    webhook.refresh_from_db()
    assert (webhook.state, webhook.test_asked_at is not None) == (state, step == "prova")


def test_a_webhook_is_removed(api: ApiClient, webhook: Webhook, client: Client) -> None:
    client.post(own(f"webhook/{webhook.public_id}/ta-bort/"))
    assert not Webhook.objects.exists()


def test_a40_another_clients_webhook_is_as_missing(api: ApiClient, client: Client) -> None:
    other = create_webhook(client=make_api_client().client, url="http://127.0.0.1:9/hook", by=BUILDER).webhook

    found = client.post(own(f"webhook/{other.public_id}/ta-bort/"))
    missing = client.post(own("webhook/00000000-0000-4000-8000-000000000000/ta-bort/"))
    nonsense = client.post(own(f"webhook/{other.public_id}/nonsense/"))

    assert (found.status_code, same_body(found)) == (404, same_body(missing))
    assert nonsense.status_code == 404
    assert Webhook.objects.exists()


def test_nobody_else_touches_a_webhook(world: World, api: ApiClient, webhook: Webhook) -> None:
    for stranger in (make_prescriber(world.clinic).person, world.manager, world.outsider):
        assert client_of(stranger).post(own(f"webhook/{webhook.public_id}/ta-bort/")).status_code == 403
    assert Webhook.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_client_costs_the_same_with_one_webhook_and_three(
    api: ApiClient, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        create_webhook(client=api.client, url="http://127.0.0.1:9/hook", by=BUILDER)
    client.get(own())
    with django_assert_num_queries(16):
        client.get(own())


@pytest.mark.parametrize(
    ("words", "state"), [(["pause"], "paused"), (["resume", "--after", "start"], "active"), (["test"], "active")]
)
def test_the_command_does_what_the_page_does(webhook: Webhook, words: list[str], state: str) -> None:
    out = StringIO()
    call_command("webhook", words[0], str(webhook.public_id), *words[1:], "--dry-run", stdout=out)
    webhook.refresh_from_db()
    assert (webhook.state, webhook.test_asked_at) == ("active", None)

    call_command("webhook", words[0], str(webhook.public_id), *words[1:], stdout=out)
    call_command("webhook", "list", stdout=out)

    webhook.refresh_from_db()
    assert webhook.state == state
    assert f"{webhook.url}, {state}" in out.getvalue()
    call_command("webhook", "remove", str(webhook.public_id), stdout=out)
    with pytest.raises(CommandError, match="no webhook"):
        call_command("webhook", "pause", str(webhook.public_id), stdout=out)
