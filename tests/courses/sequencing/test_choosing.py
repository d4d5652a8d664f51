"""Choosing from the contents, and why some of it cannot be chosen."""

from tests.courses.sequencing.builder import Learner, cluster, leaf, rule, tree


def test_any_part_can_be_chosen_unless_the_package_says_otherwise() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c")))
    assert {name for name, refusal in learner.can.choices.items() if not refusal} == {"root", "one", "a", "b", "c"}
    assert learner.chooses("c") == "c"


def test_choosing_a_cluster_begins_with_its_first_part() -> None:
    assert Learner(tree(leaf("a"), cluster("one", leaf("b"), leaf("c")))).chooses("one") == "b"


def test_nothing_can_be_chosen_in_a_cluster_without_choice() -> None:
    learner = Learner(tree(leaf("a"), leaf("b"), choice=False))
    assert learner.can.choices["b"] == "no_choice"
    assert learner.chooses("b") is None


def test_a_hidden_part_cannot_be_chosen_nor_what_is_below_a_hidden_one() -> None:
    hidden = (rule("hiddenFromChoice", "always"),)
    learner = Learner(tree(leaf("a"), leaf("b", pre_rules=hidden), cluster("one", leaf("c"), pre_rules=hidden)))
    assert [learner.can.choices[name] for name in ("b", "one", "c")] == ["hidden"] * 3


def test_a_disabled_part_cannot_be_chosen() -> None:
    learner = Learner(tree(leaf("a"), leaf("b", pre_rules=(rule("disabled", "always"),))))
    assert learner.can.choices["b"] == "disabled"


def test_a_part_that_stops_the_way_bars_what_comes_after_it() -> None:
    stop = (rule("stopForwardTraversal", "completed", negated=True),)
    learner = Learner(
        tree(leaf("a", pre_rules=(*stop, rule("stopForwardTraversal", "attempted"))), leaf("b"), leaf("c"))
    )
    assert learner.can.choices["c"] == "stop_forward"


def test_there_is_no_choosing_back_where_a_cluster_goes_forward_only() -> None:
    learner = Learner(tree(leaf("a"), leaf("b"), leaf("c"), forward_only=True))
    learner.chooses("c")
    assert learner.can.choices["a"] == "forward_only"


def test_a_cluster_may_keep_the_learner_in() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b"), choice_exit=False), leaf("c")))
    assert learner.can.choices["c"] == "no_choice_exit"
    assert learner.can.choices["b"] == ""


def test_a_constrained_choice_reaches_the_next_cluster_and_no_further() -> None:
    learner = Learner(
        tree(
            cluster("one", leaf("a"), leaf("b"), constrain_choice=True),
            cluster("two", leaf("c")),
            cluster("three", leaf("d")),
        )
    )
    assert learner.can.choices["c"] == ""
    assert learner.can.choices["d"] == "constrained"


def test_a_cluster_that_is_not_open_yet_cannot_be_chosen_into() -> None:
    learner = Learner(tree(leaf("a"), cluster("one", leaf("b"), prevent_activation=True)))
    assert learner.can.choices["b"] == "not_open_yet"
    assert learner.can.choices["one"] == ""


def test_trying_what_is_possible_changes_nothing() -> None:
    learner = Learner(tree(cluster("one", leaf("a"), leaf("b")), leaf("c")))
    before = learner.session.to_json()
    assert learner.can.can("continue")
    assert learner.session.to_json() == before


def test_the_packages_hidden_buttons_are_told() -> None:
    learner = Learner(tree(leaf("a", hidden_buttons=frozenset({"continue"})), leaf("b")))
    assert learner.can.hidden == {"continue"}
