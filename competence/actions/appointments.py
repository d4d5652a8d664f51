"""What a manager decides: appointment, level, attestation, exemption."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.endings import end_fact
from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal


@transaction.atomic
def appoint(
    *,
    employment: Employment,
    role: CompetenceRole,
    by: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Appointment:
    """Appoint the employed person to `role`, from today unless said otherwise.

    Raises PermissionDenied unless `by` may decide about the employment, and Refusal for a role that is no longer used.
    """
    as_deputy = require_decider(by, employment)
    if role.ends_on is not None and role.ends_on < (starts_on or role.ends_on):
        raise Refusal(_("The role “%(role)s” is no longer used.") % {"role": role})
    change = begin_change(by=by, as_deputy=as_deputy)
    appointment = change.record(
        Appointment(employment=employment, role=role, starts_on=starts_on or change.today, ends_on=ends_on)
    )
    _note("appoint", by, employment, role=role.key)
    change.announce("appointment.made", person=employment.person, employment=str(employment.public_id), role=role.key)
    return appointment


@transaction.atomic
def revoke_appointment(*, appointment: Appointment, reason: str, by: Actor) -> Ending:
    """Take the appointment back, at once. Raises Refusal without a reason."""
    employment = appointment.employment
    as_deputy = require_decider(by, employment)
    reason = _required(reason)
    change = begin_change(by=by, as_deputy=as_deputy)
    ending = end_fact(appointment, change, kind=Ending.Kind.REVOKED, at=change.at, reason=reason)
    _note("revoke_appointment", by, employment, role=appointment.role.key)
    change.announce(
        "appointment.revoked",
        person=employment.person,
        employment=str(employment.public_id),
        role=appointment.role.key,
        reason=reason,
    )
    return ending


@transaction.atomic
def decide_level(
    *,
    employment: Employment,
    level: LevelDecision.Level,
    by: Actor,
    role: CompetenceRole | None = None,
    starts_on: date | None = None,
) -> LevelDecision:
    """Decide how much of the national course the person needs, for one role or (None) for all."""
    as_deputy = require_decider(by, employment)
    change = begin_change(by=by, as_deputy=as_deputy)
    decision = change.record(
        LevelDecision(employment=employment, role=role, level=level, starts_on=starts_on or change.today)
    )
    _note("decide_level", by, employment, level=str(level))
    change.announce("level.decided", person=employment.person, employment=str(employment.public_id), level=str(level))
    return decision


@transaction.atomic
def attest(
    *,
    employment: Employment,
    attestation: str,
    by: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
    follows_person: bool = False,
) -> Attestation:
    """Attest something that no course shows, by the name that the rules use for it."""
    as_deputy = require_decider(by, employment)
    change = begin_change(by=by, as_deputy=as_deputy)
    fact = change.record(
        Attestation(
            person=employment.person,
            employment=None if follows_person else employment,
            attestation=attestation,
            starts_on=starts_on or change.today,
            ends_on=ends_on,
        )
    )
    _note("attest", by, employment, attestation=attestation)
    change.announce(
        "attestation.made",
        person=employment.person,
        employment=str(employment.public_id),
        attestation=attestation,
    )
    return fact


@transaction.atomic
def grant_exemption(
    *,
    employment: Employment,
    requirement: str,
    reason: str,
    by: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Exemption:
    """Exempt the person, in this employment, from one requirement of the rules, from today unless said otherwise.

    Raises Refusal without a reason.
    """
    as_deputy = require_decider(by, employment)
    reason = _required(reason)
    change = begin_change(by=by, as_deputy=as_deputy)
    exemption = change.record(
        Exemption(
            person=employment.person,
            employment=employment,
            requirement=requirement,
            reason=reason,
            starts_on=starts_on or change.today,
            ends_on=ends_on,
        )
    )
    _note("grant_exemption", by, employment, requirement=requirement)
    change.announce(
        "exemption.granted",
        person=employment.person,
        employment=str(employment.public_id),
        requirement=requirement,
    )
    return exemption


def _note(action: str, by: Actor, employment: Employment, **details: str) -> None:
    record_write(action, by=by, subject=f"employment:{employment.public_id}", person=employment.person, **details)


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refusal(_("Give a reason: the person has a right to know it."))
    return reason.strip()
