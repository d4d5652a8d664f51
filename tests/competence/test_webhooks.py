"""Webhooks: signed changes, in order, at least once, to receivers on this machine that take them or fail."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from competence.actions.webhooks import (
    resume_webhook,
    rotate_webhook_secret,
)
from competence.models.outbox import OutboxEvent, Revision
from competence.models.webhook import Webhook
from competence.notices import send_waiting
from competence.outbox import deliver_waiting
from competence.webhooks.delivery import due_webhooks, seconds_in
from competence.webhooks.signing import headers_of, message
from lms.audit.models import AuditEvent
from lms.lib.errors import Refusal
from lms.lib.outgoing import Sender
from tests.factories.competence import BUILDER, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client
from tests.factories.webhooks import arrived, deliver, make_webhook, numbers, turn
from tests.receiver import Got, Receiver, receiving


@pytest.fixture
def api(world: World) -> ApiClient:
    return make_api_client()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


# --- What is sent ---------------------------------------------------------------------------------------------------
def test_changes_arrive_signed_in_order_and_once(world: World, api: ApiClient, receiver: Receiver) -> None:
    one = make_prescriber(world.clinic)
    webhook, secret = make_webhook(api, receiver.url)
    start = webhook.place
    for _number in range(3):
        turn(one)

    assert due_webhooks() == [webhook.pk]
    deliver(webhook)

    assert arrived(receiver) == numbers(api, start)
    assert len(receiver.got) >= 3
    for got in receiver.got:
        body = Verifier(secret).verify(got.body, got.headers)
        assert body["type"] == "eligibility.changed"
        assert body["data"]["hsa_id"] == one.hsa_id
        assert got.headers["content-type"] == "application/json"
    assert due_webhooks() == []
    assert deliver(webhook).last_delivered_at is not None
    assert len(receiver.got) == len(numbers(api, start)), "nothing twice when nothing is new"


def test_the_payload_is_that_of_the_feed_and_names_nobody(world: World, api: ApiClient, receiver: Receiver) -> None:
    one = make_prescriber(world.clinic)
    webhook, _secret = make_webhook(api, receiver.url)
    after = api.get("changes", {"after": "latest"}).json()["next"]
    turn(one)
    deliver(webhook)

    page = api.get("changes", {"after": after}).json()["changes"]
    assert [got.json["data"] for got in receiver.got] == page
    assert set(receiver.got[0].json) == {"type", "timestamp", "data"}
    for got in receiver.got:
        for name in (one.person.first_name, one.person.last_name, one.person.username, one.person.email or "x@y"):
            assert name.encode() not in got.body


def test_who_was_told_about_whom_is_noted(world: World, api: ApiClient, receiver: Receiver) -> None:
    one = make_prescriber(world.clinic)
    webhook, _secret = make_webhook(api, receiver.url)
    turn(one)
    deliver(webhook)

    noted = AuditEvent.objects.get(action="deliver_webhook")
    assert noted.details["people"] == [one.person.pk]
    assert noted.actor_name == api.client.actor_name


def test_our_signature_is_that_of_the_specification() -> None:
    """The example that the specification's own libraries are tested with."""
    made = message("msg_p5jXN8AQM9LWM0D4loKWxJek", "x", timezone.now(), {})
    fixed = type(made)(made.id, b'{"test": 2432232314}')
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = headers_of(fixed, [key], datetime.fromtimestamp(1614265330, UTC))

    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_anothers_secret_does_not_verify(world: World, api: ApiClient, receiver: Receiver) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    _other, secret = make_webhook(make_api_client(), receiver.url)
    turn(make_prescriber(world.clinic))
    deliver(webhook)

    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(receiver.got[0].body, receiver.got[0].headers)


