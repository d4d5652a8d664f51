"""E-mail about changes: to managers when one is reported, to both sides when an employment follows another."""

from __future__ import annotations

from django.utils.translation import gettext as _

from competence.models.change_report import ChangeReport
from competence.models.employment import Employment
from competence.models.notice import Notice
from competence.models.outbox import OutboxEvent
from competence.notice_words import speaks_of
from competence.notices import note_for
from competence.outbox import listens_to
from competence.permissions import can_manage, nearest_managers_of
from competence.policy.rules import NoRules
from competence.queries.eligibility import current_moment
from competence.queries.employments import employments_held_at
from competence.queries.rights import RightsReader
from competence.queries.transitions import rights_to_do_anew
from lms.lib.mailing import Words, address_of
from lms.users.models import User


@listens_to("change.reported")
def note_the_report(event: OutboxEvent) -> None:
    """The nearest managers are to hear of it."""
    report = _report(event.payload)
    if report is not None:
        note_for(event, nearest_managers_of(report.employment.unit, besides=report.person))


@listens_to("change.handled")
def note_that_it_is_handled(event: OutboxEvent) -> None:
    """The person is to hear that somebody has seen to it."""
    if event.person is not None:
        note_for(event, [event.person])


@listens_to("employment.started", "employment.ended")
def note_what_must_be_done_anew(event: OutboxEvent) -> None:
    """The person and the new managers are to hear what must be done, when something must."""
    if event.person is None:
        return
    for employment in _to_do_anew(event.person):
        note_for(event, [event.person, *nearest_managers_of(employment.unit, besides=event.person)])


@speaks_of("change.reported", "change.handled")
def report_words(notice: Notice) -> Words | None:
    """To the managers while it waits, to the person when it is done."""
    report = _report(notice.payload)
    if report is None:
        return None
    if notice.kind == "change.handled":
        return Words(
            _("Your manager has seen to the change that you reported"),
            _("Read what your manager wrote, and what remains for you to do."),
            address_of("competence:report_change"),
            _("Look at it"),
        )
    if hasattr(report, "handled") or not can_manage(notice.recipient, report.employment.unit):
        return None
    return Words(
        _("A change is reported in your team"),
        _("Somebody in your team reports a change of name, workplace or task. See what must be done."),
        address_of("competence:member", report.employment.public_id),
        _("Look at it"),
    )


@speaks_of("employment.started", "employment.ended")
def transition_words(notice: Notice) -> Words | None:
    """What one sees on the page; nothing when there is nothing to do any more."""
    employment = Employment.objects.filter(public_id=notice.payload["employment"]).select_related("person").first()
    if employment is None:
        return None
    person = employment.person
    works_at = _to_do_anew(person)
    if not works_at:
        return None
    if notice.recipient.is_same_as(person):
        return Words(
            _("You have changed workplace: this must be done anew"),
            _("Appointment and ordering rights ended with your earlier employment. Your courses follow you."),
            address_of("competence:report_change"),
            _("See what must be done"),
        )
    own = [one for one in works_at if can_manage(notice.recipient, one.unit)]
    if not own:
        return None
    return Words(
        _("Somebody is new in your team: see what must be done"),
        _("Appointment, level and ordering rights from the earlier employment must be decided anew. Courses follow."),
        address_of("competence:member", own[0].public_id),
        _("See what must be done"),
    )


def _to_do_anew(person: User) -> list[Employment]:
    moment = current_moment()
    employments = list(employments_held_at(person, moment.now))
    try:
        rights = RightsReader(employments, moment=moment)
    except NoRules:
        return []
    return [one for one in employments if rights_to_do_anew(one, rights)]


def _report(payload: dict[str, str]) -> ChangeReport | None:
    rows = ChangeReport.objects.filter(public_id=payload["report"])
    return rows.select_related("person", "employment__unit", "handled").first()
