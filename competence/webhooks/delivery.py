"""Sending changes to webhooks: each in order, at least once, from its own place in the feed.

One worker holds a webhook's lease for a run of some seconds, then lets others have their turn. A run ends at the first
failure; the next is tried after a wait that doubles. A receiver that hangs costs the bounded time of one request.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog
from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from competence.actions.webhooks import give_up_webhook
from competence.models.machine_client import MachineClient, Scope
from competence.models.webhook import Webhook
from competence.queries.changes import FeedNotReady, SeenChange, Sight, changes_after, cursor_at, feed_row
from competence.queries.eligibility import current_moment
from competence.rest_api.changes import change_out
from competence.webhooks.signing import Message, headers_of, key_in, message
from lms.audit.api import record_look_up
from lms.lib.actors import Machine
from lms.lib.outgoing import Forbidden, NotSent, Sender
from lms.lib.sealing import Unreadable

log = structlog.get_logger(__name__)
SENDER = Machine("service:webhooks")
PAGE = 100
RUN = timedelta(seconds=10)  # after so long others have their turn
LEASE = timedelta(seconds=60)  # well above the time of one request; a worker that died is followed after it
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=6)
MOST_PATIENCE = timedelta(days=1)  # a receiver's Retry-After is honoured up to this
CHANGED, TEST = "eligibility.changed", "webhook.test"
GONE = 410
_FREE = Q(leased_until__isnull=True) | Q(leased_until__lte=Now())


class Stopped(Exception):
    """The run ends: the webhook was paused, changed or removed meanwhile, or something failed and was noted."""


def due_webhooks() -> list[int]:
    """The webhooks that something is to be sent to now."""
    try:
        row = feed_row()
    except FeedNotReady:
        return []
    behind = Q(state=Webhook.State.ACTIVE) & (Q(place__lt=row.events) | ~Q(feed=row.feed))
    may_try = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=Now())
    due = Webhook.objects.filter(_FREE, behind & may_try | Q(test_asked_at__isnull=False), client__is_active=True)
    return list(due.values_list("pk", flat=True))


def deliver_to(pk: int) -> bool:
    """A run: send what waits for one webhook, until nothing does or the time is up. True: there is more.

    Safe to run at any time and by several workers: one of them sends.
    """
    lease = uuid.uuid4()
    offset = current_moment().now - timezone.now()
    until = timezone.now() + offset + LEASE
    if not Webhook.objects.filter(_FREE, pk=pk).update(lease=lease, leased_until=until):
        return False
    try:
        webhook = Webhook.objects.select_related("client").get(pk=pk)
        return Run(webhook, lease, offset).go()
    except Stopped:
        return False
    finally:
        Webhook.objects.filter(pk=pk, lease=lease).update(lease=None, leased_until=None)


def sight_of(client: MachineClient) -> Sight | None:
    """What the client may be told now; None: nothing any more."""
    oauth = Client.objects.filter(pk=client.client_id).first()
    if not client.is_active or oauth is None or Scope.ELIGIBILITY_READ.value not in oauth.get_scopes():
        return None
    kinds = client.principal_kinds
    return Sight(frozenset(client.systems.values_list("key", flat=True)), frozenset(kinds) if kinds else None)


def message_of(change: SeenChange, feed: str) -> Message:
    """A change as a message. No name: the HSA-ID says who it is."""
    data = change_out(change, cursor_at(feed, change.number))
    return message(f"msg_{feed}_{change.number}", CHANGED, change.recorded_at, data)


@dataclass
class Run:
    """One worker's turn at one webhook. `offset`: how far the database's clock, which decides, is before ours."""

    webhook: Webhook
    lease: uuid.UUID
    offset: timedelta
    keys: list[bytes] = field(default_factory=list)

    def now(self) -> datetime:
        return timezone.now() + self.offset

    def go(self) -> bool:
        """True: the time is up, and there is more. Raises Stopped."""
        try:
            self.keys = [key_in(secret) for secret in self.webhook.secrets.valid()]
            sender = Sender(
                self.webhook.url, allow_loopback=settings.WEBHOOK_ALLOW_LOOPBACK, seconds=settings.WEBHOOK_SECONDS
            )
        except Unreadable as error:
            log.error("webhook.secret_unreadable", webhook=str(self.webhook.public_id), do="rotate its secret")
            self._failed("secret unreadable")
            raise Stopped from error
        except Forbidden as error:
            self._failed(f"forbidden: {error.reason}")
            raise Stopped from error
        with sender:
            if self.webhook.test_asked_at is not None:
                self._send_test(sender, self.webhook.test_asked_at)
            return self._send_changes(sender)

    def _send_changes(self, sender: Sender) -> bool:
        sight = sight_of(self.webhook.client)
        waits_until = self.webhook.next_attempt_at
        if self.webhook.state != Webhook.State.ACTIVE or sight is None:
            return False
        if waits_until is not None and waits_until > self.now():
            return False
        until = self.now() + RUN
        while True:
            row = feed_row()
            if row.feed != self.webhook.feed:
                # Restored or made anew: its numbers mean something else, and the receiver must decide.
                self._give_up(Webhook.State.PARKED, "the feed has begun anew")
                raise Stopped
            page = changes_after(self.webhook.place, sight, PAGE, row=row)
            sent: list[SeenChange] = []
            try:
                for change in page.changes:
                    self._send(sender, message_of(change, row.feed))
                    sent.append(change)
                    self._advance(change.number)
                    if self.now() >= until:
                        return True
            finally:
                _note_look_ups(self.webhook, sent)
            if page.last > self.webhook.place:
                self._advance(page.last, has_sent=False)
            if not page.has_more:
                return False

    def _send(self, sender: Sender, what: Message) -> None:
        """Have `what` arrive. Raises Stopped when it did not: noted, with when to try again."""
        try:
            answer = sender.post(what.body, headers_of(what, self.keys, self.now()))
        except NotSent as error:
            self._failed(str(error))
            raise Stopped from error
        except Forbidden as error:
            self._failed(f"forbidden: {error.reason}")
            raise Stopped from error
        if answer.status == GONE:
            self._give_up(Webhook.State.GONE, "410 Gone")
            raise Stopped
        if not 200 <= answer.status < 300:
            self._failed(f"status {answer.status}", answer.retry_after)
            raise Stopped

    def _send_test(self, sender: Sender, asked_at: datetime) -> None:
        """One message, tried once, whatever the state: what came of it is told with the webhook."""
        data = {"webhook": str(self.webhook.public_id), "asked_at": asked_at.isoformat()}
        what = message(f"msg_test_{uuid.uuid4().hex}", TEST, self.now(), data)
        try:
            result = f"status {sender.post(what.body, headers_of(what, self.keys, self.now())).status}"
        except NotSent as error:
            result = str(error)
        except Forbidden as error:
            result = f"forbidden: {error.reason}"
        asked = Webhook.objects.filter(pk=self.webhook.pk, test_asked_at=asked_at)
        asked.update(test_asked_at=None, test_result=result[:100])

    def _advance(self, number: int, *, has_sent: bool = True) -> None:
        """Everything up to `number` has arrived. Raises Stopped when somebody changed the webhook meanwhile."""
        now = self.now()
        fields: dict[str, object] = {"place": number, "leased_until": now + LEASE}
        if has_sent:
            fields |= {"attempts": 0, "failing_since": None, "next_attempt_at": None, "last_error": ""}
            fields |= {"last_delivered_at": now}
        if not self._mine().update(**fields):
            raise Stopped
        self.webhook.place, self.webhook.attempts, self.webhook.failing_since = number, 0, None

    def _failed(self, error: str, retry_after: str | None = None) -> None:
        """Note a failure: try again after a wait that doubles, or give up after days."""
        now = self.now()
        since = self.webhook.failing_since or now
        if now - since >= timedelta(days=settings.WEBHOOK_PARK_DAYS):
            self._give_up(Webhook.State.PARKED, error)
            return
        wait = min(FIRST_WAIT * 2 ** min(self.webhook.attempts, 20), LONGEST_WAIT)
        wait *= random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come back at once
        wait = max(wait, min(seconds_in(retry_after, now), MOST_PATIENCE))
        log.warning("webhook.failed", webhook=str(self.webhook.public_id), error=error)
        self._mine().update(
            attempts=F("attempts") + 1, failing_since=since, next_attempt_at=now + wait, last_error=error[:100]
        )

    def _give_up(self, state: Webhook.State, error: str) -> None:
        self.webhook.last_error = error[:100]
        with transaction.atomic():
            if self._mine().update(state=state, last_error=self.webhook.last_error):
                log.error("webhook.given_up", webhook=str(self.webhook.public_id), state=state.value, error=error)
                give_up_webhook(webhook=self.webhook, state=state, by=SENDER)

    def _mine(self) -> QuerySet[Webhook]:
        """The webhook, as long as nobody has taken the lease or stopped it."""
        return Webhook.objects.filter(pk=self.webhook.pk, lease=self.lease, state=Webhook.State.ACTIVE)


def seconds_in(retry_after: str | None, now: datetime) -> timedelta:
    """The wait that the receiver asks for (RFC 9110, 10.2.3): seconds, or a date."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text[:8]))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    return max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def _note_look_ups(webhook: Webhook, sent: list[SeenChange]) -> None:
    """Log who was told about whom, as a page of the feed is."""
    people = sorted({change.person for change in sent})
    if people:
        record_look_up(
            "deliver_webhook",
            by=Machine(webhook.client.actor_name),
            person=None,
            purpose="webhook of an ordering system",
            webhook=str(webhook.public_id),
            count=len(people),
            people=people,
        )
