"""What the parts come to for the cluster above them."""

from typing import Any

import pytest

from courses.scorm.sequencing.definition import Condition, Considerations, RollupRule
from tests.courses.sequencing.builder import (
    COMPLETED,
    FAILED,
    PASSED,
    SUSPENDED,
    Learner,
    cluster,
    leaf,
    primary,
    reads,
    rule,
    tree,
    writes,
)


def went_through(*said: dict[str, str], **root: Any) -> Learner:
    learner = Learner(tree(*(leaf(f"p{number}") for number in range(len(said))), **root))
    for data in said:
        learner.goes_on(data)
    return learner


def test_all_parts_done_and_passed_make_the_whole_done_and_passed() -> None:
    learner = went_through(PASSED, PASSED)
    assert (learner.known("root", "completed"), learner.known("root", "satisfied")) == (True, True)


def test_one_failed_part_fails_the_whole() -> None:
    learner = went_through(PASSED, FAILED)
    assert (learner.known("root", "completed"), learner.known("root", "satisfied")) == (True, False)


def test_a_part_that_was_never_opened_leaves_the_whole_undone() -> None:
    learner = Learner(tree(leaf("a"), leaf("b")))
    learner.goes_on(PASSED)
    assert learner.known("root", "completed") is None
    assert learner.known("root", "satisfied") is None


def test_what_a_part_leaves_unsaid_counts_in_its_favour() -> None:
    learner = went_through({}, {})
    assert (learner.known("root", "completed"), learner.known("root", "satisfied")) == (True, True)


def test_what_a_part_says_it_does_not_know_is_not_made_up() -> None:
    learner = went_through({"cmi.success_status": "unknown", "cmi.completion_status": "completed"})
    assert learner.known("p0", "satisfied") is None


def test_where_only_the_content_may_say_it_nothing_is_made_up() -> None:
    learner = Learner(tree(leaf("a", completion_set_by_content=True, objective_set_by_content=True), leaf("b")))
    learner.says({}).asks("continue")
    assert (learner.known("a", "completed"), learner.known("a", "satisfied")) == (None, None)


def test_measures_are_weighed() -> None:
    learner = Learner(tree(leaf("a", measure_weight=1.0), leaf("b", measure_weight=0.5), leaf("c", measure_weight=0)))
    for score in ("0.8", "0.2", "-1"):
        learner.goes_on({"cmi.score.scaled": score})
    assert learner.known("root", "measure") == pytest.approx((0.8 + 0.5 * 0.2) / 1.5)


def test_a_part_without_a_measure_counts_as_nothing() -> None:
    learner = went_through({"cmi.score.scaled": "0.8"}, COMPLETED)
    assert learner.known("root", "measure") == pytest.approx(0.4)


@pytest.mark.parametrize(("score", "satisfied"), [("0.7", True), ("0.69", False)])
def test_the_whole_is_passed_by_its_measure_where_the_package_says_so(score: str, satisfied: bool) -> None:
    learner = went_through(
        {"cmi.score.scaled": score, "cmi.success_status": "unknown"},
        objectives=(primary(satisfied_by_measure=True, minimum_measure=0.7),),
    )
    assert learner.known("root", "satisfied") is satisfied


@pytest.mark.parametrize(("progress", "completed"), [("0.5", True), ("0.4", False)])
def test_the_whole_is_done_by_how_far_its_parts_have_come_where_the_package_says_so(
    progress: str, completed: bool
) -> None:
    data = {"cmi.progress_measure": progress}
    assert went_through(data, completed_by_measure=True, minimum_progress=0.5).known("root", "completed") is completed


