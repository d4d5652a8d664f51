"""The answer over time: stretches with one outcome, from which a point in time, an expiry and a forecast follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from competence.policy.assess import assess
from competence.policy.decision import Context, Segment
from competence.policy.dossier import Dossier, dossier_of
from competence.policy.facts import PersonFacts
from competence.policy.requirements import expires_at, grace_ends_at
from competence.policy.rules import NoRules, Requirement, Right, RuleBook, RuleSet


def instants(
    known: PersonFacts | Dossier, book: RuleBook, known_at: datetime, right: str | None = None
) -> tuple[datetime, ...]:
    """Every instant at which an outcome (of `right`; None: of any right) may change, in order.

    `known`: the facts as known at `known_at`.
    """
    dossier = dossier_of(known)
    facts = dossier.facts
    found: set[datetime] = set()
    for dated in (
        facts.employments,
        facts.suspensions,
        facts.appointments,
        facts.level_decisions,
        facts.attestations,
        facts.exemptions,
    ):
        for fact in dated:
            found.update(fact.instants())
    for publication in book.publications:
        if publication.published_at <= known_at:
            found.add(publication.in_force_from)
            found.update(_instants_under(publication.rule_set, dossier, right))
    return tuple(sorted(found))


def _instants_under(rules: RuleSet, dossier: Dossier, right: str | None) -> Iterator[datetime]:
    """The instants that the rules, and what they make of the facts, have for `right`."""
    plan = _plan(rules, right)
    yield from plan.instants
    for course in plan.courses:
        for completion in dossier.completions.get(course, ()):
            yield from completion.instants()
    for requirement, courses in plan.expiring:
        for course in courses:
            for completion in dossier.completions.get(course, ()):
                expiry = expires_at(completion, requirement, dossier)
                if expiry is not None:
                    yield expiry
                    if requirement.grace_days:
                        yield grace_ends_at(expiry, requirement)
    for authorisation in dossier.facts.authorisations:
        one_right = plan.granting.get(authorisation.right)
        if one_right is None:
            continue
        stretches, closing = dossier.life(authorisation, one_right)
        for stretch in stretches:
            yield stretch.start
            if stretch.end is not None:
                yield stretch.end
        if closing is not None:
            yield closing
        yield from authorisation.instants()


class _Plan(NamedTuple):
    """What of a rule set can change the outcome of a right: its own instants, the courses whose completions matter, the
    requirements for which these run out or have grace, with their courses, and the rights that grant it by key."""

    instants: tuple[datetime, ...]
    courses: frozenset[str]
    expiring: tuple[tuple[Requirement, tuple[str, ...]], ...]
    granting: dict[str, Right]


def _plan(rules: RuleSet, right: str | None) -> _Plan:
    """The plan, worked out once for a rule set: it never changes."""
    found = rules.plans.get(right)
    if found is None:
        found = rules.plans[right] = _planned(rules, right)
    plan: _Plan = found
    return plan


def _planned(rules: RuleSet, right: str | None) -> _Plan:
    granting = tuple(rules.rights.values()) if right is None else rules.rights_that_grant(right)
    roles = {role for one in granting for role in one.roles}
    instants: set[datetime] = set(rules.closed_courses.values())
    every_course: set[str] = set()
    expiring: list[tuple[Requirement, tuple[str, ...]]] = []
    for one in granting:
        instants.update(one.period.instants())
    for role in roles:
        instants.update(rules.roles[role].period.instants())
        instants.update(predecessor.since for predecessor in rules.roles[role].replaces)
    for requirement in rules.requirements:
        if requirement.roles.isdisjoint(roles):
            continue
        instants.add(requirement.start)
        if requirement.end is not None:
            instants.add(requirement.end)
        if requirement.grace_days:
            instants.add(grace_ends_at(requirement.start, requirement))
        for option in requirement.options:
            instants.update(option.period.instants())
        courses = sorted({course for option in requirement.options for course in option.courses})
        every_course.update(courses)
        if requirement.validity_months is not None or requirement.grace_days:
            expiring.append((requirement, tuple(courses)))
    by_key = {one.key: one for one in granting}
    return _Plan(tuple(sorted(instants)), frozenset(every_course), tuple(expiring), by_key)


def timeline(
    known: PersonFacts | Dossier,
    book: RuleBook,
    right: str,
    context: Context,
    known_at: datetime,
    since: datetime | None = None,
) -> tuple[Segment, ...]:
    """All time from the first rule set on, cut where the assessment changes. `known`: the facts as known at `known_at`.

    Time before any rule set is left out: then nobody could be judged. `since`: leave out what was over by then; the
    first stretch then begins at that instant or before. Raises UnanswerableQuestion like `assess`.
    """
    dossier = dossier_of(known)
    segments: list[Segment] = []
    changes = instants(dossier, book, known_at, right)
    for position, start in enumerate(changes):
        end = changes[position + 1] if position + 1 < len(changes) else None
        if since is not None and end is not None and end <= since:
            continue
        try:
            rules = book.in_force(start, known_at)
        except NoRules:
            continue
        assessment = assess(dossier, rules, right, context, start)
        if segments and segments[-1].assessment == assessment:
            segments[-1] = Segment(segments[-1].start, end, assessment)
        else:
            segments.append(Segment(start, end, assessment))
    return tuple(segments)
