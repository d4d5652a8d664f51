"""The answer over time: stretches with one outcome, from which a point in time, an expiry and a forecast follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from competence.policy.assess import assess
from competence.policy.authorisations import life
from competence.policy.decision import Context, Segment
from competence.policy.facts import PersonFacts
from competence.policy.requirements import expires_at, grace_ends_at
from competence.policy.rules import NoRules, RuleBook, RuleSet


def instants(facts: PersonFacts, book: RuleBook, known_at: datetime) -> tuple[datetime, ...]:
    """Every instant at which an outcome may change, in order. `facts` are as known at `known_at`."""
    found: set[datetime] = set(book.instants(known_at))
    for fact in facts.all_facts():
        found.update(fact.instants())
    for publication in book.publications:
        if publication.published_at <= known_at:
            found.update(_instants_under(publication.rule_set, facts))
    return tuple(sorted(found))


def _instants_under(rules: RuleSet, facts: PersonFacts) -> Iterator[datetime]:
    for requirement in rules.requirements:
        if requirement.grace_days:
            yield grace_ends_at(requirement.start, requirement)
        if requirement.validity_months is None and not requirement.grace_days:
            continue
        courses = {course for option in requirement.options for course in option.courses}
        for completion in facts.completions:
            expiry = expires_at(completion, requirement) if completion.course in courses else None
            if expiry is not None:
                yield expiry
                yield grace_ends_at(expiry, requirement)
    for authorisation in facts.authorisations:
        right = rules.rights.get(authorisation.right)
        if right is None:
            continue
        stretches, closing = life(authorisation, right, facts)
        for stretch in stretches:
            yield stretch.start
            if stretch.end is not None:
                yield stretch.end
        if closing is not None:
            yield closing


def timeline(
    facts: PersonFacts, book: RuleBook, right: str, context: Context, known_at: datetime
) -> tuple[Segment, ...]:
    """All time from the first rule set on, cut where the assessment changes. `facts` are as known at `known_at`.

    Time before any rule set is left out: then nobody could be judged. Raises UnanswerableQuestion like `assess`.
    """
    segments: list[Segment] = []
    changes = instants(facts, book, known_at)
    for position, start in enumerate(changes):
        end = changes[position + 1] if position + 1 < len(changes) else None
        try:
            rules = book.in_force(start, known_at)
        except NoRules:
            continue
        assessment = assess(facts, rules, right, context, start)
        if segments and segments[-1].assessment == assessment:
            segments[-1] = Segment(segments[-1].start, end, assessment)
        else:
            segments.append(Segment(start, end, assessment))
    return tuple(segments)
