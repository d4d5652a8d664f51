"""What a simulation says of a person is what the decision says under both sets of rules, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competence.policy.assess import UnanswerableQuestion
from competence.policy.decision import Context, Outcome
from competence.policy.evaluate import decide
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import NoRules, Publication, RuleBook, RuleSet, rule_book
from competence.policy.timeline import instants as instants_of
from competence.prepared_facts import decode, encode
from competence.simulation import compare
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


@given(
    person_facts(),
    books(),
    rule_sets(DRAFT),
    instants,
    instants,
    st.sampled_from(("everything", "roles", "rights", "requirements", "closed_courses")),
)
def test_asking_only_those_who_can_go_a_way_that_differs_changes_nothing(
    facts: PersonFacts, book: RuleBook, drawn: RuleSet, at: datetime, now: datetime, changed: str
) -> None:
    draft = drawn
    if changed != "everything":  # but for that it is what was published last, so that some ways are the same
        draft = replace(book.publications[-1].rule_set, version=DRAFT, **{changed: getattr(drawn, changed)})
    plan = plan_simulation(book, draft, at=at, end=max(at, now) + HORIZON, now=now, known_at=now)
    asked = list(changes_of(facts, plan))
    with patch.object(compare, "may_go", return_value=True):
        assert asked == list(changes_of(facts, plan))


@given(books(), rule_sets(DRAFT), instants)
def test_a_way_may_be_gone_with_what_a_role_replaced_and_by_its_professions(
    book: RuleBook, draft: RuleSet, now: datetime
) -> None:
    plan = plan_simulation(book, draft, at=now, end=now + HORIZON, now=now, known_at=now)
    for rules in (p.rule_set for b in (plan.before, plan.after) for p in b.publications):
        for way in (way for ways in plan.ways.values() for way in ways):
            for role in (role for role in rules.roles.values() if role.key in way.roles):
                assert {one.role for one in role.replaces} <= way.roles
                assert role.held_by_professions <= way.professions
