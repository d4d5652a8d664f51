"""What was decided ends on a day, is taken back, or turns out to have been recorded in error."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from django.db import models, transaction
from django.utils.translation import gettext as _

from competence.actions.change import Change, begin_change
from competence.actions.endings import end_fact
from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.clock import day_ends_at
from lms.lib.errors import Refusal

Decided: TypeAlias = Appointment | LevelDecision | Attestation | Exemption | Authorisation
Recorded: TypeAlias = Decided | Suspension


@transaction.atomic
def end_decision(*, fact: Decided, employment: Employment, last_day: date, by: Actor, reason: str = "") -> Ending:
    """`fact`, of `employment` or of the person employed, holds until `last_day`, that day included.

    Raises PermissionDenied unless `by` may decide about the employment, and Refusal when it has ended by then, or when
    that day is over: what is to end at once is revoked, what never held is corrected.
    """
    as_deputy = _require_about(fact, employment, by)
    change = begin_change(by=by, as_deputy=as_deputy)
    if last_day < change.today:
        raise Refusal(_("That day is over. Choose today or a later one, or revoke it."))
    if last_day < fact.starts_on:
        raise Refusal(_("It begins later than that. Revoke it instead."))
    at = day_ends_at(last_day)
    _require_lives(fact, at)
    ending = end_fact(fact, change, kind=Ending.Kind.ENDED, at=at, reason=reason.strip())
    _tell("end_decision", fact, employment, change)
    change.announce(_kind(fact, "ended"), person=employment.person, employment=str(employment.public_id))
    return ending


@transaction.atomic
def revoke_decision(*, fact: Decided, employment: Employment, reason: str, by: Actor) -> Ending:
    """Take `fact` back, at once, with a reason that the person can read. Raises like `end_decision`."""
    as_deputy = _require_about(fact, employment, by)
    reason = _required(reason)
    change = begin_change(by=by, as_deputy=as_deputy)
    _require_lives(fact, change.at)
    ending = end_fact(fact, change, kind=Ending.Kind.REVOKED, at=change.at, reason=reason)
    _tell("revoke_decision", fact, employment, change)
    work = str(employment.public_id)
    change.announce(_kind(fact, "revoked"), person=employment.person, employment=work, reason=reason)
    return ending


@transaction.atomic
def correct_decision(*, fact: Recorded, employment: Employment, reason: str, by: Actor) -> Ending:
    """`fact` was recorded in error and never held. What was answered before stays explained: we believed it then.

    Raises PermissionDenied unless `by` may decide about the employment, and Refusal when it has been said already.
    """
    as_deputy = _require_about(fact, employment, by)
    reason = _required(reason)
    change = begin_change(by=by, as_deputy=as_deputy)
    if _endings(fact).filter(kind=Ending.Kind.CORRECTED).exists():
        raise Refusal(_("It is already noted that this was recorded in error."))
    ending = end_fact(fact, change, kind=Ending.Kind.CORRECTED, at=change.at, reason=reason)
    _tell("correct_decision", fact, employment, change)
    work = str(employment.public_id)
    change.announce(_kind(fact, "corrected"), person=employment.person, employment=work, reason=reason)
    return ending


def _require_about(fact: Recorded, employment: Employment, by: Actor) -> int | None:
    """Raises PermissionDenied unless the fact is about the employment, or follows the person employed there."""
    as_deputy = require_decider(by, employment)
    if fact.employment_id is not None and fact.employment_id != employment.pk:
        raise Refusal(_("It belongs to another employment."))
    if isinstance(fact, Attestation | Exemption) and not fact.person.is_same_as(employment.person):
        raise Refusal(_("It belongs to another employment."))
    return as_deputy


def _endings(fact: Recorded) -> models.QuerySet[Ending]:
    found: models.QuerySet[Ending] = fact.endings.all()
    return found


def _require_lives(fact: Decided, at: datetime) -> None:
    over = _endings(fact).filter(models.Q(takes_effect_at__lte=at) | models.Q(kind=Ending.Kind.CORRECTED))
    if over.exists() or (fact.ends_on is not None and day_ends_at(fact.ends_on) <= at):
        raise Refusal(_("It has ended by then already."))


def _kind(fact: Recorded, how: str) -> str:
    return f"{'level' if isinstance(fact, LevelDecision) else type(fact).__name__.lower()}.{how}"


def _tell(action: str, fact: Recorded, employment: Employment, change: Change) -> None:
    subject = f"{type(fact).__name__.lower()}:{fact.public_id}"
    record_write(action, by=change.by, subject=subject, person=employment.person)


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refusal(_("Give a reason: the person has a right to know it."))
    return reason.strip()
