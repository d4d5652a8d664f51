"""A decision in words, in the active language. Words only: what is allowed has been decided before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from competence.models.course_reference import CourseReference
from competence.policy.decision import EligibilityDecision, Outcome
from competence.policy.reasons import Alternative, Code, Missing, Reason
from competence.policy.rules import RuleBook, RuleSet
from competence.queries.rules import current_rule_book
from competence.wording import WHO_TAKES, Who, coming_sentence, coming_text, day_text, ground_text, sentence, step_text
from lms.lib.clock import local_day

APPLY_PATH = "/min-behorighet/ansok/"
CLAIM_PATH = "/min-behorighet/intyga/"


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
    after: tuple[str, ...] = ()
    """What comes before it, by title."""


@dataclass(frozen=True)
class Coming:
    """What will be the answer from `first_day` on, and why: a text for each step that is missing then and not now."""

    first_day: date
    outcome: Outcome
    sentence: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """A decision in words. `last_day` is the last local day on which the outcome holds; None: no end is known.

    `coming`: what it will be after that, None: as far as is known, it stays.
    """

    outcome: Outcome
    sentence: str
    reasons: tuple[Ground, ...]
    missing: tuple[Step, ...]
    last_day: date | None
    first_day: date | None
    coming: Coming | None = None

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
        sentence=sentence(decision, last_day, addresses_reader),
        reasons=tuple(_ground(reason, rules, names) for reason in decision.reasons),
        missing=tuple(_step(step, rules, names) for step in decision.missing),
        last_day=last_day,
        first_day=None if decision.valid_from is None else local_day(decision.valid_from),
        coming=_coming(decision, names, addresses_reader),
    )


def _coming(decision: EligibilityDecision, names: Names, addresses_reader: bool) -> Coming | None:
    if decision.next is None or decision.valid_until is None:
        return None
    first_day = local_day(decision.valid_until)
    rules = names.book.version(decision.next.policy_version)
    known = {(step.code, step.requirement, step.role, step.right) for step in decision.missing}
    return Coming(
        first_day=first_day,
        outcome=decision.next.outcome,
        sentence=coming_sentence(decision.next.outcome, first_day, addresses_reader),
        texts=tuple(
            coming_text(step) % _step_words(step, rules, names)
            for step in decision.next.missing
            if (step.code, step.requirement, step.role, step.right) not in known
        ),
    )


def _ground(reason: Reason, rules: RuleSet, names: Names) -> Ground:
    since = None if reason.since is None else local_day(reason.since)
    words = {
        "day": day_text(since),
        "requirement": _requirement_title(reason.requirement, rules),
        "role": _role_title(reason.role, rules),
        "right": _right_title(reason.right, rules),
        "course": _course_title(reason.course, names),
        "attestation": rules.attestations.get(reason.attestation or "", reason.attestation or ""),
    }
    return Ground(
        code=reason.code.value,
        text=ground_text(reason) % words,
        requirement=reason.requirement,
        course=reason.course,
        attestation=reason.attestation,
        role=reason.role,
        since=since,
        until=_last_day(reason.until),
        fact=reason.fact,
    )


def _step_words(step: Missing, rules: RuleSet, names: Names) -> dict[str, object]:
    """The names and days that a step's sentences have places for."""
    right = rules.rights.get(step.right or "")
    return {
        "day": day_text(None if step.since is None else local_day(step.since)),
        "role": _role_title(step.role, rules),
        "right": _right_title(step.right, rules),
        "requirement": _requirement_title(step.requirement, rules),
        "choice": _(" or ").join(_alternative(one, rules, names).text for one in step.alternatives),
        "months": right.inactivity_months if right else None,
        "last_day": day_text(_last_day(step.until)),
    }


def _step(step: Missing, rules: RuleSet, names: Names) -> Step:
    alternatives = tuple(_alternative(alternative, rules, names) for alternative in step.alternatives)
    shortest = min(alternatives, key=lambda a: (a.minutes is None, a.minutes or 0), default=None)
    return Step(
        code=step.code.value,
        text=step_text(step) % _step_words(step, rules, names),
        title=step_title(step, rules),
        requirement=step.requirement,
        role=step.role,
        right=step.right,
        alternatives=alternatives,
        who=WHO_TAKES.get(step.code, Who.PERSON),
        url=_step_url(step, shortest),
        minutes=shortest.minutes if shortest else None,
        is_blocking=step.is_blocking,
        since=None if step.since is None else local_day(step.since),
        after=tuple(_requirement_title(key, rules) for key in step.after),
    )


def step_title(step: Missing, rules: RuleSet) -> str:
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
        courses=tuple(named_course(key, names) for key in alternative.courses),
        attestations=tuple((key, rules.attestations.get(key, key)) for key in alternative.attestations),
    )


def named_course(key: str, names: Names) -> NamedCourse:
    """The course `key` with its title and where to take it."""
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
