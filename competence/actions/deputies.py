"""Deputies: a manager gives somebody the right to decide in their place for a time, and takes it back."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.endings import end_fact
from competence.models.deputy import DeputyAssignment
from competence.models.employment import ManagerAssignment
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.permissions import current_assignments, reach_of
from competence.queries.deputies import deputies_still_to_end, may_be_deputy
from lms.audit.api import record_write
from lms.lib.actors import Actor, person_or_none
from lms.lib.clock import add_months
from lms.lib.errors import Refusal
from lms.users.models import User

LONGEST_MONTHS = 12


@transaction.atomic
def appoint_deputy(
    *,
    assignment: ManagerAssignment,
    person: User,
    unit: OrganisationUnit,
    starts_on: date,
    ends_on: date,
    by: Actor,
) -> DeputyAssignment:
    """Let `person` decide in the manager's place at `unit` and below, from `starts_on` until and including `ends_on`.

    Only the manager may: a deputy appoints no deputy. Raises PermissionDenied for anybody else and for a unit outside
    the assignment; Refusal for oneself, for somebody who works elsewhere, for days that are reversed, past or more than
    LONGEST_MONTHS, and when the person already stands in there on those days.
    """
    giver = person_or_none(by)
    if giver is not None and giver.pk != assignment.person_id:
        raise PermissionDenied("appoint a deputy for somebody else")
    if not current_assignments().filter(pk=assignment.pk).exists() or not unit.path.startswith(assignment.unit.path):
        raise PermissionDenied("appoint a deputy there")
    if person.pk == assignment.person_id:
        raise Refusal(_("You cannot be your own deputy."))
    if not may_be_deputy(person, unit):
        raise Refusal(_("A deputy must be employed by the same principal. Choose somebody else."))
    change = begin_change(by=by)
    if ends_on < starts_on:
        raise Refusal(_("The last day is before the first."))
    if starts_on < change.today:
        raise Refusal(_("The first day has passed. Nobody can be made a deputy for days that have been."))
    if ends_on > add_months(starts_on, LONGEST_MONTHS):
        raise Refusal(_("At most twelve months at a time. Choose an earlier last day."))
    same = deputies_still_to_end(change.at).filter(
        person=person, manager_assignment=assignment, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    if any(unit.path.startswith(one.unit.path) for one in same.select_related("unit")):
        raise Refusal(_("%(person)s is already your deputy there on some of those days.") % {"person": person})
    deputy = change.record(
        DeputyAssignment(person=person, manager_assignment=assignment, unit=unit, starts_on=starts_on, ends_on=ends_on)
    )
    record_write("appoint_deputy", by=by, subject=f"deputy:{deputy.public_id}", person=person, unit=unit.key)
    change.announce("deputy.appointed", person=person, deputy=str(deputy.public_id), unit=unit.key)
    return deputy


@transaction.atomic
def end_deputy(*, deputy: DeputyAssignment, by: Actor) -> Ending:
    """The person is no longer the deputy, at once.

    The manager may, and whoever manages the unit in their own right, and the deputy: PermissionDenied for others.
    Raises Refusal when it is over already.
    """
    if not can_end_deputy(by, deputy):
        raise PermissionDenied("end this deputy's time")
    change = begin_change(by=by)
    if not deputies_still_to_end(change.at).filter(pk=deputy.pk).exists():
        raise Refusal(_("It is over already."))
    ending = end_fact(deputy, change, kind=Ending.Kind.ENDED, at=change.at)
    record_write("end_deputy", by=by, subject=f"deputy:{deputy.public_id}", person=deputy.person, unit=deputy.unit.key)
    person = person_or_none(by)
    change.announce(
        "deputy.ended", person=deputy.person, deputy=str(deputy.public_id), by=person.pk if person else None
    )
    return ending


def can_end_deputy(actor: Actor, deputy: DeputyAssignment) -> bool:
    """Whether `actor` may end it: the manager who gave it, the deputy, and who manages the unit in their own right."""
    person = person_or_none(actor)
    if person is None or person.pk in {deputy.person_id, deputy.manager_assignment.person_id}:
        return True
    return any(deputy.unit.path.startswith(path) for path in reach_of(person).own)
