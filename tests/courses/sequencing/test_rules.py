"""What the rules after an activity, and the exit rules of clusters, lead to."""

import pytest

from courses.scorm.sequencing.definition import Condition, Objective, Rule
from courses.scorm.sequencing.rules import combined
from tests.courses.sequencing.builder import (
    COMPLETED,
    FAILED,
    PASSED,
    Learner,
    cluster,
    leaf,
    primary,
    reads,
    rule,
    tree,
    writes,
)


def test_a_failed_part_is_begun_again() -> None:
    learner = Learner(tree(leaf("a", post_rules=(rule("retry", "satisfied", negated=True),)), leaf("b")))
    assert learner.goes_on(FAILED) == "a"
    assert learner.session.states["a"].attempts == 2
    assert learner.goes_on(PASSED) == "b"


def test_a_passed_part_leads_out_of_its_cluster() -> None:
    exits = (rule("exitParent", "satisfied"),)
    learner = Learner(tree(cluster("one", leaf("a", post_rules=exits), leaf("b")), leaf("c")))
    assert learner.goes_on(PASSED) == "c"


def test_a_part_may_end_everything() -> None:
    learner = Learner(tree(leaf("a", post_rules=(rule("exitAll", "satisfied"),)), leaf("b")))
    assert learner.goes_on(PASSED) is None
    assert learner.last.has_ended


def test_a_part_may_have_everything_begun_again() -> None:
    again = (rule("retryAll", "satisfied", negated=True),)
    learner = Learner(tree(leaf("a"), leaf("test", post_rules=again)))
    learner.goes_on()
    assert learner.goes_on(FAILED) == "a"
    assert learner.session.states["root"].attempts == 2


@pytest.mark.parametrize(("action", "where"), [("continue", "c"), ("previous", "a")])
def test_a_part_may_say_where_to_go_whatever_was_asked_for(action: str, where: str) -> None:
    learner = Learner(tree(leaf("a"), leaf("b", post_rules=(rule(action, "always"),)), leaf("c"), leaf("d")))
    learner.goes_on()
    assert learner.chooses("d", COMPLETED) == where


def test_the_rules_after_a_suspended_part_wait() -> None:
    learner = Learner(tree(leaf("a", post_rules=(rule("exitAll", "always"),)), leaf("b")))
    assert learner.goes_on({"cmi.exit": "suspend"}) == "b"


def test_the_topmost_cluster_whose_exit_rule_applies_ends() -> None:
    exits = (rule("exit", "attempted"),)
    inner = cluster("inner", leaf("a"), leaf("b"), exit_rules=exits)
    learner = Learner(tree(cluster("outer", inner, leaf("c"), exit_rules=exits), leaf("d")))
    assert learner.goes_on() == "d"


def test_a_cluster_that_is_left_by_its_own_rule_may_be_retried_as_a_whole() -> None:
    again = (rule("retry", "satisfied", negated=True),)
    learner = Learner(tree(cluster("one", leaf("a"), leaf("test", post_rules=(rule("exitParent", "always"),)),
                                   post_rules=again), leaf("b")))  # fmt: skip
    learner.goes_on()
    assert learner.goes_on(FAILED) == "a"
    assert learner.goes_on(PASSED) == "test"
    assert learner.goes_on(PASSED) == "b"


def test_what_is_not_known_makes_no_rule_apply_and_neither_does_its_opposite() -> None:
    for negated in (False, True):
        learner = Learner(tree(leaf("a", pre_rules=(rule("skip", "satisfied", negated=negated),)), leaf("b")))
        assert learner.at == "a"


@pytest.mark.parametrize(
    ("values", "combination", "result"),
    [
        ([True, None], "any", True), ([False, None], "any", None), ([False, False], "any", False),
        ([True, None], "all", None), ([False, None], "all", False), ([True, True], "all", True), ([], "all", None),
    ],
)  # fmt: skip
def test_unknown_values_are_combined_as_the_standard_combines_them(
    values: list[bool | None], combination: str, result: bool | None
) -> None:
    assert combined(values, combination) is result


@pytest.mark.parametrize(
    ("measure", "skipped"), [("0.5", False), ("0.51", True), ("0.1", True), ("-0.2", True), ("0.3", False)]
)
def test_measures_are_held_against_thresholds(measure: str, skipped: bool) -> None:
    conditions = (
        Condition("objectiveMeasureGreaterThan", threshold=0.5),
        Condition("objectiveMeasureLessThan", threshold=0.2),
    )
    learner = Learner(tree(leaf("a", pre_rules=(Rule("skip", conditions, "any"),)), leaf("b"), leaf("c")))
    learner.goes_on({"cmi.score.scaled": measure, **COMPLETED})
    assert (learner.asks("previous") is None) is skipped


def test_of_a_part_that_is_not_tracked_nothing_is_known() -> None:
    learner = Learner(tree(leaf("a", tracked=False, pre_rules=(rule("skip", "completed"),)), leaf("b")))
    learner.goes_on(PASSED)
    assert learner.known("root", "completed") is None
    assert learner.asks("previous") == "a"


def test_a_rule_may_ask_how_far_another_objective_has_come() -> None:
    """As ADL's extensions have it: *completed* of an objective that reads the part before."""
    closed = (
        rule("disabled", "completed", negated=True, objective="before"),
        rule("disabled", "activityProgressKnown", negated=True, objective="before"),
    )
    first = leaf("a", objectives=(primary("a", maps=(writes("a done", "completed"),)),))
    reader = Objective("before", maps=(reads("a done", "completed"),))
    learner = Learner(tree(first, leaf("b", objectives=(primary(), reader), pre_rules=closed)))
    assert learner.can.choices["b"] == ""  # leaving the first part as it is would complete it
    learner.says({"cmi.completion_status": "incomplete"})
    assert learner.can.choices["b"] == "disabled"
    learner.says(COMPLETED)
    assert learner.chooses("b") == "b"