def test_progress_is_weighed() -> None:
    learner = Learner(tree(leaf("a", progress_weight=1.0), leaf("b", progress_weight=0.25)))
    learner.goes_on({"cmi.progress_measure": "1"})
    learner.goes_on({"cmi.progress_measure": "0"})
    assert learner.known("root", "progress") == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("children", "count", "percent", "passed", "satisfied"),
    [
        ("any", 0, 0, 1, True), ("any", 0, 0, 0, False), ("none", 0, 0, 0, True), ("none", 0, 0, 1, False),
        ("atLeastCount", 2, 0, 2, True), ("atLeastCount", 2, 0, 1, False),
        ("atLeastPercent", 0, 0.5, 2, True), ("atLeastPercent", 0, 0.5, 1, False), ("all", 0, 0, 3, True),
    ],
)  # fmt: skip
def test_a_rule_asks_for_enough_children(
    children: Any, count: int, percent: float, passed: int, satisfied: bool
) -> None:
    rules = (RollupRule("satisfied", (Condition("satisfied"),), "any", children, count, percent),)
    said = [PASSED] * passed + [FAILED] * (3 - passed)
    assert (went_through(*said, rollup_rules=rules).known("root", "satisfied") is True) is satisfied


def test_parts_that_take_no_part_have_no_say() -> None:
    learner = Learner(tree(leaf("a", rollup_satisfied=False, rollup_progress=False), leaf("b")))
    learner.goes_on(FAILED)
    learner.goes_on(PASSED)
    assert learner.known("root", "satisfied") is True


@pytest.mark.parametrize(("demand", "completed"), [("ifNotSuspended", True), ("always", None)])
def test_a_suspended_part_is_left_out_where_the_package_says_so(demand: str, completed: bool | None) -> None:
    learner = Learner(
        tree(leaf("a"), leaf("b", considerations=Considerations(completed=demand, incomplete=demand)), leaf("c"))
    )
    learner.goes_on(COMPLETED)
    learner.goes_on(SUSPENDED)
    learner.goes_on(COMPLETED)
    assert (learner.known("root", "completed") is True) is (completed is True)


def test_a_part_that_was_never_tried_is_left_out_where_the_package_says_so() -> None:
    learner = Learner(tree(leaf("a"), leaf("b", considerations=Considerations(completed="ifAttempted"))))
    learner.says(COMPLETED).asks("exitAll")
    assert learner.known("root", "completed") is True


def test_a_part_that_is_skipped_is_left_out_where_the_package_says_so() -> None:
    considerations = Considerations(completed="ifNotSkipped", satisfied="ifNotSkipped")
    learner = Learner(tree(leaf("a"), leaf("b", pre_rules=(rule("skip", "always"),), considerations=considerations)))
    learner.says(PASSED).asks("exitAll")
    assert (learner.known("root", "completed"), learner.known("root", "satisfied")) == (True, True)


def test_what_a_child_knows_from_an_earlier_attempt_does_not_count_in_a_new_one() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c")))
    learner.goes_on(COMPLETED)
    learner.goes_on(COMPLETED)
    assert learner.known("one", "completed") is True
    learner.chooses("a", COMPLETED)
    learner.says(COMPLETED).asks("exit")
    assert learner.known("one", "completed") is None


def test_it_does_count_where_the_package_says_so() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b"), use_current_progress=False), leaf("c")))
    learner.goes_on(COMPLETED)
    learner.goes_on(COMPLETED)
    learner.chooses("a", COMPLETED)
    learner.says(COMPLETED).asks("exit")
    assert learner.known("one", "completed") is True


def test_a_shared_objective_changes_what_others_come_to() -> None:
    test = leaf("test", objectives=(primary(maps=(writes("shared"),)),))
    lesson = leaf("lesson", objectives=(primary(maps=(reads("shared"),)),))
    learner = Learner(tree(test, cluster("lessons", lesson)))
    learner.says(PASSED).asks("exit")
    assert learner.known("lessons", "satisfied") is True


def test_two_clusters_that_write_what_the_other_reads_come_to_an_end() -> None:
    def both(name: str) -> tuple[Any, ...]:
        return (primary(satisfied_by_measure=True, minimum_measure=0.5, maps=(reads("shared"), writes("shared"))),)

    learner = Learner(
        tree(cluster("one", leaf("a"), objectives=both("one")), cluster("two", leaf("b"), objectives=both("two")))
    )
    assert learner.goes_on({"cmi.score.scaled": "0.9"}) == "b"
    assert learner.goes_on({"cmi.score.scaled": "0.1"}) is None
    assert learner.last.has_ended
