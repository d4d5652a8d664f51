"""What holds of every decision, whatever the rules and the facts. The numbers P1–P19 name the properties."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competence.policy.assess import UnanswerableQuestion, assess, outcome_of
from competence.policy.decision import Outcome
from competence.policy.facts import (
    UNKNOWN_PERSON,
    Authorisation,
    Completion,
    Ending,
    EndingKind,
    PersonFacts,
    as_known_at,
)
from competence.policy.reasons import Code
from competence.policy.rules import NoRules
from competence.policy.timeline import instants as instants_of
from competence.policy.timeline import timeline
from tests.properties.steps import (
    any_cases,
    ask,
    can_be_carried_out,
    carry_out,
    completed_cases,
    hires,
    replaced,
    with_fact,
)
from tests.properties.strategies import LONG_AGO, Case, authorisations, completions, suspensions

RANK = {Outcome.DENIED: 0, Outcome.ALLOWED_WITH_WARNING: 1, Outcome.ALLOWED: 2}
pytestmark = [pytest.mark.properties, pytest.mark.pure]
TICK = timedelta(microseconds=1)
FACT_LISTS = [field.name for field in fields(PersonFacts) if field.name != "is_known"]


@given(any_cases)
def test_p01_the_same_question_gets_the_same_answer(case: Case) -> None:
    assert ask(case) == ask(case)


@given(any_cases)
def test_p02_nobody_is_allowed_without_employment_appointment_and_authorisation(case: Case) -> None:
    assert not ask(case, facts=replaced(case.facts, "employments", ())).allowed
    assert not ask(case, facts=UNKNOWN_PERSON).allowed
    # But for a role that the profession holds without being appointed, and a right that follows without an application.
    unappointed = ask(case, facts=replaced(case.facts, "appointments", ()))
    assert not unappointed.allowed or Code.HELD_BY_PROFESSION in {reason.code for reason in unappointed.reasons}
    ungranted = ask(case, facts=replaced(case.facts, "authorisations", ()))
    rights = case.book.in_force(case.valid_at, case.known_at).rights
    assert not ungranted.allowed or not rights[ungranted.granting_right or ""].needs_application


@given(any_cases)
def test_p02_an_allowing_answer_rests_on_each_of_its_grounds(case: Case) -> None:
    answer = ask(case)
    assume(answer.allowed)
    codes = {reason.code for reason in answer.reasons}
    assert Code.EMPLOYED in codes
    assert codes & {Code.APPOINTED, Code.HELD_BY_PROFESSION}
    needs_application = (
        case.book.in_force(case.valid_at, case.known_at).rights[answer.granting_right or ""].needs_application
    )
    assert (Code.AUTHORISED in codes) is needs_application


@given(any_cases, suspensions)
def test_p02_a_suspension_beats_every_permit(case: Case, suspension: Any) -> None:
    facts = replace(
        case.facts,
        suspensions=tuple(
            replace(
                suspension,
                key=f"suspension:{employment.key}",
                employment=employment.key,
                start=LONG_AGO,
                end=None,
                endings=(),
                recorded_at=LONG_AGO,
            )
            for employment in case.facts.employments
        ),
    )
    assert not ask(case, facts=facts).allowed


@given(any_cases, completions)
def test_p03_one_more_completion_never_removes_a_right(case: Case, completion: Completion) -> None:
    more = with_fact(case.facts, "completions", replace(completion, endings=()))
    assert RANK[ask(case, facts=more).outcome] >= RANK[ask(case).outcome]


@given(any_cases, st.data())
def test_p04_a_revocation_never_adds_a_right(case: Case, data: st.DataObject) -> None:
    permits = [
        (name, index)
        for name in ("employments", "appointments", "authorisations", "attestations", "exemptions", "completions")
        for index in range(len(getattr(case.facts, name)))
    ]
    assume(permits)
    name, index = data.draw(st.sampled_from(permits))
    rows = list(getattr(case.facts, name))
    revocation = Ending(at=data.draw(st.just(case.valid_at)), kind=EndingKind.REVOKED, recorded_at=LONG_AGO)
    rows[index] = replace(rows[index], endings=(*rows[index].endings, revocation))
    assert RANK[ask(case, facts=replaced(case.facts, name, tuple(rows))).outcome] <= RANK[ask(case).outcome]


@given(any_cases, authorisations, completions)
def test_p05_what_is_recorded_later_changes_nothing(
    case: Case, authorisation: Authorisation, completion: Completion
) -> None:
    later = case.known_at + TICK
    more = with_fact(case.facts, "authorisations", replace(authorisation, recorded_at=later))
    more = with_fact(more, "completions", replace(completion, recorded_at=later))
    assert ask(case, facts=more) == ask(case)


@given(any_cases)
def test_p05_an_ending_recorded_later_changes_nothing(case: Case) -> None:
    ending = Ending(at=LONG_AGO, kind=EndingKind.CORRECTED, recorded_at=case.known_at + TICK)
    more = replace(
        case.facts,
        authorisations=tuple(replace(a, endings=(*a.endings, ending)) for a in case.facts.authorisations),
    )
    assert ask(case, facts=more) == ask(case)


@given(any_cases, completions)
def test_p05_a_completion_after_the_instant_does_not_count_at_it(case: Case, completion: Completion) -> None:
    ahead = replace(completion, start=case.valid_at + TICK, endings=())
    more = with_fact(case.facts, "completions", ahead)
    assert ask(case, facts=more).outcome is ask(case).outcome


@given(any_cases, st.randoms(use_true_random=False))
def test_p10_the_order_of_the_facts_does_not_matter(case: Case, random: Any) -> None:
    shuffled: dict[str, Any] = {}
    for field in fields(PersonFacts):
        value = getattr(case.facts, field.name)
        if isinstance(value, tuple):
            rows = list(value)
            random.shuffle(rows)
            value = tuple(rows)
        shuffled[field.name] = value
    one, other = ask(case), ask(case, facts=PersonFacts(**shuffled))
    assert (one.outcome, one.valid_from, one.valid_until) == (other.outcome, other.valid_from, other.valid_until)
    assert len(one.missing) == len(other.missing)


@given(any_cases)
def test_p11_taking_every_missing_step_is_enough(case: Case) -> None:
    answer = ask(case)
    assume(can_be_carried_out(case, answer))
    facts = case.facts
    for step in answer.missing:
        facts = carry_out(facts, step, case, answer)
    after = ask(case, facts=facts)
    assert after.outcome is Outcome.ALLOWED, after.missing


@given(any_cases, st.data())
def test_p11_leaving_out_one_step_is_not_enough(case: Case, data: st.DataObject) -> None:
    answer = ask(case)
    assume(answer.missing and can_be_carried_out(case, answer))
    # Whoever is employed in a profession that holds the role needs no appointment, but it was not known before that.
    rules = case.book.in_force(case.valid_at, case.known_at)
    assume(not hires(answer) or not rules.roles[answer.role or ""].held_by_professions)
    # Steps with a choice may overlap in what is chosen; minimality is promised where there is nothing to choose.
    assume(all(len(step.alternatives) <= 1 for step in answer.missing))
    left_out = data.draw(st.sampled_from(answer.missing))
    facts = case.facts
    for step in answer.missing:
        if step is not left_out:
            facts = carry_out(facts, step, case, answer)
    assert ask(case, facts=facts).outcome is not Outcome.ALLOWED


@given(completed_cases())
def test_p12_an_allowing_answer_needs_the_facts_that_it_cites(case: Case) -> None:
    answer = ask(case)
    assume(answer.allowed)
    for reason in answer.reasons:
        if reason.fact is None:
            continue
        without = case.facts
        for name in FACT_LISTS:
            without = replaced(without, name, tuple(f for f in getattr(without, name) if f.key != reason.fact))
        after = ask(case, facts=without)
        # Either it is needed, or the answer names another ground in its place.
        assert after.outcome is not answer.outcome or all(r.fact != reason.fact for r in after.reasons)


@given(any_cases)
def test_p15_an_outcome_changes_only_at_a_listed_instant(case: Case) -> None:
    known = as_known_at(case.facts, case.known_at)
    listed = set(instants_of(known, case.book, case.known_at))
    # Before LONG_AGO there are no rules, and so no answers.
    for instant in chain([case.valid_at], sorted(instant for instant in listed if instant > LONG_AGO)[:12]):
        before, at = ask(case, valid_at=instant - TICK), ask(case, valid_at=instant)
        if instant not in listed:
            assert before.outcome is at.outcome
        after = ask(case, valid_at=instant + TICK)
        assert after.outcome is at.outcome


@given(any_cases)
def test_p15_the_bounds_of_an_answer_are_exact(case: Case) -> None:
    answer = ask(case)
    if answer.valid_until is not None:
        assert ask(case, valid_at=answer.valid_until - TICK).outcome is answer.outcome
        assert ask(case, valid_at=answer.valid_until).outcome is not answer.outcome
    if answer.valid_from is not None and answer.valid_from > LONG_AGO:
        assert ask(case, valid_at=answer.valid_from).outcome is answer.outcome
        assert ask(case, valid_at=answer.valid_from - TICK).outcome is not answer.outcome


@given(any_cases)
def test_p15_the_outcome_alone_is_the_outcome_of_the_whole_answer(case: Case) -> None:
    known = as_known_at(case.facts, case.known_at)
    for instant in (case.valid_at, *instants_of(known, case.book, case.known_at, case.right)):
        try:
            rules = case.book.in_force(instant, case.known_at)
            whole = assess(known, rules, case.right, case.context, instant)
        except (NoRules, UnanswerableQuestion):
            continue
        assert outcome_of(known, rules, case.right, case.context, instant) is whole.outcome


@given(any_cases)
def test_p08_the_timeline_says_the_same_as_the_single_answer(case: Case) -> None:
    known = as_known_at(case.facts, case.known_at)
    segments = timeline(known, case.book, case.right, case.context, case.known_at)
    covering = [
        s
        for s in segments
        if (s.start is None or s.start <= case.valid_at) and (s.end is None or case.valid_at < s.end)
    ]
    assert [s.assessment.outcome for s in covering] == [ask(case).outcome]


@given(any_cases)
def test_p16_other_titles_make_no_other_answer(case: Case) -> None:
    renamed = replace(
        case.book,
        publications=tuple(
            replace(
                p,
                rule_set=replace(
                    p.rule_set,
                    roles={k: replace(r, title="annat namn") for k, r in p.rule_set.roles.items()},
                    rights={k: replace(r, title="annat namn") for k, r in p.rule_set.rights.items()},
                ),
            )
            for p in case.book.publications
        ),
    )
    assert ask(case, book=renamed) == ask(case)


@given(any_cases)
def test_p19_nobody_is_valid_and_expired_in_the_same_requirement(case: Case) -> None:
    answer = ask(case)
    met = {r.requirement for r in answer.reasons if r.code is Code.REQUIREMENT_MET}
    expired = {m.requirement for m in answer.missing if m.code is Code.COURSE_EXPIRED}
    assert not met & expired