# --- Secrets that rotate --------------------------------------------------------------------------------------------
def test_during_a_rotation_both_secrets_verify_and_then_the_new_one_only(
    world: World, api: ApiClient, receiver: Receiver
) -> None:
    one = make_prescriber(world.clinic)
    webhook, old = make_webhook(api, receiver.url)
    new = rotate_webhook_secret(webhook=webhook, by=BUILDER)
    turn(one)
    deliver(webhook)

    got = receiver.got[-1]
    assert len(got.headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new.secret):
        Verifier(secret).verify(got.body, got.headers)

    webhook.secrets.filter(ends_at__isnull=False).update(ends_at=timezone.now() - timedelta(seconds=1))
    turn(one)
    deliver(webhook)
    got = receiver.got[-1]
    Verifier(new.secret).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(got.body, got.headers)


def test_one_that_leaked_signs_no_more(world: World, api: ApiClient, receiver: Receiver) -> None:
    webhook, old = make_webhook(api, receiver.url)
    new = rotate_webhook_secret(webhook=webhook, overlap=timedelta(0), by=BUILDER)
    turn(make_prescriber(world.clinic))
    deliver(webhook)

    got = receiver.got[-1]
    Verifier(new.secret).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(got.body, got.headers)


def test_a_key_that_is_rotated_in_mid_flight_loses_and_repeats_nothing(
    world: World, api: ApiClient, receiver: Receiver
) -> None:
    one = make_prescriber(world.clinic)
    webhook, old = make_webhook(api, receiver.url)
    start = webhook.place
    for _number in range(3):
        turn(one)
    made: list[str] = []

    def rotate_now(got: Got) -> tuple[int, dict[str, str]]:
        if len(receiver.got) == 2:
            made.append(rotate_webhook_secret(webhook=webhook, by=BUILDER).secret)
        return 200, {}

    send = Sender.post

    def post(self: Any, body: bytes, headers: Any) -> Any:
        answer = send(self, body, headers)
        rotate_now(receiver.got[-1])
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "post", post)
        deliver(webhook)
    deliver(webhook)

    assert made
    assert sorted(set(arrived(receiver))) == numbers(api, start)
    assert arrived(receiver) == sorted(arrived(receiver))
    for got in receiver.got[:2]:
        Verifier(old).verify(got.body, got.headers)
    for got in receiver.got[2:]:
        Verifier(made[0]).verify(got.body, got.headers)
        Verifier(old).verify(got.body, got.headers)


def test_a_secret_under_another_secret_key_is_a_failure_that_says_so(
    world: World, api: ApiClient, receiver: Receiver, settings: Any
) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    settings.SECRET_KEY = "another" * 10

    assert deliver(webhook).last_error == "secret unreadable"
    assert receiver.got == []
    rotate_webhook_secret(webhook=webhook, overlap=timedelta(0), by=BUILDER)
    assert deliver(webhook).last_error == ""
    assert receiver.got


# --- Failures -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_what_is_no_2xx_is_tried_again_and_holds_what_follows(
    world: World, api: ApiClient, receiver: Receiver, status: int
) -> None:
    one = make_prescriber(world.clinic)
    webhook, _secret = make_webhook(api, receiver.url)
    start = webhook.place
    turn(one)
    turn(one)
    receiver.reply = lambda got: (status, {"Location": "http://127.0.0.1:1/"})

    deliver(webhook)

    assert len(receiver.got) == 1, "nothing later is sent before it has arrived"
    assert (webhook.attempts, webhook.last_error, webhook.place) == (1, f"status {status}", start)
    assert webhook.next_attempt_at is not None
    assert due_webhooks() == []
    receiver.reply = None
    deliver(webhook)
    assert arrived(receiver)[1:] == numbers(api, start)
    assert (webhook.attempts, webhook.failing_since, webhook.last_error) == (0, None, "")


def test_the_same_message_has_the_same_id_however_often_it_is_tried(
    world: World, api: ApiClient, receiver: Receiver
) -> None:
    webhook, secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    receiver.reply = lambda got: (500, {})
    deliver(webhook)
    deliver(webhook)

    first, second = receiver.got
    assert first.id == second.id
    assert "." not in first.id
    assert first.body == second.body
    for got in receiver.got:
        Verifier(secret).verify(got.body, got.headers)


