"""Selection and randomisation of a cluster's children."""

from typing import Any

from courses.scorm.sequencing.engine import open_session
from courses.scorm.sequencing.tracking import Session
from tests.courses.sequencing.builder import COMPLETED, Learner, cluster, leaf, tree

LEAVES = tuple(leaf(f"q{number}") for number in range(12))


def names(session: Session, cluster_name: str) -> list[str]:
    return [one.identifier for one in session.available(session.tree.activities[cluster_name])]


def drawn(seed: str, **what: Any) -> list[str]:
    session = Session(tree(cluster("bank", *LEAVES, **what)), seed=seed)
    open_session(session)
    return names(session, "bank")


def test_as_many_as_the_package_says_take_part_in_their_order() -> None:
    chosen = drawn("one", selection="once", select_count=4)
    assert len(chosen) == 4
    assert chosen == sorted(chosen, key=lambda name: int(name[1:]))


def test_the_same_learner_gets_the_same_draw_and_others_another() -> None:
    draws = [drawn(f"learner {number}", randomisation="once", reorder=True) for number in range(5)]
    assert draws[0] == drawn("learner 0", randomisation="once", reorder=True)
    assert len({tuple(draw) for draw in draws}) > 1
    assert sorted(draws[0]) == sorted(one.identifier for one in LEAVES)


def test_a_part_that_was_not_drawn_cannot_be_chosen() -> None:
    learner = Learner(tree(cluster("bank", *LEAVES, selection="once", select_count=3)))
    left_out = next(one.identifier for one in LEAVES if one.identifier not in names(learner.session, "bank"))
    assert learner.can.choices[left_out] == "not_selected"
    assert learner.asks("jump", left_out) is None


def test_a_draw_is_made_anew_for_each_attempt_where_the_package_says_so() -> None:
    bank = cluster("bank", *LEAVES, randomisation="onEachNewAttempt", reorder=True)
    learner = Learner(tree(bank, leaf("after")))
    first = names(learner.session, "bank")
    learner.chooses("after", COMPLETED)
    assert names(learner.session, "bank") != first


def test_a_draw_that_is_made_once_stays() -> None:
    learner = Learner(tree(cluster("bank", *LEAVES, randomisation="once", reorder=True), leaf("after")))
    first = names(learner.session, "bank")
    learner.chooses("after", COMPLETED)
    learner.says(COMPLETED).asks("exitAll")
    learner.opens()
    assert names(learner.session, "bank") == first
