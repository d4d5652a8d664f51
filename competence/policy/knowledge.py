"""How the answer about one instant changed as more became known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from competence.policy.assess import UnanswerableQuestion, assess
from competence.policy.decision import Assessment, Context
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import NoRules, RuleBook


@dataclass(frozen=True, slots=True)
class Learned:
    """What was recorded at `known_at` changed the answer about an instant from `before` to `after`.

    None: there was no answer, since no rules were known, or the rules did not know the right.
    """

    known_at: datetime
    before: Assessment | None
    after: Assessment | None


def learned(
    facts: PersonFacts,
    book: RuleBook,
    right: str,
    context: Context,
    *,
    valid_at: datetime,
    since: datetime,
    until: datetime,
) -> tuple[Learned, ...]:
    """Every change of the answer about `valid_at` by what was recorded after `since` and no later than `until`.

    A change is another outcome or other missing steps; another ground for the same is none.
    """
    instants = {instant for instant in _recorded(facts, book) if since < instant <= until}
    found: list[Learned] = []
    before = _answer(facts, book, right, context, valid_at, since)
    for instant in sorted(instants):
        after = _answer(facts, book, right, context, valid_at, instant)
        if _essence(after) != _essence(before):
            found.append(Learned(instant, before, after))
        before = after
    return tuple(found)


def _recorded(facts: PersonFacts, book: RuleBook) -> set[datetime]:
    """Every instant at which something was recorded."""
    found = {publication.published_at for publication in book.publications}
    for fact in facts.all_facts():
        found.add(fact.recorded_at)
        found.update(ending.recorded_at for ending in fact.endings)
    return found


def _answer(
    facts: PersonFacts, book: RuleBook, right: str, context: Context, valid_at: datetime, known_at: datetime
) -> Assessment | None:
    try:
        return assess(as_known_at(facts, known_at), book.in_force(valid_at, known_at), right, context, valid_at)
    except (NoRules, UnanswerableQuestion):
        return None


def _essence(answer: Assessment | None) -> object:
    return answer and (answer.outcome, answer.missing)
