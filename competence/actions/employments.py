"""Employments, leave, and who manages what."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.endings import end_fact
from competence.models.employment import Employment, ManagerAssignment, Suspension
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.clock import day_ends_at, day_starts_at
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity, User


@transaction.atomic
def start_employment(
    *,
    person: User,
    unit: OrganisationUnit,
    starts_on: date,
    by: Actor,
    ends_on: date | None = None,
    identity: EmployeeIdentity | None = None,
    title: str = "",
    profession: str = "",
) -> Employment:
    """Record that `person` works at `unit`. Comes from personnel data, so the caller answers for the right to do it.

    Raises Refusal when the unit belongs to no principal, the identity is somebody else's, or the days are reversed.
    """
    if not unit.principal_kind:
        raise Refusal(_("%(unit)s is not part of a principal, so nobody can be employed there.") % {"unit": unit})
    if identity is not None and identity.person_id != person.pk:
        raise Refusal(_("The identity %(value)s belongs to another person.") % {"value": identity.value})
    _check_days(starts_on, ends_on)
    change = begin_change(by=by)
    employment = change.record(
        Employment(
            person=person,
            unit=unit,
            identity=identity,
            starts_on=starts_on,
            ends_on=ends_on,
            title=title,
            profession=profession,
        )
    )
    record_write("start_employment", by=by, subject=f"employment:{employment.public_id}", person=person)
    change.announce("employment.started", person=person, employment=str(employment.public_id))
    return employment


@transaction.atomic
def end_employment(*, employment: Employment, last_day: date, by: Actor, reason: str = "") -> Ending:
    """Record that `employment` ends with `last_day`. Appointment, level decision and ordering rights end with it."""
    if last_day < employment.starts_on:
        raise Refusal(_("An employment cannot end before it starts."))
    change = begin_change(by=by)
    ending = end_fact(employment, change, kind=Ending.Kind.ENDED, at=day_ends_at(last_day), reason=reason)
    record_write("end_employment", by=by, subject=f"employment:{employment.public_id}", person=employment.person)
    change.announce("employment.ended", person=employment.person, employment=str(employment.public_id))
    return ending


@transaction.atomic
def suspend(
    *,
    employment: Employment,
    starts_on: date,
    by: Actor,
    ends_on: date | None = None,
    kind: Suspension.Kind = Suspension.Kind.LEAVE,
) -> Suspension:
    """Record leave, or a bar. Raises PermissionDenied unless `by` may decide about the employment."""
    as_deputy = require_decider(by, employment)
    _check_days(starts_on, ends_on)
    change = begin_change(by=by, as_deputy=as_deputy)
    suspension = change.record(Suspension(employment=employment, starts_on=starts_on, ends_on=ends_on, kind=kind))
    record_write("suspend", by=by, subject=f"employment:{employment.public_id}", person=employment.person, kind=kind)
    change.announce("suspension.recorded", person=employment.person, employment=str(employment.public_id))
    return suspension


@transaction.atomic
def end_suspension(*, suspension: Suspension, back_on: date, by: Actor) -> Ending:
    """Record that the person is back from `back_on` on."""
    as_deputy = require_decider(by, suspension.employment)
    person = suspension.employment.person
    change = begin_change(by=by, as_deputy=as_deputy)
    ending = end_fact(suspension, change, kind=Ending.Kind.ENDED, at=day_starts_at(back_on))
    record_write("end_suspension", by=by, subject=f"suspension:{suspension.public_id}", person=person)
    change.announce("suspension.ended", person=person, employment=str(suspension.employment.public_id))
    return ending


@transaction.atomic
def assign_manager(
    *, person: User, unit: OrganisationUnit, starts_on: date, by: Actor, ends_on: date | None = None
) -> ManagerAssignment:
    """Make `person` the manager of `unit` and all below. Comes from personnel data."""
    _check_days(starts_on, ends_on)
    change = begin_change(by=by)
    assignment = change.record(ManagerAssignment(person=person, unit=unit, starts_on=starts_on, ends_on=ends_on))
    record_write("assign_manager", by=by, subject=f"unit:{unit.key}", person=person)
    change.announce("manager.assigned", person=person, unit=unit.key)
    return assignment


@transaction.atomic
def end_manager_assignment(*, assignment: ManagerAssignment, by: Actor, reason: str = "") -> Ending:
    """The person is no longer manager of the unit, at once."""
    change = begin_change(by=by)
    ending = end_fact(assignment, change, kind=Ending.Kind.ENDED, at=change.at, reason=reason)
    record_write("end_manager_assignment", by=by, subject=f"unit:{assignment.unit.key}", person=assignment.person)
    change.announce("manager.ended", person=assignment.person, unit=assignment.unit.key)
    return ending


def _check_days(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Refusal(_("The last day is before the first."))
