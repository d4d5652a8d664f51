"""Webhooks whose receivers hang, change, may not be told, or lie within; and what holds whatever fails."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Verifier

from competence.actions.machine_clients import change_machine_client, deactivate_machine_client
from competence.actions.webhooks import (
    ask_for_test,
    change_webhook,
    create_webhook,
    pause_webhook,
    remove_webhook,
    resume_webhook,
    rotate_webhook_secret,
)
from competence.models.machine_client import Scope
from competence.models.webhook import Webhook
from competence.tasks import wake_webhooks
from competence.webhooks import delivery
from competence.webhooks.delivery import deliver_to, due_webhooks
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal
from lms.lib.outgoing import Sender
from tests.factories.competence import BUILDER, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client
from tests.factories.webhooks import arrived, deliver, make_webhook, numbers, turn
from tests.receiver import Got, Receiver, hanging, receiving


@pytest.fixture
def api(world: World) -> ApiClient:
    return make_api_client()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


# --- One that hangs delays no other ---------------------------------------------------------------------------------
@pytest.mark.parametrize("drip", [b"", b"H"])
def test_one_that_hangs_is_cut_off_and_the_others_get_theirs(
    world: World, api: ApiClient, receiver: Receiver, settings: Any, drip: bytes
) -> None:
    settings.WEBHOOK_SECONDS = 3  # also for the one that answers
    with hanging(b"", drip) as url:
        slow, _secret = make_webhook(api, url)
        good, _secret = make_webhook(make_api_client(), receiver.url)
        turn(make_prescriber(world.clinic))
        begun = time.monotonic()

        assert wake_webhooks() == 2

        assert time.monotonic() - begun < 30, "it hangs for ever"
    assert receiver.got
    slow.refresh_from_db()
    good.refresh_from_db()
    assert slow.attempts == 1
    assert "time" in slow.last_error
    assert good.attempts == 0


def test_nobody_listening_is_a_failure_like_any(world: World, api: ApiClient) -> None:
    with receiving() as gone:
        url = gone.url
    webhook, _secret = make_webhook(api, url)
    turn(make_prescriber(world.clinic))

    assert deliver(webhook).last_error == "ConnectionRefusedError"


def test_a_run_gives_others_their_turn(
    world: World, api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make_prescriber(world.clinic)
    webhook, _secret = make_webhook(api, receiver.url)
    start = webhook.place
    for _number in range(3):
        turn(one)
    monkeypatch.setattr(delivery, "RUN", timedelta(0))

    assert deliver_to(webhook.pk) is True
    assert len(receiver.got) == 1
    while deliver_to(webhook.pk):
        pass
    assert arrived(receiver) == numbers(api, start)


# --- Who may be told what -------------------------------------------------------------------------------------------
def test_a40_a_client_is_told_of_its_own_rights_and_principals_only(world: World, receiver: Receiver) -> None:
    other_system = make_api_client(systems=["sesamlmn"])
    other_principal = make_api_client(principal_kinds=["municipality"])
    hooks = [make_webhook(one, receiver.url)[0] for one in (other_system, other_principal)]
    turn(make_prescriber(world.clinic))

    for webhook in hooks:
        before = webhook.place
        deliver(webhook)
        assert webhook.place > before, "it has gone past what it may not see"
    assert receiver.got == []


@pytest.mark.parametrize("what", ["shut out", "scope taken"])
def test_a_client_that_may_no_longer_ask_is_told_nothing(
    world: World, api: ApiClient, receiver: Receiver, what: str
) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    if what == "shut out":
        deactivate_machine_client(client=api.client, by=BUILDER)
    else:
        change_machine_client(
            client=api.client,
            name="x",
            systems=["websesam"],
            scopes=[Scope.STATISTICS_READ],
            principal_kinds=[],
            by=BUILDER,
        )

    deliver(webhook)

    assert receiver.got == []


def test_a40_nobody_touches_anothers_webhook(world: World, api: ApiClient, receiver: Receiver) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    strangers: list[Actor] = [make_person(), Machine(make_api_client().client.actor_name)]
    for stranger in strangers:
        acts: list[Callable[[], object]] = [
            partial(create_webhook, client=api.client, url=receiver.url, by=stranger),
            partial(change_webhook, webhook=webhook, url=receiver.url + "/x", by=stranger),
            partial(pause_webhook, webhook=webhook, by=stranger),
            partial(resume_webhook, webhook=webhook, by=stranger),
            partial(rotate_webhook_secret, webhook=webhook, by=stranger),
            partial(ask_for_test, webhook=webhook, by=stranger),
            partial(remove_webhook, webhook=webhook, by=stranger),
        ]
        for act in acts:
            with pytest.raises(PermissionDenied):
                act()
    assert Webhook.objects.get().state == Webhook.State.ACTIVE


# --- Paused, changed, removed while it is being sent to ------------------------------------------------------------
@pytest.mark.parametrize("act", ["pause", "remove", "change"])
def test_what_is_done_to_a_webhook_stops_a_run_that_is_going_on(
    world: World, api: ApiClient, receiver: Receiver, act: str
) -> None:
    one = make_prescriber(world.clinic)
    webhook, _secret = make_webhook(api, receiver.url)
    turn(one)
    turn(one)
    acts: dict[str, Callable[[], object]] = {
        "pause": lambda: pause_webhook(webhook=webhook, by=BUILDER),
        "remove": lambda: remove_webhook(webhook=webhook, by=BUILDER),
        "change": lambda: change_webhook(webhook=webhook, url=f"{receiver.url}/other", by=BUILDER),
    }
    send = Sender.post

    def post(self: Any, body: bytes, headers: Any) -> Any:
        answer = send(self, body, headers)
        if len(receiver.got) == 1:
            acts[act]()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "post", post)
        deliver_to(webhook.pk)
    assert len(receiver.got) == 1


def test_a_worker_that_died_is_followed_after_its_lease(world: World, api: ApiClient, receiver: Receiver) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    Webhook.objects.update(lease=uuid.uuid4(), leased_until=timezone.now() + timedelta(seconds=30))

    assert due_webhooks() == []
    deliver(webhook)
    assert receiver.got == []
    Webhook.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert due_webhooks() == [webhook.pk]
    deliver(webhook)
    assert receiver.got


def test_a_test_message_is_sent_once_and_told_also_to_one_that_is_paused(
    world: World, api: ApiClient, receiver: Receiver
) -> None:
    webhook, secret = make_webhook(api, receiver.url)
    pause_webhook(webhook=webhook, by=BUILDER)
    turn(make_prescriber(world.clinic))
    receiver.reply = lambda got: (418, {})
    ask_for_test(webhook=webhook, by=BUILDER)

    wake_webhooks()
    wake_webhooks()

    [got] = receiver.got
    assert Verifier(secret).verify(got.body, got.headers)["type"] == "webhook.test"
    webhook.refresh_from_db()
    assert (webhook.test_result, webhook.attempts) == ("status 418", 0)


# --- Addresses ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x", "https://u:p@example.org/", "ftp://x/", "x"],
)
def test_a46_an_address_within_is_refused_when_it_is_registered_and_changed(
    world: World, api: ApiClient, receiver: Receiver, settings: Any, url: str
) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    settings.WEBHOOK_ALLOW_LOOPBACK = False

    with pytest.raises(Refusal):
        create_webhook(client=api.client, url=url, by=BUILDER)
    with pytest.raises(Refusal):
        change_webhook(webhook=webhook, url=url, by=BUILDER)


def test_a46_an_address_that_has_become_one_within_is_not_sent_to(
    world: World, api: ApiClient, receiver: Receiver, settings: Any
) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    settings.WEBHOOK_ALLOW_LOOPBACK = False

    assert deliver(webhook).last_error.startswith("forbidden")
    ask_for_test(webhook=webhook, by=BUILDER)
    deliver(webhook)
    assert receiver.got == []


def test_a_client_has_no_more_than_ten(world: World, api: ApiClient, receiver: Receiver) -> None:
    for _number in range(10):
        make_webhook(api, receiver.url)
    with pytest.raises(Refusal, match="10"):
        make_webhook(api, receiver.url)


# --- At least once, in order: whatever the receiver does -------------------------------------------------------------
@pytest.mark.django_db(transaction=False)
def test_at_least_once_and_in_order_whatever_fails(world: World, api: ApiClient, receiver: Receiver) -> None:
    one = make_prescriber(world.clinic)
    for _number in range(4):
        turn(one)
    expected = numbers(api)

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.sampled_from([200, 204, 500, 429, "killed", "stale"]), max_size=12))
    def property_holds(fates: list[Any]) -> None:
        webhook, _secret = make_webhook(api, receiver.url, after="start")
        receiver.got.clear()
        waiting = list(fates)
        taken: list[int] = []

        def reply(got: Got) -> tuple[int, dict[str, str]]:
            fate = waiting.pop(0) if waiting else 200
            if fate in (500, 429):
                return fate, {}
            taken.append(int(got.id.rsplit("_", 1)[1]))
            if fate in ("killed", "stale"):  # it arrived, and nobody heard of it
                return 599, {}
            return fate, {}

        receiver.reply = reply
        for _try in range(len(fates) + 2):
            deliver(webhook)
        assert sorted(set(taken)) == expected, "at least once"
        firsts = list(dict.fromkeys(taken))
        assert firsts == sorted(firsts), "in order"
        remove_webhook(webhook=webhook, by=BUILDER)

    property_holds()
    assert threading.active_count() < 50
