"""When somebody counts as having completed a course."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competence.policy.counting import completed_since, only_itself, ways_to_complete
from competence.policy.rules import Equivalence, Period
from competence.policy.ways import MOST_WAYS, TooManyWays
from tests.competence.policy.people import at

NOW = at(2026, 1, 1)
BOTH = Equivalence(courses=("a", "b"), counts_as=("course",))
EARLY, LATER, LAST = at(2024, 1, 1), at(2024, 6, 1), at(2025, 1, 1)
KEYS = ("course", "a", "b", "c")


def since(completed: dict[str, datetime], *equivalences: Equivalence) -> datetime | None:
    return completed_since("course", ways_to_complete("course", equivalences, NOW), completed)


def test_the_course_itself_counts_from_the_day_it_was_completed() -> None:
    assert since({"course": EARLY}) == EARLY
    assert since({"course": LAST, "a": EARLY, "b": EARLY}, BOTH) == LAST
    assert since({"other": EARLY}) is None
    assert completed_since("course", only_itself("course"), {"course": EARLY}) == EARLY


def test_a_set_of_courses_counts_when_the_last_of_them_is_completed_and_not_before() -> None:
    assert since({"a": EARLY}, BOTH) is None
    assert since({"a": LATER, "b": EARLY}, BOTH) == LATER
    assert since({"a": LATER, "b": EARLY}) is None, "no rule says so"


def test_of_several_sets_the_one_that_was_full_first_counts() -> None:
    one = Equivalence(courses=("c",), counts_as=("course",))
    assert since({"a": LATER, "b": LATER, "c": LAST}, BOTH, one) == LATER
    assert since({"a": LATER, "c": LAST}, BOTH, one) == LAST


def test_what_counts_as_a_part_of_a_set_fills_it() -> None:
    again = Equivalence(courses=("c",), counts_as=("b",))
    assert since({"a": EARLY, "c": LATER}, BOTH, again) == LATER


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        (Period(start=at(2025, 1, 1)), True),
        (Period(start=at(2026, 1, 2)), False),
        (Period(end=at(2026, 1, 1)), False),
        (Period(end=at(2026, 1, 2)), True),
    ],
)
def test_an_equivalence_counts_within_its_days(period: Period, counts: bool) -> None:
    dated = Equivalence(courses=("a",), counts_as=("course",), period=period)
    assert (since({"a": EARLY}, dated) is not None) is counts


def test_nothing_counts_the_other_way_round() -> None:
    ways = ways_to_complete("a", [BOTH], NOW)
    assert completed_since("a", ways, {"course": EARLY}) is None


def test_more_ways_than_anybody_could_survey_are_refused() -> None:
    many = [Equivalence(courses=(f"way-{number}",), counts_as=("course",)) for number in range(MOST_WAYS)]
    with pytest.raises(TooManyWays):
        ways_to_complete("course", many, NOW)


@given(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from([EARLY, LATER, LAST])),
    st.sampled_from(KEYS),
    st.sampled_from([EARLY, LATER, LAST]),
)
def test_p_to_complete_one_more_course_takes_nothing_away(
    completed: dict[str, datetime], more: str, when: datetime
) -> None:
    before = since(completed, BOTH, Equivalence(courses=("c",), counts_as=("b",)))
    if before is not None:
        assert since({more: when} | completed, BOTH, Equivalence(courses=("c",), counts_as=("b",))) is not None
