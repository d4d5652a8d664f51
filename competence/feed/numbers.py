"""Rights for which an answer may depend on a customer number that was given for another right, or on none at all. Pure.

As a rule a right that is given per unit is granted by itself alone, for the numbers that a person was given, and
`competence.outcomes.stretches_of` asks about just these. Rules may say otherwise: such a right may follow with the
role, whatever the number, or come with a wider right. Then everything that makes a difference is asked here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from competence.outcomes import EVERYTHING, Stretch, number_of
from competence.policy.assess import UnanswerableQuestion, assess
from competence.policy.decision import Context, Outcome
from competence.policy.dossier import Dossier
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import NoRules, RuleBook
from competence.policy.timeline import instants

Mixed = Mapping[str, frozenset[str]]


def mixed_rights(book: RuleBook) -> Mixed:
    """The rights of that kind, each with all that grant it under any of the published rules."""
    granting: dict[str, set[str]] = defaultdict(set)
    plain: dict[str, set[bool]] = defaultdict(set)
    mixed: set[str] = set()
    for publication in book.publications:
        rules = publication.rule_set
        for right in rules.rights.values():
            several = rules.rights_that_grant(right.key)
            granting[right.key].update(one.key for one in several)
            numbered = [one for one in several if one.needs_customer_number]
            if numbered and (len(several) > 1 or not right.needs_application):
                mixed.add(right.key)
            plain[right.key].add(bool(numbered))
    mixed.update(right for right, numbered in plain.items() if len(numbered) > 1)
    return {right: frozenset(granting[right]) for right in sorted(mixed)}


def with_mixed_rights(
    stretches: Sequence[Stretch], facts: PersonFacts, book: RuleBook, mixed: Mixed, since: datetime
) -> Sequence[Stretch]:
    """`stretches` of a person, in which those of the `mixed` rights are such that every number has its answer.

    The empty number stands for any that is not among the others.
    """
    if not mixed:
        return stretches
    kept = [s for s in stretches if s.right not in mixed]
    known = as_known_at(facts, EVERYTHING)
    dossier = Dossier(known)
    for right, granting in mixed.items():
        changes = instants(dossier, book, EVERYTHING, right)
        for employment in known.employments:
            given = {a.customer_number for a in known.authorisations if a.right in granting}
            for number in sorted({"", *given}):
                context = Context(employment=employment.key, customer_number=number or None)
                for start, end, outcome in _stretches(dossier, book, right, context, changes, since):
                    kept.append(
                        Stretch(number_of(employment.key), right, number, start, end, outcome, "", concerns_until=None)
                    )
    return kept


def _stretches(
    dossier: Dossier, book: RuleBook, right: str, context: Context, changes: Sequence[datetime], since: datetime
) -> Iterator[tuple[datetime, datetime | None, Outcome]]:
    starts: Iterable[datetime] = (since, *changes[bisect_right(changes, since) :])
    start, outcome = since, Outcome.DENIED
    for instant in starts:
        try:
            following = assess(dossier, book.in_force(instant, EVERYTHING), right, context, instant).outcome
        except (NoRules, UnanswerableQuestion):
            following = Outcome.DENIED  # no answer, so no permit
        if following is not outcome:
            if start < instant:
                yield start, instant, outcome
            start, outcome = instant, following
    yield start, None, outcome
