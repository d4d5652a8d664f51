"""The compact form says the same as the facts, whatever they are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from competence import prepared_facts
from competence.policy.facts import Completion, Employment, Ending, EndingKind, PersonFacts
from competence.prepared_facts import NOT_YET, decode, encode, recorded_at, with_completions
from tests.properties.strategies import COURSES, Case, cases, person_facts

AT = datetime(2025, 3, 30, 1, 30, 0, 123_457, tzinfo=UTC)
microseconds = st.integers(-(10**15), 2 * 10**17)


@given(person_facts())
def test_p17_decoded_facts_are_the_facts_that_were_encoded(facts: PersonFacts) -> None:
    assert decode(encode(facts)) == facts


@given(person_facts(), st.sets(st.sampled_from(COURSES)))
def test_completions_of_other_courses_are_left_out_and_nothing_else(facts: PersonFacts, courses: set[str]) -> None:
    kept = tuple(one for one in facts.completions if one.course in courses)
    assert decode(encode(facts), frozenset(courses)) == replace(facts, completions=kept)


@given(person_facts(), microseconds)
def test_facts_that_were_made_ready_are_recorded_at_the_instant_of_their_change(
    facts: PersonFacts, number: int
) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)

    def recorded(fact: Completion, instant: datetime) -> Completion:
        endings = tuple(replace(ending, recorded_at=instant) for ending in fact.endings)
        return replace(fact, recorded_at=instant, endings=endings)

    not_yet = replace(facts, completions=tuple(recorded(one, NOT_YET) for one in facts.completions))
    now = replace(facts, completions=tuple(recorded(one, at) for one in facts.completions))
    assert decode(recorded_at(encode(not_yet), NOT_YET, at)) == now


@given(person_facts(), person_facts())
def test_completions_put_behind_the_others_are_encoded_as_all_of_them_would_be(
    facts: PersonFacts, more: PersonFacts
) -> None:
    longer = replace(facts, completions=(*facts.completions, *more.completions))
    assert with_completions(encode(facts), more.completions) == encode(longer)


@given(cases)
def test_p17_the_form_is_the_same_for_the_same_facts(case: Case) -> None:
    text = encode(case.facts)
    assert encode(decode(text) or PersonFacts()) == text


@given(microseconds, st.text(max_size=20), st.text(max_size=20))
def test_p17_every_instant_and_every_word_comes_back_exactly(number: int, key: str, word: str) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
    completion = Completion(
        key=key, start=at, recorded_at=AT, course=word, endings=(Ending(at, EndingKind.CORRECTED, AT),)
    )
    employment = Employment(
        key=f"employment:{key}", start=at, recorded_at=AT, principal=word, units=frozenset({word, key}), identity=None
    )
    facts = PersonFacts(employments=(employment,), completions=(completion, replace(completion, key="completion:07")))
    assert decode(encode(facts)) == facts


def test_a_row_in_another_form_is_not_believed() -> None:
    other = json.loads(encode(PersonFacts()))
    assert decode(json.dumps([prepared_facts.FORM + 1, *other[1:]])) is None
    assert decode(json.dumps(other)) == PersonFacts()


def test_a_completion_takes_some_forty_bytes() -> None:
    def of(count: int) -> int:
        return len(
            encode(
                PersonFacts(
                    completions=tuple(
                        Completion(
                            key=f"completion:{10_000_000 + n}",
                            start=AT.replace(microsecond=0) + timedelta(minutes=n),
                            recorded_at=AT,
                            course="regional",
                        )
                        for n in range(count)
                    )
                )
            )
        )

    assert (of(101) - of(1)) / 100 < 45
