"""E-mail about who stands in for whom (to the deputy when the time begins, a receipt to the manager at once), and the
reminders that a manager sends."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.models.deputy import DeputyAssignment
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.models.reminder import Reminder
from competence.notice_words import speaks_of
from competence.notices import note_for
from competence.outbox import listens_to
from competence.permissions import current_assignments
from competence.queries.deputies import deputies_still_to_end, deputised_changes
from competence.queries.eligibility import current_moment
from competence.queries.employments import current_employments
from competence.queries.history import by_deputy
from competence.team_reminders import words_of_reminder
from lms.lib.clock import day_starts_at
from lms.lib.mailing import Words, address_of
from lms.users.models import User


@listens_to("deputy.appointed")
def note_the_deputy(event: OutboxEvent) -> None:
    """The deputy is to hear of it on the first day, the manager now."""
    deputy = _deputy(event.payload)
    if deputy is not None:
        note_for(event, [deputy.person], not_before=day_starts_at(deputy.starts_on))
        note_for(event, [deputy.manager_assignment.person])


@listens_to("deputy.ended")
def note_the_end(event: OutboxEvent) -> None:
    """Both are to hear that it ended before its time; not the one who ended it."""
    deputy = _deputy(event.payload)
    if deputy is not None:
        both = [deputy.person, deputy.manager_assignment.person]
        note_for(event, [person for person in both if person.pk != event.payload.get("by")])


@speaks_of("deputy.appointed", "deputy.ended")
def deputy_words(notice: Notice) -> Words | None:
    """What is said to the deputy and to the manager. Nothing to the deputy when it was ended before it began."""
    deputy = _deputy(notice.payload)
    if deputy is None:
        return None
    return _to_deputy(notice, deputy) if notice.recipient_id == deputy.person_id else _to_manager(notice, deputy)


def _to_deputy(notice: Notice, deputy: DeputyAssignment) -> Words | None:
    words = {
        "manager": deputy.manager_assignment.person.full_name,
        "unit": deputy.unit.name,
        "last": _day(deputy.ends_on),
    }
    if notice.kind == "deputy.ended":
        return Words(
            _("You are no longer a deputy"),
            _("You no longer decide in the place of %(manager)s at %(unit)s.") % words,
            address_of("competence:my_eligibility"),
            _("My eligibility"),
        )
    if not _holds(deputy):
        return None
    return Words(
        _("You are now a deputy: %(unit)s") % words,
        _(
            "%(manager)s has made you a deputy at %(unit)s, until and including %(last)s. You see the team and decide "
            "in the manager’s place, but not about yourself nor about %(manager)s. What you decide is noted as a "
            "deputy’s."
        )
        % words,
        address_of("competence:team"),
        _("Open the team"),
    )


def _to_manager(notice: Notice, deputy: DeputyAssignment) -> Words:
    words = {
        "deputy": deputy.person.full_name,
        "unit": deputy.unit.name,
        "first": _day(deputy.starts_on),
        "last": _day(deputy.ends_on),
    }
    if notice.kind == "deputy.ended":
        return Words(
            _("%(deputy)s is no longer your deputy") % words,
            _("%(deputy)s no longer decides in your place at %(unit)s.") % words,
            address_of("competence:deputies"),
            _("See your deputies"),
        )
    return Words(
        _("Receipt: %(deputy)s is your deputy") % words,
        _(
            "You have made %(deputy)s your deputy at %(unit)s, from %(first)s until and including %(last)s. You can "
            "end it at any time."
        )
        % words,
        address_of("competence:deputies"),
        _("See your deputies"),
    )


@listens_to("reminder.made")
def note_the_reminder(event: OutboxEvent) -> None:
    """The person is to be reminded."""
    if event.person is not None:
        note_for(event, [event.person])


@speaks_of("reminder.made")
def words_of_the_reminder(notice: Notice) -> Words | None:
    """What remains when it is sent; nothing when all is done, or the person has left."""
    found = Reminder.objects.filter(public_id=notice.payload["reminder"])
    reminder = found.select_related("employment__person", "employment__unit", "recorded_by").first()
    moment = current_moment()
    if reminder is None or not current_employments(moment.now).filter(pk=reminder.employment_id).exists():
        return None
    return words_of_reminder(reminder, sender_of(reminder.recorded_by, reminder.recorded_at), moment)


def sender_of(person: User | None, at: datetime) -> str:
    """Who reminds, and in whose place, by the change's instant."""
    name = person.full_name if person else _("Your manager")
    manager = deputised_changes([at]).get(at)
    return by_deputy(name, manager) if manager else name


def _holds(deputy: DeputyAssignment) -> bool:
    """Whether it still stands, and rests on something."""
    stands = deputies_still_to_end(timezone.now()).filter(pk=deputy.pk).exists()
    return stands and current_assignments().filter(pk=deputy.manager_assignment_id).exists()


def _deputy(payload: dict[str, object]) -> DeputyAssignment | None:
    return (
        DeputyAssignment.objects.filter(public_id=str(payload["deputy"]))
        .select_related("person", "unit", "manager_assignment__person")
        .first()
    )


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""
