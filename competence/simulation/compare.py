"""What a rule document would change for one person. Pure: the one evaluation, asked under two sets of rules.

A *change* is a stretch of time, within the horizon, in which the outcome in one employment and for one right is another
under the draft than under the rules as published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

from competence.policy.assess import UnanswerableQuestion, assess
from competence.policy.decision import Context, Outcome
from competence.policy.dossier import Dossier, dossier_of
from competence.policy.facts import Employment, PersonFacts, as_known_at
from competence.policy.rules import NoRules, Publication, RuleBook, RuleSet, rule_book
from competence.policy.timeline import instants
from competence.rule_difference import said_of

Name = TypeVar("Name", str, int)


class Kind(StrEnum):
    """What a change is to the person."""

    LOSES = "loses"
    """May order under the published rules, may not under the draft."""
    GAINS = "gains"
    WARNED = "warned"
    """May order under both, under the draft with a recommendation."""
    CLEARED = "cleared"


def kind_of(before: Outcome, after: Outcome) -> Kind:
    """What it is to go from `before` to another outcome, `after`."""
    if after is Outcome.DENIED:
        return Kind.LOSES
    if before is Outcome.DENIED:
        return Kind.GAINS
    return Kind.WARNED if after is Outcome.ALLOWED_WITH_WARNING else Kind.CLEARED


@dataclass(frozen=True, slots=True)
class Change:
    """`until` None: beyond the horizon. `role`: the way that allowed, or allows."""

    employment: str
    right: str
    role: str
    principal: str
    at: datetime
    until: datetime | None
    before: Outcome
    after: Outcome

    @property
    def kind(self) -> Kind:
        return kind_of(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to a right about which the books may differ, and what nobody goes it without: an authorisation for the
    right `granting` (None: none is needed), and an appointment to one of `roles` or one of `professions`."""

    granting: str | None
    roles: frozenset[str]
    professions: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """What to compare: the two books from `start` until `end`, and the rights about which they may differ.

    `ways`: for each of these the ways about which they may. `courses`: those that the rights' requirements speak of,
    under either book: no other completion matters.
    """

    before: RuleBook
    after: RuleBook
    start: datetime
    end: datetime
    known_at: datetime
    rights: tuple[str, ...]
    ways: dict[str, tuple[Way, ...]]
    courses: frozenset[str]


def plan_simulation(
    book: RuleBook, draft: RuleSet, *, at: datetime, end: datetime, now: datetime, known_at: datetime
) -> Plan:
    """Compare `book` with what it would be if `draft` had been published to take effect `at`; from then or from now on.

    Rights of which the rules say the same throughout are left out.
    """
    start = max(at, now)
    before = _relevant(book, start, end, known_at)
    with_draft = rule_book([*book.publications, Publication(draft, at, known_at)])
    after = _relevant(with_draft, start, end, known_at)
    rights = dict.fromkeys(
        key for one in (after, before) for publication in one.publications for key in publication.rule_set.rights
    )
    differing = tuple(key for key in rights if _differ(key, before, after, start, end, known_at))
    return Plan(
        before=before,
        after=after,
        start=start,
        end=end,
        known_at=known_at,
        rights=differing,
        ways={key: tuple(_ways(key, before, after, start, end, known_at)) for key in differing},
        courses=_courses(differing, before, after),
    )


def _relevant(book: RuleBook, start: datetime, end: datetime, known_at: datetime) -> RuleBook:
    """Only the publications that are in force at some time from `start` to `end`."""
    known = [p for p in book.publications if p.published_at <= known_at]
    moments = [start, *(p.in_force_from for p in known if start < p.in_force_from < end)]
    kept = {}
    for moment in moments:
        in_force = [p for p in known if p.in_force_from <= moment]
        if in_force:
            best = max(in_force, key=lambda p: (p.in_force_from, p.published_at, p.rule_set.version))
            kept[best.rule_set.version] = best
    return rule_book(list(kept.values()))


def _differ(right: str, before: RuleBook, after: RuleBook, start: datetime, end: datetime, known_at: datetime) -> bool:
    return any(said_of(right, old) != said_of(right, new) for old, new in _pairs(before, after, start, end, known_at))


Pair = tuple[RuleSet | None, RuleSet | None]
"""The rules in force at the same time under both books; None: there are none."""


def _pairs(before: RuleBook, after: RuleBook, start: datetime, end: datetime, known_at: datetime) -> Iterator[Pair]:
    for moment in sorted({start, *(p.in_force_from for book in (before, after) for p in book.publications)}):
        if start <= moment < end:
            yield _in_force(before, moment, known_at), _in_force(after, moment, known_at)


def _ways(
    right: str, before: RuleBook, after: RuleBook, start: datetime, end: datetime, known_at: datetime
) -> Iterator[Way]:
    every = [p.rule_set for p in (*before.publications, *after.publications)]
    pairs = list(_pairs(before, after, start, end, known_at))
    for granting, role in sorted({(g.key, r.key) for rules in every for g, r in rules.carriers_of(right)}):
        if all(
            _said_of_way(right, granting, role, old) == _said_of_way(right, granting, role, new) for old, new in pairs
        ):
            continue
        roles = [rules.roles[role] for rules in every if role in rules.roles]
        needs_application = all(rules.rights[granting].needs_application for rules in every if granting in rules.rights)
        yield Way(
            granting=granting if needs_application else None,
            roles=frozenset({role, *(predecessor.role for one in roles for predecessor in one.replaces)}),
            professions=frozenset(profession for one in roles for profession in one.held_by_professions),
        )


