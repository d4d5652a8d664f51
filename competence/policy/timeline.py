"""The answer over time: stretches with one outcome, from which a point in time, an expiry and a forecast follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from competence.policy.assess import assess
from competence.policy.decision import Context, Segment
from competence.policy.dossier import Dossier, dossier_of
from competence.policy.facts import PersonFacts
from competence.policy.requirements import expires_at, grace_ends_at
from competence.policy.rules import NoRules, Requirement, RuleBook, RuleSet


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
    granting = rules.rights.values() if right is None else rules.rights_that_grant(right)
    roles = {role for one in granting for role in one.roles}
    for one in granting:
        yield from one.period.instants()
    for role in roles:
        yield from rules.roles[role].period.instants()
        for predecessor in rules.roles[role].replaces:
            yield predecessor.since
    for requirement in rules.requirements:
        if not requirement.roles.isdisjoint(roles):
            yield from _instants_of(requirement, dossier)
    yield from rules.closed_courses.values()
    for authorisation in dossier.facts.authorisations:
        one_right = rules.rights.get(authorisation.right)
        if one_right is None or one_right not in granting:
            continue
        stretches, closing = dossier.life(authorisation, one_right)
        for stretch in stretches:
            yield stretch.start
            if stretch.end is not None:
                yield stretch.end
        if closing is not None:
            yield closing
        yield from authorisation.instants()


def _instants_of(requirement: Requirement, dossier: Dossier) -> Iterator[datetime]:
    yield requirement.start
    if requirement.end is not None:
        yield requirement.end
    if requirement.grace_days:
        yield grace_ends_at(requirement.start, requirement)
    for option in requirement.options:
        yield from option.period.instants()
    for course in {course for option in requirement.options for course in option.courses}:
        for completion in dossier.completions.get(course, ()):
            yield completion.start
            expiry = expires_at(completion, requirement, dossier)
            if expiry is not None:
                yield expiry
                if requirement.grace_days:
                    yield grace_ends_at(expiry, requirement)


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
