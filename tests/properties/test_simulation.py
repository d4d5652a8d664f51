"""What a simulation says of a person is what the decision says under both sets of rules, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given

from competence.policy.assess import UnanswerableQuestion
from competence.policy.decision import Context, Outcome
from competence.policy.evaluate import decide
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import NoRules, Publication, RuleBook, RuleSet, rule_book
from competence.policy.timeline import instants as instants_of
from competence.prepared_facts import decode, encode
from competence.simulation.compare import changes_of, plan_simulation
from tests.properties.strategies import RIGHTS, books, instants, person_facts, rule_sets

pytestmark = [pytest.mark.properties, pytest.mark.pure]
DRAFT = 9
HORIZON = timedelta(days=500)


def outcome(
    facts: PersonFacts, book: RuleBook, right: str, employment: str, at: datetime, known_at: datetime
) -> Outcome:
    try:
        context = Context(employment=employment)
        return decide(facts, book, right, valid_at=at, known_at=known_at, context=context).outcome
    except (NoRules, UnanswerableQuestion):
        return Outcome.DENIED


@given(person_facts(), books(), rule_sets(DRAFT), instants, instants)
def test_p08_a_simulation_equals_the_decision_under_both_books(
    facts: PersonFacts, book: RuleBook, draft: RuleSet, at: datetime, now: datetime
) -> None:
    start = max(at, now)
    end = start + HORIZON
    plan = plan_simulation(book, draft, at=at, end=end, now=now, known_at=now)
    found = list(changes_of(facts, plan))
    with_draft = rule_book([*book.publications, Publication(draft, at, now)])
    known = as_known_at(facts, now)
    moments = sorted({start, *instants_of(known, with_draft, now)})
    for moment in [m for m in moments if start <= m < end]:
        for right in RIGHTS:
            for employment in (e for e in known.employments if e.holds(moment)):
                before = outcome(facts, book, right, employment.key, moment, now)
                after = outcome(facts, with_draft, right, employment.key, moment, now)
                told = [
                    (change.before, change.after)
                    for change in found
                    if (change.employment, change.right) == (employment.key, right)
                    and change.at <= moment
                    and (change.until is None or moment < change.until)
                ]
                assert told == ([] if before is after else [(before, after)]), (right, employment.key, moment)


@given(person_facts(), books(), instants)
def test_the_rules_in_force_change_nothing_when_they_are_published_again(
    facts: PersonFacts, book: RuleBook, now: datetime
) -> None:
    try:
        again = book.in_force(now, now)
    except NoRules:
        return
    plan = plan_simulation(book, again, at=now, end=now + timedelta(days=1), now=now, known_at=now)
    assert plan.rights == ()
    assert list(changes_of(facts, plan)) == []


@given(person_facts(), books(), rule_sets(DRAFT), instants, instants)
def test_completions_of_courses_that_no_requirement_in_question_speaks_of_change_nothing(
    facts: PersonFacts, book: RuleBook, draft: RuleSet, at: datetime, now: datetime
) -> None:
    plan = plan_simulation(book, draft, at=at, end=max(at, now) + HORIZON, now=now, known_at=now)
    less = decode(encode(facts), plan.courses)
    assert less is not None
    assert all(completion.course in plan.courses for completion in less.completions)
    assert list(changes_of(less, plan)) == list(changes_of(facts, plan))
