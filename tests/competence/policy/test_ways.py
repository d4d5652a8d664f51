"""Ways that are others, circles, and roles that replaced roles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from competence.policy.facts import Level
from competence.policy.rules import Equivalence, Option, Period, Predecessor
from competence.policy.ways import Circular, predecessors, refuse_circles, with_equivalences
from tests.competence.policy.people import at

OWN = Option(courses=("course",))
COUNTS = Equivalence(courses=("new",), counts_as=("course",))
NEW = Option(courses=("new",))


def ways(*options: Option) -> tuple[Option, ...]:
    """The ways of a requirement whose alternatives are OWN and, before it, `options`."""
    return with_equivalences([*options, OWN], [COUNTS])


@pytest.mark.parametrize(
    "there_already",
    [NEW, replace(NEW, period=Period(start=None, end=None))],
    ids=["the same", "for as long"],
)
def test_a_way_that_stands_there_already_is_not_found_again(there_already: Option) -> None:
    assert ways(there_already) == (there_already, OWN)


@pytest.mark.parametrize(
    "another",
    [
        replace(NEW, courses=("new", "more")),
        replace(NEW, attestations=("knows",)),
        replace(NEW, only_for_level=Level.FULL),
        replace(NEW, is_closed=True),
        replace(NEW, period=Period(start=at(2024, 1, 1))),
    ],
    ids=["more courses", "an attestation", "one level only", "closed", "shorter"],
)
def test_a_way_that_is_not_quite_the_same_makes_none_needless(another: Option) -> None:
    assert ways(another) == (another, OWN, NEW)


def test_a_way_for_a_level_is_needless_beside_one_for_all_or_for_that_level() -> None:
    full, basic = replace(OWN, only_for_level=Level.FULL), replace(NEW, only_for_level=Level.BASIC)
    for_full = replace(NEW, only_for_level=Level.FULL)
    assert with_equivalences([NEW, full], [COUNTS]) == (NEW, full)
    assert with_equivalences([for_full, full], [COUNTS]) == (for_full, full)
    assert with_equivalences([basic, full], [COUNTS]) == (basic, full, for_full)


def test_a_closed_way_is_needless_beside_an_open_one_and_not_the_other_way_round() -> None:
    closed = replace(OWN, is_closed=True)
    assert with_equivalences([NEW, closed], [COUNTS]) == (NEW, closed)
    assert with_equivalences([replace(NEW, is_closed=True), closed], [COUNTS]) == (replace(NEW, is_closed=True), closed)


@pytest.mark.parametrize(
    ("after", "names"),
    [
        ({"a": ["a"]}, "a → a"),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "a → b → c → a"),
        # Only the circle is named, not the way to it.
        ({"to": ["a"], "a": ["b", "x"], "b": ["a"], "x": []}, "a → b → a"),
    ],
)
def test_a_circle_is_named_all_the_way_round(after: dict[str, Any], names: str) -> None:
    with pytest.raises(Circular) as error:
        refuse_circles(after)
    assert str(error.value) == names


def test_two_that_come_after_the_same_are_no_circle() -> None:
    refuse_circles({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["e"], "e": []})


def test_a_role_takes_over_from_those_that_its_predecessors_replaced() -> None:
    first, second, third = at(2021, 1, 1), at(2022, 1, 1), at(2023, 1, 1)
    replaces = {"new": [Predecessor("middle", second)], "middle": [Predecessor("old", first)]}
    found = {one.role: one.since for one in predecessors("new", replaces)}
    assert found == {"middle": second, "old": second}
    later = {"new": [Predecessor("middle", second)], "middle": [Predecessor("old", third)]}
    assert {one.role: one.since for one in predecessors("new", later)} == {"middle": second, "old": third}
    assert predecessors("old", replaces) == ()


def test_of_several_lines_to_a_role_the_shortest_wait_counts_with_all_that_follows() -> None:
    early, late = at(2021, 1, 1), at(2024, 1, 1)
    replaces = {
        "new": [Predecessor("slow", late), Predecessor("fast", early)],
        "slow": [Predecessor("old", early)],
        "fast": [Predecessor("old", early)],
        "old": [Predecessor("oldest", early)],
    }
    expected = {"slow": late, "fast": early, "old": early, "oldest": early}
    assert {one.role: one.since for one in predecessors("new", replaces)} == expected
    turned = {**replaces, "new": list(reversed(replaces["new"]))}
    assert {one.role: one.since for one in predecessors("new", turned)} == expected
