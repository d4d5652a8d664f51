"""Objectives: what a part says of them, what it shares, and what it is told."""

from courses.scorm.sequencing.definition import Objective
from courses.scorm.sequencing.reported import told
from courses.scorm.sequencing.requests import Request, from_content
from courses.scorm.sequencing.tracking import Session
from tests.courses.sequencing.builder import FAILED, PASSED, Learner, leaf, primary, reads, rule, tree, writes

ALL = ("satisfied", "measure", "raw", "minimum", "maximum", "completed", "progress")


def objective(name: str, *maps: object) -> Objective:
    return Objective(name, maps=maps)  # type: ignore[arg-type]


def test_everything_an_objective_knows_can_be_shared() -> None:
    first = leaf("a", objectives=(primary(), objective("mine", writes("shared", *ALL))))
    second = leaf("b", objectives=(primary(), objective("yours", reads("shared", *ALL))))
    learner = Learner(tree(first, second))
    learner.goes_on(
        {
            "cmi.objectives.0.id": "mine",
            "cmi.objectives.0.success_status": "passed",
            "cmi.objectives.0.completion_status": "incomplete",
            "cmi.objectives.0.score.scaled": "0.25",
            "cmi.objectives.0.score.raw": "25",
            "cmi.objectives.0.score.min": "-10",
            "cmi.objectives.0.score.max": "100.5",
            "cmi.objectives.0.progress_measure": "0.5",
        }
    )
    assert told(learner.session, learner.session.tree.activities["b"]) == [
        (
            "yours",
            {
                "score.scaled": "0.25",
                "score.raw": "25",
                "score.min": "-10",
                "score.max": "100.5",
                "progress_measure": "0.5",
                "completion_status": "incomplete",
                "success_status": "passed",
            },
        )
    ]


def test_what_is_not_mapped_is_not_shared() -> None:
    first = leaf("a", objectives=(primary("mine", maps=(writes("shared", "measure"),)),))
    second = leaf("b", objectives=(primary("yours", maps=(reads("shared"),)),))
    learner = Learner(tree(first, second))
    learner.goes_on(PASSED)
    assert learner.known("b", "satisfied") is None


def test_a_part_that_takes_back_what_it_knew_takes_it_back_for_all() -> None:
    both = (primary("one", maps=(reads("shared"), writes("shared"))),)
    learner = Learner(tree(leaf("a", objectives=both), leaf("b", objectives=both)))
    learner.goes_on(PASSED)
    assert learner.known("b", "satisfied") is True
    learner.goes_on({"cmi.success_status": "unknown"})
    assert learner.known("a", "satisfied") is None


def test_a_lesson_whose_objective_was_reached_in_a_test_is_skipped() -> None:
    pretest = leaf("pretest", objectives=(primary(), objective("one", writes("o1")), objective("two", writes("o2"))))
    lessons = [
        leaf(f"lesson{name}", objectives=(primary(maps=(reads(name),)),), pre_rules=(rule("skip", "satisfied"),))
        for name in ("o1", "o2")
    ]
    learner = Learner(tree(pretest, *lessons, choice=False))
    assert (
        learner.goes_on(
            {
                "cmi.objectives.0.id": "one",
                "cmi.objectives.0.success_status": "passed",
                "cmi.objectives.1.id": "two",
                "cmi.objectives.1.success_status": "failed",
            }
        )
        == "lessono2"
    )


def test_a_part_that_passes_by_its_measure_cannot_say_otherwise() -> None:
    learner = Learner(tree(leaf("a", objectives=(primary(satisfied_by_measure=True, minimum_measure=0.6),)), leaf("b")))
    learner.goes_on({**FAILED, "cmi.score.scaled": "0.6"})
    assert learner.known("a", "satisfied") is True


def test_what_is_shared_ends_with_the_attempt_on_the_whole() -> None:
    shares = (primary("one", maps=(writes("shared"),)),)
    learner = Learner(tree(leaf("a", objectives=shares), leaf("b")))
    learner.says(PASSED).asks("exitAll")
    assert learner.session.shared["shared"].satisfied is True
    learner.opens()
    assert learner.session.shared == {}


def test_what_is_shared_outlives_the_whole_where_it_is_global() -> None:
    shares = (primary("one", maps=(writes("shared"),)),)
    learner = Learner(tree(leaf("a", objectives=shares), leaf("b"), objectives_are_global=True))
    learner.says(PASSED).asks("exitAll")
    learner.opens()
    assert learner.session.shared["shared"].satisfied is True


def test_a_session_is_the_same_after_it_was_put_away() -> None:
    learner = Learner(tree(leaf("a", objectives=(primary("one", maps=(writes("shared"),)),)), leaf("b")))
    learner.goes_on(PASSED)
    again = Session.from_json(learner.session.tree, learner.session.to_json())
    assert again.to_json() == learner.session.to_json()


def test_what_a_part_asks_for_is_read_strictly() -> None:
    assert from_content("continue") == Request("continue")
    assert from_content("{target=a b}choice") == Request("choice", "a b")
    assert from_content("{target=x}jump") == Request("jump", "x")
    assert [from_content(text) for text in ("_none_", "", "start", "{target=}choice", "{target=a}continue")] == [
        None
    ] * 5
