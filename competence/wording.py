"""The sentences of answers, grounds and steps, in the active language. A word for each code, and no rule."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competence.policy.decision import EligibilityDecision, Outcome
from competence.policy.reasons import Code, Missing, Reason


class Who(StrEnum):
    """Who takes a step."""

    PERSON = "person"
    MANAGER = "manager"
    EMPLOYER = "employer"
    NOBODY = "nobody"
    """Time alone does it."""


WHO_TAKES = {
    Code.UNKNOWN_PERSON: Who.EMPLOYER,
    Code.NOT_EMPLOYED: Who.EMPLOYER,
    Code.RIGHT_NOT_FOR_PRINCIPAL: Who.EMPLOYER,
    Code.RIGHT_NOT_IN_USE: Who.NOBODY,
    Code.SUSPENDED: Who.MANAGER,
    Code.NOT_APPOINTED: Who.MANAGER,
    Code.LEVEL_NOT_DECIDED: Who.MANAGER,
    Code.ATTESTATION_MISSING: Who.MANAGER,
    Code.AUTHORISATION_NOT_STARTED: Who.NOBODY,
}


def sentence(decision: EligibilityDecision, last_day: date | None, addresses_reader: bool) -> str:
    """The answer in one sentence."""
    if decision.outcome is Outcome.DENIED:
        return _("You may not order.") if addresses_reader else _("May not order.")
    if decision.outcome is Outcome.ALLOWED_WITH_WARNING:
        if last_day is not None:
            text = (
                _("You may order until and including %(day)s. A course is recommended.")
                if addresses_reader
                else _("May order until and including %(day)s. A course is recommended.")
            )
            return text % {"day": day_text(last_day)}
        return (
            _("You may order. A course is recommended.")
            if addresses_reader
            else _("May order. A course is recommended.")
        )
    if last_day is not None:
        text = (
            _("You may order until and including %(day)s.")
            if addresses_reader
            else _("May order until and including %(day)s.")
        )
        return text % {"day": day_text(last_day)}
    return _("You may order.") if addresses_reader else _("May order.")


def coming_sentence(outcome: Outcome, first_day: date, addresses_reader: bool) -> str:
    """What will be the answer from `first_day` on."""
    match outcome:
        case Outcome.DENIED:
            text = _("From %(day)s you may not order.") if addresses_reader else _("From %(day)s: may not order.")
        case Outcome.ALLOWED_WITH_WARNING:
            text = (
                _("From %(day)s you may order, and a course is recommended.")
                if addresses_reader
                else _("From %(day)s: may order, and a course is recommended.")
            )
        case _:
            text = _("From %(day)s you may order.") if addresses_reader else _("From %(day)s: may order.")
    return text % {"day": day_text(first_day)}


def coming_text(step: Missing) -> str:
    """What will have happened when `step` comes to be missing, with places for its names and days."""
    match step.code:
        case Code.NOT_EMPLOYED | Code.UNKNOWN_PERSON:
            return _("The employment ends then.")
        case Code.RIGHT_NOT_FOR_PRINCIPAL | Code.RIGHT_NOT_IN_USE:
            return _("The ordering right is no longer given then: %(right)s.")
        case Code.SUSPENDED:
            return _("A leave begins then.")
        case Code.NOT_APPOINTED | Code.REVOKED:
            return _("The appointment ends then: %(role)s.")
        case Code.LEVEL_NOT_DECIDED:
            return _("By then the manager must have decided the level.")
        case Code.COURSE_EXPIRED:
            return _("The validity runs out then: %(requirement)s. Complete %(choice)s again before that.")
        case Code.COURSE_MISSING:
            return _("It will be required then: %(requirement)s. Complete %(choice)s before that.")
        case Code.ATTESTATION_MISSING:
            return _("By then the manager must have attested: %(choice)s.")
        case Code.AUTHORISATION_INACTIVE:
            return _("The ordering right becomes inactive then, unless there is a log-in to the system before.")
        case _:
            return _("The ordering right ends then. Apply again in good time.")


def ground_text(reason: Reason) -> str:
    """What a ground says, with places for its names and days."""
    match reason.code:
        case Code.EMPLOYED:
            return _("Employed since %(day)s.")
        case Code.APPOINTED:
            return _("Appointed since %(day)s: %(role)s.")
        case Code.HELD_BY_PROFESSION:
            return _("Follows with the profession: %(role)s.")
        case Code.REQUIREMENT_MET if reason.course is not None:
            return _("Completed %(day)s: %(course)s.")
        case Code.REQUIREMENT_MET:
            return _("Attested %(day)s: %(attestation)s.")
        case Code.REQUIREMENT_RECOMMENDED:
            return _("Recommended, not required: %(requirement)s.")
        case Code.EXEMPTED:
            return _("Exempted since %(day)s: %(requirement)s.")
        case Code.GRANDFATHERED:
            return _("Not required of those appointed before the rule: %(requirement)s.")
        case Code.AUTHORISED:
            return _("Ordering right since %(day)s: %(right)s.")
        case _:
            return reason.code.value


def step_text(step: Missing) -> str:
    """What a step says, with places for its names and days."""
    match step.code:
        case Code.UNKNOWN_PERSON:
            return _("Nobody with this HSA-ID is known here. Check that it is written correctly.")
        case Code.NOT_EMPLOYED:
            return _("There is no current employment. The employer registers it.")
        case Code.RIGHT_NOT_FOR_PRINCIPAL:
            return _("This right is not given to those who work for this principal: %(right)s.")
        case Code.RIGHT_NOT_IN_USE:
            return _("This right is not in use at that time: %(right)s.")
        case Code.SUSPENDED:
            return _("Away since %(day)s. The manager registers the return.")
        case Code.NOT_APPOINTED:
            return _("The manager appoints: %(role)s.")
        case Code.LEVEL_NOT_DECIDED:
            return _("The manager decides the level of the national course.")
        case Code.COURSE_MISSING:
            return _("Complete %(choice)s.")
        case Code.COURSE_EXPIRED:
            return _("The validity ended %(day)s. Complete %(choice)s again.")
        case Code.ATTESTATION_MISSING:
            return _("The manager attests: %(choice)s.")
        case Code.NOT_AUTHORISED:
            return _("Apply for the ordering right: %(right)s.")
        case Code.AUTHORISATION_NOT_STARTED:
            return _("The ordering right begins on %(day)s: %(right)s.")
        case Code.AUTHORISATION_ENDED:
            return _("The ordering right ended %(day)s. Apply again: %(right)s.")
        case Code.AUTHORISATION_INACTIVE if step.until is not None:
            return _(
                "The ordering right became inactive %(day)s after %(months)s months without a log-in. Have it "
                "activated by %(last_day)s at the latest, after that a new application is needed: %(right)s."
            )
        case Code.AUTHORISATION_INACTIVE:
            return _(
                "The ordering right lapsed %(day)s after %(months)s months without a log-in. Apply again: %(right)s."
            )
        case Code.REVOKED if step.right is not None:
            return _("The manager revoked the ordering right %(day)s. Talk to your manager: %(right)s.")
        case Code.REVOKED:
            return _("The manager revoked the appointment %(day)s. Talk to your manager: %(role)s.")
        case _:
            return step.code.value


def day_text(day: date | None) -> str:
    """A day for people: “22 januari 2025”."""
    return "" if day is None else date_format(day, "j F Y")


def minutes_text(minutes: int) -> str:
    """A duration for people: “45 minutes”, “2 hours”, “1 hour 30 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts: list[Any] = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if rest or not hours:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest})
    return " ".join(parts)