def _said_of_way(right: str, granting: str, role: str, rules: RuleSet | None) -> object:
    """Everything in a rule set on which the outcome by this way can depend, to be compared; None: there is none."""
    if rules is None or (granting, role) not in {(g.key, r.key) for g, r in rules.carriers_of(right)}:
        return None
    requirements = rules.requirements_of(role)
    courses = {course for one in requirements for option in one.options for course in option.courses}
    closed = {course: since for course, since in rules.closed_courses.items() if course in courses}
    return rules.rights[right], rules.rights[granting], rules.roles[role], requirements, closed


def _courses(rights: Iterable[str], before: RuleBook, after: RuleBook) -> frozenset[str]:
    found: set[str] = set()
    for publication in (*before.publications, *after.publications):
        rules = publication.rule_set
        for right in rights:
            for _granting, role in rules.carriers_of(right):
                for requirement in rules.requirements_of(role.key):
                    found.update(course for option in requirement.options for course in option.courses)
    return frozenset(found)


def changes_of(facts: PersonFacts, plan: Plan) -> Iterator[Change]:
    """Every change for one person, by employment, right and time."""
    # Nobody may order without an authorisation where one is needed, nor without the role: whoever lacks one of them by
    # every way about which the books differ can neither lose nor gain. That is no second rule but one of the decision's
    # properties; a test compares with and without it.
    held = {(a.employment, a.right) for a in facts.authorisations}
    appointed = {(a.employment, a.role) for a in facts.appointments}
    asked = [
        (employment, right)
        for employment in facts.employments
        for right in plan.rights
        if any(may_go(employment.key, employment.profession, way, held, appointed) for way in plan.ways[right])
    ]
    if not asked:
        return
    dossier = dossier_of(as_known_at(facts, plan.known_at))
    current = {
        e.key: e for e in dossier.facts.employments if e.start < plan.end and (e.end is None or e.end > plan.start)
    }
    moments: dict[str, list[_Moment]] = {}
    for employment, right in asked:
        held_then = current.get(employment.key)
        if held_then is None:
            continue
        if right not in moments:
            moments[right] = _moments(dossier, right, plan)
        yield from _changes_in(dossier, held_then, right, moments[right])


def may_go(
    employment: Name, profession: str, way: Way, held: Set[tuple[Name, str]], appointed: Set[tuple[Name, str]]
) -> bool:
    """Whether anybody goes `way` in an employment with this name and profession, where the authorisations (by
    employment and right) are `held` and the appointments (by employment and role) `appointed`."""
    if way.granting is not None and (employment, way.granting) not in held:
        return False
    return profession in way.professions or any((employment, role) in appointed for role in way.roles)


_Moment: TypeAlias = tuple[datetime, RuleSet | None, RuleSet | None]
"""An instant with the rules in force then, as published and with the draft."""


def _moments(dossier: Dossier, right: str, plan: Plan) -> list[_Moment]:
    """Every instant of the plan at which the outcome of `right` may change for this person."""
    changing = {
        *instants(dossier, plan.before, plan.known_at, right),
        *instants(dossier, plan.after, plan.known_at, right),
    }
    found = [plan.start, *sorted(moment for moment in changing if plan.start < moment < plan.end)]
    return [
        (moment, _in_force(plan.before, moment, plan.known_at), _in_force(plan.after, moment, plan.known_at))
        for moment in found
    ]


def _in_force(book: RuleBook, at: datetime, known_at: datetime) -> RuleSet | None:
    try:
        return book.in_force(at, known_at)
    except NoRules:
        return None


def _changes_in(
    dossier: Dossier,
    employment: Employment,
    right: str,
    moments: list[_Moment],
) -> Iterator[Change]:
    context = Context(employment=employment.key)
    going: Change | None = None
    for moment, old, new in moments:
        before, old_role = _outcome(dossier, old, right, context, moment)
        # The same rules give the same answer.
        after, new_role = (before, old_role) if new is old else _outcome(dossier, new, right, context, moment)
        if going is not None and (before, after) == (going.before, going.after):
            continue
        if going is not None:
            yield _until(going, moment)
            going = None
        if before is not after:
            role = (old_role if after is Outcome.DENIED else new_role) or ""
            going = Change(employment.key, right, role, employment.principal, moment, None, before, after)
    if going is not None:
        yield going


def _until(change: Change, moment: datetime) -> Change:
    return Change(
        change.employment, change.right, change.role, change.principal, change.at, moment, change.before, change.after
    )


def _outcome(
    dossier: Dossier, rules: RuleSet | None, right: str, context: Context, at: datetime
) -> tuple[Outcome, str | None]:
    if rules is None:
        return Outcome.DENIED, None
    try:
        answer = assess(dossier, rules, right, context, at)
    except UnanswerableQuestion:  # there is no such right then
        return Outcome.DENIED, None
    return answer.outcome, answer.role
