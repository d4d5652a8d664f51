"""Webhooks: made, changed and paused by the client whose they are, or by those who look after clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.client_secrets import require_admitter
from competence.models.machine_client import MachineClient
from competence.models.webhook import Webhook, WebhookSecret
from competence.queries.changes import FeedNotReady, UnknownCursor, feed_row, number_in
from competence.webhooks.signing import new_secret, sealed
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal
from lms.lib.outgoing import Forbidden, read_url, resolve

MOST_OF_A_CLIENT = 10
OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=30)
FROM_THE_BEGINNING, FROM_NOW_ON = "start", "latest"
RESOLVE_SECONDS = 3.0


@dataclass(frozen=True)
class NewWebhook:
    """A webhook with its secret. Show it now or never."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True)
class NewWebhookSecret:
    secret: str
    earlier_ends_at: datetime | None


@transaction.atomic
def create_webhook(
    *, client: MachineClient, url: str, by: Actor, description: str = "", after: str = FROM_NOW_ON
) -> NewWebhook:
    """Send the client's changes to `url`, those after a cursor of the feed, from now on, or from the start.

    Raises Refusal for an address that nothing may be sent to, an unknown cursor, or one webhook too many.
    """
    _require_owner(client, by)
    check_url(url)
    MachineClient.objects.select_for_update().get(pk=client.pk)
    if Webhook.objects.filter(client=client).count() >= MOST_OF_A_CLIENT:
        raise Refusal(_("A client has at most %(count)d webhooks.") % {"count": MOST_OF_A_CLIENT})
    feed, place = _place(after)
    webhook = Webhook.objects.create(client=client, url=url, description=description, feed=feed, place=place)
    secret = _add_secret(webhook)
    _note("create_webhook", webhook, by)
    return NewWebhook(webhook, secret)


@transaction.atomic
def change_webhook(*, webhook: Webhook, by: Actor, url: str | None = None, description: str | None = None) -> Webhook:
    """Another address or description. What failed at the old address is tried at once at the new. Raises Refusal."""
    webhook = _held(webhook, by)
    if url is not None and url != webhook.url:
        check_url(url)
        webhook.url = url
        _forget_failures(webhook)
    if description is not None:
        webhook.description = description
    webhook.save()
    _note("change_webhook", webhook, by)
    return webhook


@transaction.atomic
def pause_webhook(*, webhook: Webhook, by: Actor) -> Webhook:
    """Send nothing until it is resumed. The place in the feed is kept."""
    webhook = _held(webhook, by)
    webhook.state = Webhook.State.PAUSED
    webhook.save()
    _note("pause_webhook", webhook, by)
    return webhook


@transaction.atomic
def resume_webhook(*, webhook: Webhook, by: Actor, after: str | None = None) -> Webhook:
    """Send again: from where it stopped, or after a cursor. Raises Refusal for an unknown cursor, and without one when
    the feed has begun anew meanwhile."""
    webhook = _held(webhook, by)
    if after is not None:
        webhook.feed, webhook.place = _place(after)
    elif webhook.feed != _place(FROM_NOW_ON)[0]:
        raise Refusal(_("The feed has begun anew. Say from where to go on: latest, or start."))
    webhook.state = Webhook.State.ACTIVE
    _forget_failures(webhook)
    webhook.save()
    _note("resume_webhook", webhook, by)
    return webhook


@transaction.atomic
def rotate_webhook_secret(*, webhook: Webhook, by: Actor, overlap: timedelta = OVERLAP) -> NewWebhookSecret:
    """A new secret. Messages are signed with the earlier one too for `overlap`. Raises Refusal for a wrong overlap."""
    webhook = _held(webhook, by)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Refusal(_("The earlier secret can work for at most %(days)d days more.") % {"days": LONGEST_OVERLAP.days})
    ends_at = timezone.now() + overlap if overlap else None
    earlier = list(webhook.secrets.valid())
    for position, secret in enumerate(earlier):
        # The last one lives on beside the new; one that was on its way out already goes.
        keep = ends_at is not None and position == 0
        WebhookSecret.objects.filter(pk=secret.pk).update(ends_at=ends_at if keep else Now())
    secret_text = _add_secret(webhook)
    webhook.save()  # without its lease: a run that is going on has the earlier keys
    _note("rotate_webhook_secret", webhook, by)
    return NewWebhookSecret(secret_text, ends_at)


