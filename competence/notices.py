"""E-mail to those whom an event concerns: the nearest managers when something waits for them, the person when something
was decided. One for each event and recipient.

The listeners only note who is to have what, so an event that comes twice changes nothing; `send_waiting` sends. A
message says that there is something to read, where, and no more: the reasons are read behind the log-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from competence.models.employment import Employment
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.notice_words import Words, words_of
from competence.outbox import listens_to
from competence.permissions import nearest_managers_of
from competence.queries.employments import employments_held_at
from lms.users.models import User

log = structlog.get_logger(__name__)
ATTEMPTS = 8
TO_MANAGERS = ("claim.made", "application.submitted", "application.withdrawn")
TO_PERSON = (
    "application.submitted",
    "claim.approved",
    "claim.refused",
    "application.approved",
    "application.returned",
    "application.refused",
    "authorisation.revoked",
    "appointment.revoked",
    "completion.withdrawn",
)


@listens_to(*TO_MANAGERS)
def note_for_managers(event: OutboxEvent) -> None:
    """The nearest managers of the person are to hear that something waits for them."""
    if event.person is None:
        return
    managers = {m.pk: m for e in _employments(event) for m in nearest_managers_of(e.unit, besides=event.person)}
    note_for(event, managers.values())


@listens_to(*TO_PERSON)
def note_for_person(event: OutboxEvent) -> None:
    """The person is to hear that something about them was decided."""
    if event.person is not None:
        note_for(event, [event.person])


def _employments(event: OutboxEvent) -> list[Employment]:
    if event.kind.startswith("application."):
        return list(Employment.objects.filter(applications__public_id=event.payload["application"]))
    return list(employments_held_at(event.person, timezone.now())) if event.person else []


def note_for(event: OutboxEvent, recipients: Iterable[User], *, not_before: datetime | None = None) -> None:
    """Each of `recipients` who can be reached is to have a message about `event`; not sent before `not_before`."""
    Notice.objects.bulk_create(
        [
            Notice(
                revision=event.revision,
                kind=event.kind,
                payload=event.payload,
                recipient=recipient,
                not_before=not_before,
            )
            for recipient in {person.pk: person for person in map(_as_one, recipients)}.values()
            if recipient.email and recipient.is_active
        ],
        ignore_conflicts=True,
    )


def _as_one(person: User) -> User:
    """The person, also when the record was merged into another."""
    return person.merged_into or person


def send_waiting() -> int:
    """Send every notice that waits, each in a transaction of its own. One that fails is tried again another time."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())
    waiting = Notice.objects.filter(due, sent_at__isnull=True, dropped_at__isnull=True, attempts__lt=ATTEMPTS)
    return sum(_send(pk) for pk in list(waiting.order_by("pk").values_list("pk", flat=True)))


def _send(pk: int) -> bool:
    with transaction.atomic():
        waiting = Notice.objects.filter(pk=pk, sent_at__isnull=True, dropped_at__isnull=True)
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        notice = waiting.select_related("recipient").first()
        if notice is None:
            return False
        with translation.override(notice.recipient.language):
            words = words_of(notice) if notice.recipient.is_active else None
            if words is None:
                notice.dropped_at = timezone.now()
                notice.save(update_fields=["dropped_at"])
                return False
            try:
                _mail(notice.recipient, words)
            except Exception as error:  # whatever the way of sending raises
                notice.attempts += 1
                notice.last_error = repr(error)
                notice.save(update_fields=["attempts", "last_error"])
                log.warning("notice.not_sent", notice=pk, attempts=notice.attempts, error=notice.last_error)
                return False
        notice.sent_at = timezone.now()
        notice.save(update_fields=["sent_at"])
        return True


def text_of_mail(recipient: User, words: Words) -> str:
    """The plain text of a message with `words`, in the active language. No HTML: escape it where it is shown."""
    return render_to_string("emails/notice.txt", {"words": words, "name": recipient.full_name})


def _mail(recipient: User, words: Words) -> None:
    context = {"words": words, "name": recipient.full_name, "language": translation.get_language()}
    message = EmailMultiAlternatives(subject=words.subject, body=text_of_mail(recipient, words), to=[recipient.email])
    message.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    message.send()
