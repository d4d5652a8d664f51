"""Going on and back through a tree of activities."""

import pytest

from tests.courses.sequencing.builder import COMPLETED, SUSPENDED, Learner, cluster, leaf, rule, tree


def test_a_session_begins_with_the_first_part_in_order() -> None:
    assert Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c"))).at == "a"


def test_going_on_passes_through_clusters_and_ends_the_session_after_the_last_part() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c")))
    assert learner.goes_on() == "b"
    assert learner.goes_on() == "c"
    assert learner.goes_on() is None
    assert learner.last.has_ended


def test_going_back_enters_a_cluster_by_its_last_part() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c")))
    learner.goes_on()
    learner.goes_on()
    assert learner.asks("previous") == "b"


def test_there_is_nothing_before_the_first_part() -> None:
    learner = Learner(tree(leaf("a"), leaf("b")))
    assert learner.can.steps["previous"]
    assert learner.asks("previous") is None
    assert learner.last.refusal == "at_the_beginning"


def test_there_is_no_way_back_where_a_cluster_goes_forward_only() -> None:
    learner = Learner(tree(leaf("a"), leaf("b"), forward_only=True))
    learner.goes_on()
    assert learner.asks("previous") is None
    assert learner.last.refusal == "forward_only"


def test_a_forward_only_cluster_is_entered_at_its_beginning_also_from_behind() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b"), forward_only=True), leaf("c")))
    learner.goes_on()
    learner.goes_on()
    assert learner.asks("previous") == "a"


def test_without_flow_there_is_no_going_on() -> None:
    learner = Learner(tree(leaf("a"), leaf("b"), flow=False))
    assert learner.last.refusal == "no_flow"
    assert learner.chooses("a") == "a"
    assert learner.asks("continue") is None
    assert learner.last.refusal == "no_flow"


def test_a_part_that_is_skipped_is_passed_by_in_both_directions() -> None:
    learner = Learner(tree(leaf("a"), leaf("b", pre_rules=(rule("skip", "always"),)), leaf("c")))
    assert learner.goes_on() == "c"
    assert learner.asks("previous") == "a"


def test_a_skipped_cluster_is_passed_by_with_all_that_is_in_it() -> None:
    learner = Learner(
        tree(leaf("a"), cluster("one", leaf("b"), leaf("c"), pre_rules=(rule("skip", "always"),)), leaf("d"))
    )
    assert learner.goes_on() == "d"


def test_a_disabled_part_stops_the_way() -> None:
    learner = Learner(tree(leaf("a"), leaf("b", pre_rules=(rule("disabled", "always"),)), leaf("c")))
    assert learner.goes_on() is None
    assert learner.last.refusal == "disabled"


def test_a_part_is_not_begun_more_often_than_it_may_be() -> None:
    learner = Learner(tree(leaf("a", attempt_limit=1), leaf("b")))
    learner.goes_on()
    assert learner.chooses("a") is None
    assert learner.last.refusal == "disabled"


def test_a_suspended_part_is_gone_on_with_and_is_not_a_new_attempt() -> None:
    learner = Learner(tree(leaf("a", attempt_limit=1), leaf("b")))
    learner.says(SUSPENDED).asks("continue")
    assert learner.chooses("a") == "a"
    assert learner.session.states["a"].attempts == 1


def test_leaving_for_today_and_coming_back_leads_to_the_same_part() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c")))
    learner.goes_on()
    learner.says({}).asks("suspendAll")
    assert learner.last.has_ended
    assert learner.opens() == "b"
    assert learner.session.states["b"].attempts == 1
    assert learner.session.states["root"].attempts == 1


def test_a_browser_that_closed_is_as_good_as_leaving_for_today() -> None:
    learner = Learner(tree(leaf("a"), leaf("b")))
    learner.goes_on()
    assert learner.opens() == "b"
    assert learner.session.states["b"].attempts == 1


def test_ending_everything_begins_anew_the_next_time() -> None:
    learner = Learner(tree(leaf("a"), leaf("b")))
    learner.goes_on()
    learner.says(COMPLETED).asks("exitAll")
    assert learner.last.has_ended
    assert learner.opens() == "a"
    assert learner.session.states["root"].attempts == 2


def test_ending_one_part_leaves_the_session_open() -> None:
    learner = Learner(tree(leaf("a"), leaf("b")))
    learner.says(COMPLETED).asks("exit")
    assert not learner.last.has_ended
    assert learner.known("a", "completed") is True
    assert learner.chooses("b") == "b"


def test_what_was_done_in_an_attempt_that_is_abandoned_does_not_count() -> None:
    learner = Learner(tree(leaf("a"), leaf("b")))
    learner.says(COMPLETED).asks("abandon")
    assert learner.known("a", "completed") is None
    assert learner.known("root", "completed") is None


@pytest.mark.parametrize("request_", ["continue", "previous", "exit", "exitAll", "suspendAll", "abandonAll"])
def test_nothing_can_be_asked_for_before_the_session_has_begun(request_: str) -> None:
    learner = Learner(tree(leaf("a")), begins=False)
    assert learner.asks(request_) is None
    assert learner.last.refusal == "nothing_open"


def test_a_jump_goes_where_no_choice_would() -> None:
    learner = Learner(tree(leaf("a"), leaf("b"), leaf("c"), choice=False))
    assert learner.chooses("c") is None
    assert learner.asks("jump", "c") == "c"
    assert learner.asks("jump", "nowhere") is None
