"""What a package's data amounts to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.scorm.manifest import Item, Manifest
from courses.scorm.results import Completion, Result, Success, judge, never_lower, roll_up

ITEM = Item("a", "A", "a.html")
DONE, PASSED, FAILED = (
    Result(Completion.COMPLETED, success, score)
    for success, score in ((Success.UNKNOWN, None), (Success.PASSED, 0.9), (Success.FAILED, 0.4))
)
UNDER_WAY = Result(Completion.INCOMPLETE)


def manifest(*items: Item) -> Manifest:
    return Manifest("m", "2004", "2004", "M", "o", items)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("passed", (Completion.COMPLETED, Success.PASSED)),
        ("failed", (Completion.COMPLETED, Success.FAILED)),
        ("completed", (Completion.COMPLETED, Success.UNKNOWN)),
        ("incomplete", (Completion.INCOMPLETE, Success.UNKNOWN)),
        ("browsed", (Completion.NOT_ATTEMPTED, Success.UNKNOWN)),
    ],
)
def test_scorm_12_status_is_taken_as_it_stands(status: str, expected: tuple[Completion, Success]) -> None:
    result = judge("1.2", ITEM, {"cmi.core.lesson_status": status}, has_ended=False)
    assert (result.completion, result.success) == expected


@pytest.mark.parametrize(("raw", "success"), [("80", Success.PASSED), ("79.9", Success.FAILED)])
def test_pass_or_fail_follows_the_mastery_score_whatever_the_package_said(raw: str, success: Success) -> None:
    item = Item("a", "A", "a.html", mastery_score=80)
    for said in ("passed", "failed", "completed"):
        data = {"cmi.core.lesson_status": said, "cmi.core.score.raw": raw}
        assert judge("1.2", item, data, has_ended=True).success is success


@pytest.mark.parametrize(("scaled", "success"), [("0.8", Success.PASSED), ("0.79", Success.FAILED)])
def test_scorm_2004_success_follows_the_passing_measure(scaled: str, success: Success) -> None:
    item = Item("a", "A", "a.html", passing_measure=0.8)
    data = {"cmi.success_status": "passed", "cmi.completion_status": "completed", "cmi.score.scaled": scaled}
    assert judge("2004", item, data, has_ended=True).success is success


def test_scorm_2004_completion_follows_the_progress_measure() -> None:
    item = Item("a", "A", "a.html", completion_measure=0.7)
    data = {"cmi.completion_status": "completed", "cmi.progress_measure": "0.5"}
    assert judge("2004", item, data, has_ended=True).completion is Completion.INCOMPLETE


@pytest.mark.parametrize("version", ["1.2", "2004"])
def test_a_part_that_never_sets_its_status_is_completed_when_it_ends_for_good(version: str) -> None:
    prefix = "cmi.core.exit" if version == "1.2" else "cmi.exit"
    assert judge(version, ITEM, {}, has_ended=True).completion is Completion.COMPLETED
    assert judge(version, ITEM, {}, has_ended=False).completion is Completion.NOT_ATTEMPTED
    assert judge(version, ITEM, {prefix: "suspend"}, has_ended=True).completion is Completion.NOT_ATTEMPTED


def test_a_score_is_a_share_of_its_range() -> None:
    data = {"cmi.core.score.raw": "15", "cmi.core.score.min": "10", "cmi.core.score.max": "20"}
    assert judge("1.2", ITEM, data, has_ended=False).score == pytest.approx(0.5)


@given(
    st.builds(Result, st.sampled_from(Completion), st.sampled_from(Success), st.none() | st.floats(0, 1)),
    st.builds(Result, st.sampled_from(Completion), st.sampled_from(Success), st.none() | st.floats(0, 1)),
)
def test_f07_what_is_finished_is_never_lowered(before: Result, after: Result) -> None:
    kept = never_lower(before, after)
    if before.is_finished:
        assert kept.is_finished
        assert not (before.success is Success.PASSED and kept.success is not Success.PASSED)
        assert before.score is None or (kept.score is not None and kept.score >= before.score)


def test_a_failed_test_cannot_be_walked_round_by_a_mere_completed() -> None:
    assert never_lower(FAILED, DONE).is_finished is False
    assert never_lower(FAILED, PASSED).is_finished is True


def test_a_course_is_completed_when_all_its_parts_are() -> None:
    parts = manifest(Item("a", "A", "a.html"), Item("b", "B", "b.html"))
    assert roll_up(parts, {"a": DONE}).completion is Completion.INCOMPLETE
    assert roll_up(parts, {"a": DONE, "b": PASSED}) == Result(Completion.COMPLETED, Success.PASSED, 0.9)
    assert roll_up(parts, {"a": DONE, "b": FAILED}).is_finished is False
    assert roll_up(parts, {}).completion is Completion.NOT_ATTEMPTED


def test_a_part_that_the_manifest_leaves_out_does_not_weigh_in() -> None:
    content = Item("a", "A", "a.html", counts_for_completion=False, counts_for_success=False, measure_weight=0)
    parts = manifest(content, Item("b", "B", "b.html"))
    assert roll_up(parts, {"b": PASSED}).is_finished is True
    assert roll_up(parts, {"a": UNDER_WAY, "b": PASSED}).score == pytest.approx(0.9)


@pytest.mark.parametrize(("raw", "success"), [("3", Success.PASSED), ("2", Success.FAILED)])
def test_a_limit_above_all_points_there_are_is_a_share_of_them(raw: str, success: Success) -> None:
    """As H5P's exports report: three points of four, against a limit of 60 per cent."""
    item = Item("a", "A", "a.html", mastery_score=60)
    data = {"cmi.core.lesson_status": "passed", "cmi.core.score.raw": raw, "cmi.core.score.max": "4"}
    assert judge("1.2", item, data, has_ended=False).success is success