@transaction.atomic
def ask_for_test(*, webhook: Webhook, by: Actor) -> Webhook:
    """Have a test message sent; whether it arrived is told with the webhook."""
    webhook = _held(webhook, by)
    webhook.test_asked_at, webhook.test_result = timezone.now(), ""
    webhook.save()
    _note("ask_for_test", webhook, by)
    return webhook


@transaction.atomic
def remove_webhook(*, webhook: Webhook, by: Actor) -> None:
    """Send nothing more there, and forget it."""
    webhook = _held(webhook, by)
    _note("remove_webhook", webhook, by)
    webhook.delete()


@transaction.atomic
def give_up_webhook(*, webhook: Webhook, state: Webhook.State, by: Actor) -> None:
    """It has failed for too long, or the receiver wants no more: told to those who look after clients."""
    _note("give_up_webhook", webhook, by, state=str(state), error=webhook.last_error)
    begin_change(by=by).announce("webhook.given_up", person=None, webhook=str(webhook.public_id))


def check_url(url: str) -> None:
    """Raises Refusal unless changes may be sent to `url`, as its host is now."""
    allow = settings.WEBHOOK_ALLOW_LOOPBACK
    try:
        resolve(read_url(url, allow_loopback=allow), allow_loopback=allow, seconds=RESOLVE_SECONDS)
    except Forbidden as forbidden:
        sentences = {
            "form": _("This is no address that something can be sent to."),
            "https": _("The address must begin with https://."),
            "credentials": _("Leave user name and password out of the address."),
            "unknown-host": _("There is no host of that name."),
            "not-public": _("The host is not on the open internet. Nothing is sent to internal addresses."),
        }
        raise Refusal(sentences[forbidden.reason]) from forbidden


def _add_secret(webhook: Webhook) -> str:
    secret = new_secret()
    row = WebhookSecret(webhook=webhook)
    row.sealed = sealed(secret, row)
    row.save(force_insert=True)
    return secret


def _place(after: str) -> tuple[str, int]:
    """The feed and the number after which `after` stands."""
    try:
        row = feed_row()
        if after == FROM_NOW_ON:
            return row.feed, row.events
        return row.feed, 0 if after == FROM_THE_BEGINNING else number_in(after, row)
    except FeedNotReady:
        raise Refusal(_("The feed is being made for the first time. Ask later.")) from None
    except UnknownCursor:
        raise Refusal(_("This is no cursor of this feed.")) from None


def _forget_failures(webhook: Webhook) -> None:
    webhook.attempts, webhook.failing_since, webhook.next_attempt_at, webhook.last_error = 0, None, None, ""


def _held(webhook: Webhook, by: Actor) -> Webhook:
    """The webhook as it is now, held against other changes. Whoever is sending to it stops: its lease is taken."""
    _require_owner(webhook.client, by)
    held = Webhook.objects.select_for_update(of=("self",)).select_related("client").get(pk=webhook.pk)
    held.lease = held.leased_until = None
    return held


def _require_owner(client: MachineClient, by: Actor) -> None:
    if isinstance(by, Machine) and by.name.startswith("client:"):
        if by.name != client.actor_name:
            raise PermissionDenied("another client's webhook")
    else:
        require_admitter(by)


def _note(action: str, webhook: Webhook, by: Actor, **details: Any) -> None:
    subject = f"machine_client:{webhook.client.client_id}"
    record_write(action, by=by, subject=subject, webhook=str(webhook.public_id), url=webhook.url, **details)
