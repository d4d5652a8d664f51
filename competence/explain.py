"""A decision in words, in the active language. Words only: what is allowed has been decided before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competence.models.course_reference import CourseReference
from competence.policy.decision import EligibilityDecision, Outcome
from competence.policy.reasons import Alternative, Code, Missing, Reason
from competence.policy.rules import RuleBook, RuleSet
from competence.queries.rules import current_rule_book
from lms.lib.clock import local_day

APPLY_PATH = "/min-behorighet/ansok/"
CLAIM_PATH = "/min-behorighet/intyga/"


class Who(StrEnum):
    """Who takes a step."""

    PERSON = "person"
    MANAGER = "manager"
    EMPLOYER = "employer"
    NOBODY = "nobody"
    """Time alone does it."""


_WHO = {
    Code.UNKNOWN_PERSON: Who.EMPLOYER,
    Code.NOT_EMPLOYED: Who.EMPLOYER,
    Code.RIGHT_NOT_FOR_PRINCIPAL: Who.EMPLOYER,
    Code.SUSPENDED: Who.MANAGER,
    Code.NOT_APPOINTED: Who.MANAGER,
    Code.LEVEL_NOT_DECIDED: Who.MANAGER,
    Code.ATTESTATION_MISSING: Who.MANAGER,
    Code.AUTHORISATION_NOT_STARTED: Who.NOBODY,
}


@dataclass(frozen=True)
class NamedCourse:
    """A course by key, with what a person needs in order to take it. `url` is absolute, or empty."""

    key: str
    title: str
    url: str
    minutes: int | None
    is_external: bool


@dataclass(frozen=True)
class NamedAlternative:
    """One way to take a step: all of it."""

    courses: tuple[NamedCourse, ...]
    attestations: tuple[tuple[str, str], ...]

    @property
    def minutes(self) -> int | None:
        known = [course.minutes for course in self.courses if course.minutes is not None]
        return sum(known) if known else None

    @property
    def text(self) -> str:
        names = [_("“%(title)s”") % {"title": course.title} for course in self.courses]
        return _(" and ").join([*names, *(title for _key, title in self.attestations)])


@dataclass(frozen=True)
class Ground:
    """A reason in words. Days are local."""

    code: str
    text: str
    requirement: str | None
    course: str | None
    attestation: str | None
    role: str | None
    since: date | None
    until: date | None
    fact: str | None


@dataclass(frozen=True)
class Step:
    """A missing step in words: what to do, who does it, where, and about how long it takes."""

    code: str
    text: str
    title: str
    requirement: str | None
    role: str | None
    right: str | None
    alternatives: tuple[NamedAlternative, ...]
    who: Who
    url: str
    minutes: int | None
    is_blocking: bool
    since: date | None


@dataclass(frozen=True)
class Explained:
    """A decision in words. `last_day` is the last local day on which the outcome holds; None: no end is known."""

    outcome: Outcome
    sentence: str
    reasons: tuple[Ground, ...]
    missing: tuple[Step, ...]
    last_day: date | None
    first_day: date | None

    @property
    def minutes_left(self) -> int:
        """About how long the remaining steps take, as far as is known."""
        return sum(step.minutes or 0 for step in self.missing)


@dataclass(frozen=True)
class Names:
    """What titles are found in, read once for many explanations."""

    courses: Mapping[str, CourseReference]
    book: RuleBook


def load_names() -> Names:
    """Two queries."""
    return Names(courses={course.key: course for course in CourseReference.objects.all()}, book=current_rule_book())


def explain(decision: EligibilityDecision, names: Names | None = None, *, addresses_reader: bool = False) -> Explained:
    """`decision` in words. `addresses_reader`: say “you”, since the reader is the person it is about."""
    names = names or load_names()
    rules = names.book.version(decision.policy_version)
    last_day = _last_day(decision.valid_until)
    return Explained(
        outcome=decision.outcome,
        sentence=_sentence(decision, last_day, addresses_reader),
        reasons=tuple(_ground(reason, rules, names) for reason in decision.reasons),
        missing=tuple(_step(step, rules, names) for step in decision.missing),
        last_day=last_day,
        first_day=None if decision.valid_from is None else local_day(decision.valid_from),
    )


def _sentence(decision: EligibilityDecision, last_day: date | None, addresses_reader: bool) -> str:
    if decision.outcome is Outcome.DENIED:
        return _("You may not order.") if addresses_reader else _("May not order.")
    if decision.outcome is Outcome.ALLOWED_WITH_WARNING:
        if last_day is not None:
            text = (
                _("You may order until and including %(day)s. A course is recommended.")
                if addresses_reader
                else _("May order until and including %(day)s. A course is recommended.")
            )
            return text % {"day": _day(last_day)}
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
        return text % {"day": _day(last_day)}
    return _("You may order.") if addresses_reader else _("May order.")


def _ground(reason: Reason, rules: RuleSet, names: Names) -> Ground:
    since = None if reason.since is None else local_day(reason.since)
    words = {
        "day": _day(since),
        "requirement": _requirement_title(reason.requirement, rules),
        "role": _role_title(reason.role, rules),
        "right": _right_title(reason.right, rules),
        "course": _course_title(reason.course, names),
        "attestation": rules.attestations.get(reason.attestation or "", reason.attestation or ""),
    }
    return Ground(
        code=reason.code.value,
        text=_ground_text(reason) % words,
        requirement=reason.requirement,
        course=reason.course,
        attestation=reason.attestation,
        role=reason.role,
        since=since,
        until=_last_day(reason.until),
        fact=reason.fact,
    )


def _ground_text(reason: Reason) -> str:
    match reason.code:
        case Code.EMPLOYED:
            return _("Employed since %(day)s.")
        case Code.APPOINTED:
            return _("Appointed since %(day)s: %(role)s.")
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


def _step(step: Missing, rules: RuleSet, names: Names) -> Step:
    alternatives = tuple(_alternative(alternative, rules, names) for alternative in step.alternatives)
    since = None if step.since is None else local_day(step.since)
    right = rules.rights.get(step.right or "")
    words = {
        "day": _day(since),
        "role": _role_title(step.role, rules),
        "right": _right_title(step.right, rules),
        "choice": _(" or ").join(alternative.text for alternative in alternatives),
        "months": right.inactivity_months if right else None,
    }
    shortest = min(alternatives, key=lambda a: (a.minutes is None, a.minutes or 0), default=None)
    return Step(
        code=step.code.value,
        text=_step_text(step) % words,
        title=_step_title(step, rules),
        requirement=step.requirement,
        role=step.role,
        right=step.right,
        alternatives=alternatives,
        who=_WHO.get(step.code, Who.PERSON),
        url=_step_url(step, shortest),
        minutes=shortest.minutes if shortest else None,
        is_blocking=step.is_blocking,
        since=since,
    )


def _step_text(step: Missing) -> str:
    match step.code:
        case Code.UNKNOWN_PERSON:
            return _("Nobody with this HSA-ID is known here. Check that it is written correctly.")
        case Code.NOT_EMPLOYED:
            return _("There is no current employment. The employer registers it.")
        case Code.RIGHT_NOT_FOR_PRINCIPAL:
            return _("This right is not given to those who work for this principal: %(right)s.")
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


def _step_title(step: Missing, rules: RuleSet) -> str:
    """What the step is about, in a few words."""
    if step.requirement is not None:
        return _requirement_title(step.requirement, rules)
    match step.code:
        case Code.UNKNOWN_PERSON | Code.NOT_EMPLOYED | Code.RIGHT_NOT_FOR_PRINCIPAL:
            return _("Employment")
        case Code.SUSPENDED:
            return _("Leave")
        case Code.LEVEL_NOT_DECIDED:
            return _("Level decision")
        case Code.NOT_APPOINTED:
            return _("Appointment")
        case Code.REVOKED if step.role is not None:
            return _("Appointment")
        case _:
            return _("Ordering right")


def _step_url(step: Missing, shortest: NamedAlternative | None) -> str:
    if shortest is not None:
        return next((course.url for course in shortest.courses if course.url), "")
    if step.code in {Code.NOT_AUTHORISED, Code.AUTHORISATION_ENDED, Code.AUTHORISATION_INACTIVE}:
        return f"{settings.BASE_URL}{APPLY_PATH}"
    return ""


def _alternative(alternative: Alternative, rules: RuleSet, names: Names) -> NamedAlternative:
    return NamedAlternative(
        courses=tuple(_named_course(key, names) for key in alternative.courses),
        attestations=tuple((key, rules.attestations.get(key, key)) for key in alternative.attestations),
    )


def _named_course(key: str, names: Names) -> NamedCourse:
    course = names.courses.get(key)
    if course is None:
        return NamedCourse(key=key, title=key, url="", minutes=None, is_external=False)
    url = f"{settings.BASE_URL}{course.url}" if course.url.startswith("/") else course.url
    return NamedCourse(key=key, title=course.title, url=url, minutes=course.minutes, is_external=course.is_external)


def _course_title(key: str | None, names: Names) -> str:
    course = names.courses.get(key or "")
    return course.title if course else key or ""


def _requirement_title(key: str | None, rules: RuleSet) -> str:
    requirement = rules.requirement(key or "")
    return requirement.title if requirement else key or ""


def _role_title(key: str | None, rules: RuleSet) -> str:
    role = rules.roles.get(key or "")
    return role.title if role else key or ""


def _right_title(key: str | None, rules: RuleSet) -> str:
    right = rules.rights.get(key or "")
    return right.title if right else key or ""


def _last_day(instant: datetime | None) -> date | None:
    """The last local day that `instant`, an excluded end, leaves."""
    return None if instant is None else local_day(instant.astimezone(UTC) - timedelta(microseconds=1))


def _day(day: date | None) -> str:
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