def test_waits_double_up_to_hours(world: World, api: ApiClient, receiver: Receiver) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    receiver.reply = lambda got: (500, {})
    waits = []
    for _number in range(16):
        deliver(webhook)
        assert webhook.next_attempt_at is not None
        waits.append((webhook.next_attempt_at - timezone.now()).total_seconds())
    for number, wait in enumerate(waits):
        usual = min(5 * 2**number, 6 * 3600)
        assert 0.8 * usual - 2 <= wait <= 1.2 * usual, number


def test_retry_after_is_honoured(world: World, api: ApiClient, receiver: Receiver) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    receiver.reply = lambda got: (503, {"Retry-After": "600"})
    deliver(webhook)
    assert webhook.next_attempt_at is not None
    assert 590 < (webhook.next_attempt_at - timezone.now()).total_seconds() <= 600


def test_retry_after_is_read_in_both_forms_and_nonsense_is_nothing() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert seconds_in("120", now) == timedelta(minutes=2)
    assert seconds_in(format_datetime(now + timedelta(minutes=3), usegmt=True), now) == timedelta(minutes=3)
    for text in (None, "", "-5", "soon", "1.5", "²", format_datetime(now - timedelta(hours=1), usegmt=True)):
        assert seconds_in(text, now) == timedelta(0)
    assert seconds_in("9" * 400, now) > timedelta(days=1)


def test_410_ends_it_at_once_and_somebody_hears(
    world: World, api: ApiClient, receiver: Receiver, mailoutbox: list[Any]
) -> None:
    keeper = make_person(email="samverkan@example.se")
    keeper.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    receiver.reply = lambda got: (410, {})

    deliver(webhook)
    deliver(webhook)

    assert webhook.state == Webhook.State.GONE
    assert len(receiver.got) == 1
    deliver_waiting()
    send_waiting()
    assert [mail.to for mail in mailoutbox if "webhook" in mail.subject.lower()] == [["samverkan@example.se"]]


def test_one_that_fails_for_days_is_parked_with_an_alarm_and_resumed_where_it_stopped(
    world: World, api: ApiClient, receiver: Receiver
) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    start = webhook.place
    turn(make_prescriber(world.clinic))
    receiver.reply = lambda got: (500, {})
    deliver(webhook)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=2, hours=23))
    assert deliver(webhook).state == Webhook.State.ACTIVE

    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3))
    assert deliver(webhook).state == Webhook.State.PARKED
    assert OutboxEvent.objects.filter(kind="webhook.given_up").count() == 1
    assert deliver(webhook).state == Webhook.State.PARKED
    assert due_webhooks() == []

    receiver.reply = None
    receiver.got.clear()
    resume_webhook(webhook=webhook, by=BUILDER)
    deliver(webhook)
    assert arrived(receiver) == numbers(api, start)


def test_it_is_resumed_from_a_cursor(world: World, api: ApiClient, receiver: Receiver) -> None:
    one = make_prescriber(world.clinic)
    turn(one)
    webhook, _secret = make_webhook(api, receiver.url)
    resume_webhook(webhook=webhook, after="start", by=BUILDER)
    deliver(webhook)
    assert arrived(receiver) == numbers(api)

    second = api.get("changes").json()["changes"][1]["id"]
    receiver.got.clear()
    resume_webhook(webhook=webhook, after=second, by=BUILDER)
    deliver(webhook)
    assert arrived(receiver) == numbers(api)[2:]
    with pytest.raises(Refusal):
        resume_webhook(webhook=webhook, after="1.00000000.1", by=BUILDER)


def test_f30_a_feed_that_has_begun_anew_sends_nothing_twice_by_itself(
    world: World, api: ApiClient, receiver: Receiver
) -> None:
    webhook, _secret = make_webhook(api, receiver.url)
    turn(make_prescriber(world.clinic))
    Revision.objects.update(feed="0badfeed")

    assert deliver(webhook).state == Webhook.State.PARKED
    assert receiver.got == []
    with pytest.raises(Refusal):
        resume_webhook(webhook=webhook, by=BUILDER)
    resume_webhook(webhook=webhook, after="latest", by=BUILDER)
    assert deliver(webhook).state == Webhook.State.ACTIVE
