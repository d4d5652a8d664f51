"""SCORM 1.2's prerequisites."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.scorm.manifest import Item
from courses.scorm.prerequisites import UnreadableScript, holds, is_open, statuses_of

STATUSES = {"a": "passed", "b": "completed", "c": "incomplete", "d": "not attempted", "del-5": "failed"}


@pytest.mark.parametrize(
    ("script", "held"),
    [
        ("", True), ("a", True), ("c", False), ("a&b", True), ("a & c", False), ("a|d", True), ("c|d", False),
        ("~d", True), ("~a", False), ("~(a&d)", True), ("a&(c|b)", True), ("(c|d)|(a&b)", True),
        ("c=incomplete", True), ('c="incomplete"', True), ("a<>passed", False), ("d<>passed", True), ("a=P", True),
        ("d=n", True), ("2*{a,b,c}", True), ("3*{a, b, c}", False), ("2*{a,~c,d}&b", True), ("del-5=failed", True),
        ("a=passed&b=completed", True), ("a AND b", True), ("a AND c", False), ("(a and c) or b", True),
        ("(a AND c) OR d", False), ("NOT d", True), ("NOT (a AND b)", False),
    ],
)  # fmt: skip
def test_a_script_is_read_as_the_guidelines_tell(script: str, held: bool) -> None:
    assert holds(script, STATUSES) is held


@pytest.mark.parametrize("script", ["a&", "&a", "(a", "a)", "a b", "nowhere", "2*{a", "a=", "{a}", "2*a", '"a"', "a<b"])
def test_what_cannot_be_read_is_told_and_bars_nothing(script: str) -> None:
    with pytest.raises(UnreadableScript):
        holds(script, STATUSES)
    assert is_open(Item("x", "X", prerequisites=script), STATUSES)


@given(st.text(alphabet='ab&|~(){}=,<>*"2 ', max_size=60))
def test_any_text_is_either_read_or_refused(script: str) -> None:
    with contextlib.suppress(UnreadableScript):
        holds(script, STATUSES)


def test_a_script_of_no_end_is_refused() -> None:
    for script in ("(" * 5000, "~" * 4999 + "a", "a&" * 4000):
        with pytest.raises(UnreadableScript):
            holds(script, STATUSES)


def test_a_heading_is_done_when_all_below_it_are() -> None:
    items = (Item("h", "H", children=(Item("a", "A", path="a"), Item("b", "B", path="b"))), Item("c", "C", path="c"))
    assert statuses_of(items, {"a": "passed"})["h"] == "incomplete"
    assert statuses_of(items, {"a": "passed", "b": "completed"})["h"] == "completed"
    assert statuses_of(items, {"a": "passed", "b": "failed"})["h"] == "failed"
    assert statuses_of(items, {})["h"] == "not attempted"
