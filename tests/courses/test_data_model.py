"""What a package may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.scorm.data_model import has_the_right_form, refused_elements
from courses.scorm.durations import as_scorm_12, as_scorm_2004, seconds_of


@pytest.mark.parametrize(
    ("version", "element", "value"),
    [
        ("1.2", "cmi.core.lesson_status", "passed"),
        ("1.2", "cmi.core.score.raw", "70"),
        ("1.2", "cmi.core.score.raw", ""),
        ("1.2", "cmi.core.session_time", "0001:02:03.45"),
        ("1.2", "cmi.suspend_data", "<script>alert(1)</script>"),
        ("1.2", "cmi.interactions.0.correct_responses.2.pattern", "a"),
        ("1.2", "cmi.objectives.12.score.raw", "5.5"),
        ("2004", "cmi.completion_status", "completed"),
        ("2004", "cmi.score.scaled", "-0.5"),
        ("2004", "cmi.session_time", "PT1H5M"),
        ("2004", "cmi.interactions.3.objectives.0.id", "urn:x"),
        ("2004", "cmi.interactions.3.timestamp", "2026-11-21T10:00:00.0Z"),
        ("2004", "adl.nav.request", "{target=del-2}choice"),
        ("2004", "adl.data.0.store", "anteckning"),
    ],
)
def test_a_value_within_the_standard_is_kept(version: str, element: str, value: str) -> None:
    assert refused_elements(version, {element: value}) == {}


@pytest.mark.parametrize(
    ("version", "element", "value", "why"),
    [
        ("1.2", "cmi", "{}", "read_only"),
        ("1.2", "cmi.core.student_id", "other", "read_only"),
        ("1.2", "cmi.core.total_time", "9999:00:00", "read_only"),
        ("1.2", "cmi.core.credit", "credit", "read_only"),
        ("1.2", "cmi.interactions._count", "3", "read_only"),
        ("1.2", "cmi.interactions.99999.id", "x", "read_only"),
        ("1.2", "cmi.interactions.5000.id", "x", "read_only"),
        ("1.2", "__proto__", "x", "read_only"),
        ("1.2", "cmi.core.lesson_status", "mastered", "value"),
        ("1.2", "cmi.core.score.raw", "101", "value"),
        ("1.2", "cmi.core.score.raw", "NaN", "value"),
        ("1.2", "cmi.core.score.raw", "1e5", "value"),
        ("1.2", "cmi.core.session_time", "1 hour", "value"),
        ("1.2", "cmi.core.lesson_location", "x" * 1001, "value"),
        ("1.2", "cmi.suspend_data", "x" * 65537, "value"),
        ("2004", "adl", "{}", "read_only"),
        ("2004", "cmi.learner_id", "x", "read_only"),
        ("2004", "cmi.core.lesson_status", "passed", "read_only"),
        ("2004", "cmi.score.scaled", "1.01", "value"),
        ("2004", "cmi.progress_measure", "-0.1", "value"),
        ("2004", "cmi.session_time", "P", "value"),
        ("2004", "cmi.session_time", "PT", "value"),
        ("2004", "adl.nav.request", "fly", "value"),
    ],
)
def test_a_value_outside_the_standard_is_refused_by_name(version: str, element: str, value: str, why: str) -> None:
    assert refused_elements(version, {element: value}) == {element: why}


@pytest.mark.parametrize("changes", [None, [], "x", {"a": 1}, {"a": None}, {"a" * 251: "x"}, {1: "x"}])
def test_changes_of_another_form_are_told_apart(changes: object) -> None:
    assert not has_the_right_form(changes)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["1.2", "2004"]))
def test_no_text_makes_the_check_fail(element: str, value: str, version: str) -> None:
    assert set(refused_elements(version, {element: value})) <= {element}


@given(st.integers(min_value=0, max_value=9_000 * 3600 * 100))
def test_a_duration_survives_both_spellings(hundredths: int) -> None:
    seconds = hundredths / 100
    assert seconds_of(as_scorm_12(seconds)) == pytest.approx(seconds)
    assert seconds_of(as_scorm_2004(seconds)) == pytest.approx(seconds)
