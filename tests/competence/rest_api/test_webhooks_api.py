"""Webhooks as an ordering system's developer meets them: made, looked at, changed, tried and removed by the API."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook as Verifier

from competence.models.machine_client import Scope
from competence.models.webhook import Webhook, WebhookSecret
from competence.tasks import wake_webhooks
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import World
from tests.factories.machine_clients import ApiClient, make_api_client
from tests.receiver import Receiver, receiving

METHODS = (
    ("get", "webhooks/{id}"),
    ("patch", "webhooks/{id}"),
    ("delete", "webhooks/{id}"),
    ("post", "webhooks/{id}/secret"),
    ("post", "webhooks/{id}/test"),
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def call(api: ApiClient, method: str, path: str, body: Any = None) -> Any:
    """Any method, with a JSON body where one belongs."""
    more: dict[str, Any] = {"content_type": "application/json", "data": body or {}} if method != "get" else {}
    if method == "delete":
        more = {}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=api.headers, **more)


def make(api: ApiClient, receiver: Receiver, **values: Any) -> dict[str, Any]:
    answer = api.post("webhooks", {"url": receiver.url, **values})
    assert answer.status_code == 200, answer.content.decode()
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/api/v1/webhooks/{made['id']}"
    return made


@pytest.mark.parametrize("operation", ["test", "secret"])
def test_what_needs_no_body_needs_no_word_of_its_kind(
    world: World, api: ApiClient, receiver: Receiver, operation: str
) -> None:
    """As curl and the like send a POST without a body. One of another kind than JSON is refused all the same."""
    address = f"/api/v1/webhooks/{make(api, receiver)['id']}/{operation}"

    assert Client().generic("POST", address, content_type="", headers=api.headers).status_code == 200
    other = Client().generic("POST", address, b"a=b", content_type="", headers=api.headers)
    assert problem(other, 415) == "unsupported_media_type"
    form = Client().generic(
        "POST", address, b"a=b", content_type="application/x-www-form-urlencoded", headers=api.headers
    )
    assert problem(form, 415) == "unsupported_media_type"


def test_a_webhook_is_made_and_its_secret_told_once(world: World, api: ApiClient, receiver: Receiver) -> None:
    made = make(api, receiver, description="Prov")

    assert made["secret"].startswith("whsec_")
    assert (made["state"], made["description"], made["waiting"]) == ("active", "Prov", 0)
    shown = call(api, "get", f"webhooks/{made['id']}").json()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert call(api, "get", "webhooks").json() == {"webhooks": [shown]}
    assert made["secret"] not in WebhookSecret.objects.get().sealed


def test_a_test_message_is_sent_and_its_result_told(world: World, api: ApiClient, receiver: Receiver) -> None:
    made = make(api, receiver)

    assert call(api, "post", f"webhooks/{made['id']}/test").status_code == 200
    wake_webhooks()

    [got] = receiver.got
    assert Verifier(made["secret"]).verify(got.body, got.headers)["data"]["webhook"] == made["id"]
    assert call(api, "get", f"webhooks/{made['id']}").json()["test_result"] == "status 200"


def test_it_is_changed_paused_resumed_and_removed(world: World, api: ApiClient, receiver: Receiver) -> None:
    made = make(api, receiver)
    address = f"webhooks/{made['id']}"

    changed = call(api, "patch", address, {"description": "Ny", "url": f"{receiver.url}/2"}).json()
    assert (changed["description"], changed["url"]) == ("Ny", f"{receiver.url}/2")
    assert call(api, "patch", address, {"is_active": False}).json()["state"] == "paused"
    resumed = call(api, "patch", address, {"is_active": True, "after": "start"}).json()
    assert (resumed["state"], resumed["cursor"].rsplit(".", 1)[1]) == ("active", "0")
    assert call(api, "delete", address).status_code == 200
    assert problem(call(api, "get", address), 404) == "not_found"


def test_its_secret_is_renewed(world: World, api: ApiClient, receiver: Receiver) -> None:
    made = make(api, receiver)

    new = call(api, "post", f"webhooks/{made['id']}/secret", {"overlap_hours": 2}).json()

    assert new["secret"] != made["secret"]
    assert new["earlier_ends_at"]
    assert WebhookSecret.objects.valid().count() == 2
    leaked = call(api, "post", f"webhooks/{made['id']}/secret", {"overlap_hours": 0}).json()
    assert leaked["earlier_ends_at"] is None
    assert WebhookSecret.objects.valid().count() == 1


@pytest.mark.parametrize(("method", "path"), METHODS)
def test_a40_another_clients_webhook_is_as_missing(
    world: World, api: ApiClient, receiver: Receiver, method: str, path: str
) -> None:
    made = make(api, receiver)
    stranger = make_api_client()

    found = call(stranger, method, path.format(id=made["id"]))
    missing = call(stranger, method, path.format(id="00000000-0000-4000-8000-000000000000"))

    assert problem(found, 404) == "not_found"
    assert found.content == missing.content
    assert call(stranger, "get", "webhooks").json() == {"webhooks": []}
    assert Webhook.objects.get().secrets.valid().count() == 1


@pytest.mark.parametrize(("method", "path"), [*METHODS, ("get", "webhooks"), ("post", "webhooks")])
def test_another_scope_is_not_enough(world: World, api: ApiClient, receiver: Receiver, method: str, path: str) -> None:
    made = make(api, receiver)
    other = make_api_client(scopes=[Scope.STATISTICS_READ], client_id="other")

    assert problem(call(other, method, path.format(id=made["id"])), 403) == "insufficient_scope"


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://u:p@example.org/", "nonsense"]
)
def test_a46_an_address_within_is_refused_with_a_sentence(
    world: World, api: ApiClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)  # these are numbers: nobody is asked
    answer = api.post("webhooks", {"url": url})

    assert problem(answer, 422) == "refused"
    assert answer.json()["detail"]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("body", [{}, {"url": 1}, {"url": "x" * 501}, {"url": "https://example.org/", "after": 5}])
def test_a_wrong_body_is_refused_by_field(world: World, api: ApiClient, body: dict[str, Any]) -> None:
    assert problem(api.post("webhooks", body), 400) == "invalid_parameter"


def test_an_unknown_cursor_is_refused(world: World, api: ApiClient, receiver: Receiver) -> None:
    assert problem(api.post("webhooks", {"url": receiver.url, "after": "1.00000000.5"}), 422) == "refused"


def test_the_same_request_again_makes_no_second_one(world: World, api: ApiClient, receiver: Receiver) -> None:
    first, second = (api.post("webhooks", {"url": receiver.url}, **{"Idempotency-Key": "a"}) for _number in range(2))

    assert first.json() == second.json()
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    world: World, api: ApiClient, receiver: Receiver, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        make(api, receiver)
    api.get("webhooks")
    with django_assert_num_queries(4):
        api.get("webhooks")


@pytest.mark.parametrize("hours", [True, "24", 24.5])
def test_hours_that_are_no_whole_number_are_refused(
    world: World, api: ApiClient, receiver: Receiver, hours: object
) -> None:
    made = make(api, receiver)

    answer = call(api, "post", f"webhooks/{made['id']}/secret", {"overlap_hours": hours})

    assert problem(answer, 400) == "invalid_parameter"
    assert WebhookSecret.objects.count() == 1
