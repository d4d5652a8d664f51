"""E-mail to those who look after machine clients: one asks too much, or takes no changes any more."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from competence.models.client_activity import HarvestAlarm
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.models.webhook import Webhook
from competence.notice_words import speaks_of
from competence.notices import note_for
from competence.outbox import listens_to
from lms.lib.mailing import Words, address_of
from lms.users.models import User


def keepers_of_clients() -> QuerySet[User]:
    """Those who may manage machine clients by a group or by themselves."""
    found: QuerySet[User] = User.objects.with_perm(
        "competence.manage_machine_clients",
        include_superusers=False,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return found


@listens_to("client.alarmed")
def note_the_alarm(event: OutboxEvent) -> None:
    """They are to hear of it."""
    note_for(event, keepers_of_clients())


@speaks_of("client.alarmed")
def alarm_words(notice: Notice) -> Words | None:
    """While nobody has handled it."""
    alarm = HarvestAlarm.objects.filter(public_id=notice.payload["alarm"]).select_related("client").first()
    if alarm is None or alarm.handled_at is not None:
        return None
    if not notice.recipient.has_perm("competence.manage_machine_clients"):
        return None
    return Words(
        _("A system asks about unusually many people"),
        _("%(client)s has asked for more than it usually does. Look at what it asks, and shut it out if it must stop.")
        % {"client": alarm.client.name},
        address_of("competence:machine_client", alarm.client.client_id),
        _("See what it has asked"),
    )


@listens_to("webhook.given_up")
def note_the_webhook(event: OutboxEvent) -> None:
    """They are to hear of it: the client is not told of changes any more."""
    note_for(event, keepers_of_clients())


@speaks_of("webhook.given_up")
def webhook_words(notice: Notice) -> Words | None:
    """While nothing is sent to it."""
    webhook = Webhook.objects.filter(public_id=notice.payload["webhook"]).select_related("client").first()
    if webhook is None or webhook.state not in {Webhook.State.PARKED, Webhook.State.GONE}:
        return None
    if not notice.recipient.has_perm("competence.manage_machine_clients"):
        return None
    return Words(
        _("A webhook of %(client)s is sent nothing any more") % {"client": webhook.client.name},
        _("It has not taken what was sent to it. Tell those who run the system, and resume it when it works again."),
        address_of("competence:machine_client", webhook.client.client_id),
        _("See what went wrong"),
    )
