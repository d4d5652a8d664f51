"""E-mail to those whom an event concerns: the nearest managers when something waits for them, the person when something
was decided. One for each event and recipient.

The listeners only note who is to have what, so an event that comes twice changes nothing; `send_waiting` sends. A
message says that there is something to read, where, and no more: the reasons are read behind the log-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from competence.models.employment import Employment
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.notice_words import words_of
from competence.outbox import listens_to
from competence.permissions import nearest_managers_of
from competence.queries.employments import employments_held_at
from lms.lib.mailing import send_waiting_rows
from lms.users.models import User

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
    """Send every notice that waits. One that fails is tried again another time."""
    return send_waiting_rows(Notice, words_of)
