"""What the questions tell, and to whom."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses.actions.attempts import start_preview
from courses.actions.examinations import start_examination, submit_examination
from courses.lessons.questions import Kind, Question
from courses.models import Course
from courses.queries.question_statistics import correlation, figures_of, statistics_of
from tests.factories.competence import make_person
from tests.factories.courses import make_editor
from tests.factories.lessons import at_the_test, form_for, make_lesson_course, page_of, reader, single

QUESTION = Question("q", Kind.SINGLE, "Vem?", options=("a", "b", "c"), right=(0,))


def take(course: Course, *, wrong: int = 0, times: int = 1) -> None:
    examination = at_the_test(course)
    for time in range(times):
        if time:
            examination = start_examination(attempt=examination.attempt, by=examination.attempt.person)
        submit_examination(
            examination=examination, read=reader(form_for(examination, wrong=wrong)), by=examination.attempt.person
        )


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_question_that_those_who_know_get_right_tells_them_apart() -> None:
    chance = Random(1)
    answers, scores = [], {}
    for test in range(200):
        knows = chance.random()
        is_right = knows > 0.5
        scores[test] = (round(knows * 9) + is_right, 10)
        answers.append((test, 0 if is_right else chance.choice((1, 2)), is_right))
    figures = figures_of(QUESTION, "", answers, scores)
    assert figures.verdict == "good"
    assert figures.discrimination is not None
    assert figures.discrimination > 0.7
    assert figures.right_share == pytest.approx(0.5, abs=0.1)
    assert [chosen.text for chosen in figures.chosen][0] == "a"
    assert sum(chosen.count for chosen in figures.chosen) == 200


def test_a_question_whose_right_answer_is_wrong_is_found() -> None:
    answers = [(test, 0 if test % 2 else 1, bool(test % 2)) for test in range(40)]
    scores = {test: (3 if test % 2 else 9, 10) for test in range(40)}
    assert figures_of(QUESTION, "", answers, scores).verdict == "against"


@pytest.mark.parametrize(("right", "verdict"), [(2, "hard"), (40, "easy"), (10, "few")])
def test_the_verdicts(right: int, verdict: str) -> None:
    count = 15 if verdict == "few" else 40
    answers = [(test, 0, test < right) for test in range(count)]
    scores = {test: (5 + (test < right), 10) for test in range(count)}
    assert figures_of(QUESTION, "", answers, scores).verdict == verdict


def test_too_few_answers_show_nothing_that_could_tell_of_a_person() -> None:
    figures = figures_of(QUESTION, "", [(1, 0, True)] * 4, {1: (1, 1)})
    assert (figures.right_share, figures.discrimination, list(figures.chosen)) == (None, None, [])


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=30))
def test_a_correlation_is_between_minus_one_and_one(pairs: list[tuple[float, float]]) -> None:
    value = correlation([one for one, _two in pairs], [two for _one, two in pairs])
    assert value is None or -1.0001 <= value <= 1.0001


@pytest.mark.django_db
def test_each_persons_first_test_counts_and_a_try_of_an_editors_does_not() -> None:
    course = make_lesson_course(questions=[single("Ett?"), single("Två?")], tries_in_a_row=None)
    for _person in range(5):
        take(course)
    take(course, wrong=2, times=2)
    editor = make_editor()
    attempt = start_preview(edition=course.editions.get(), by=editor)
    examination = start_examination(attempt=attempt, by=editor)
    submit_examination(examination=examination, read=reader({}), by=editor)

    statistics = statistics_of(course)
    assert (statistics.taken, statistics.passed, statistics.people, statistics.at_first) == (7, 5, 6, 5)
    assert [figures.answers for figures in statistics.questions] == [6, 6]
    assert [round(figures.right_share or 0, 2) for figures in statistics.questions] == [0.83, 0.83]


@pytest.mark.django_db
def test_a_question_that_was_reworded_begins_again() -> None:
    course = make_lesson_course(questions=[single("Ett?")])
    for _person in range(5):
        take(course)
    page = page_of(course)
    raw = page.questions.get_prep_value()
    raw[0]["value"]["text"] = "Ett, menar du?"
    page.questions = json.dumps(raw)
    page.save_revision().publish()
    assert [figures.answers for figures in statistics_of(course).questions] == [0]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_figures_take_the_same_queries_for_three_questions_as_for_one(
    number: int, django_assert_num_queries: Any
) -> None:
    course = make_lesson_course(questions=[single(f"F{one}") for one in range(number)])
    for _person in range(number):
        take(course)
    with django_assert_num_queries(4):
        statistics_of(course)


@pytest.mark.django_db
def test_editors_see_the_figures_and_learners_do_not() -> None:
    course = make_lesson_course(questions=[single("Vem utser?")])
    for _person in range(6):
        take(course)
    address = reverse("courses:editor_questions", args=[course.key])
    page = client_of(make_editor()).get(address).content.decode()
    assert "Vem utser?" in page
    assert "100 %" in page
    assert client_of(make_person()).get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.django_db
def test_an_empty_bank_says_so_and_another_kind_of_course_has_none() -> None:
    from tests.factories.courses import make_course

    editor = client_of(make_editor())
    course = make_lesson_course(questions=[])
    assert (
        "Det finns ingen fråga än"
        in editor.get(reverse("courses:editor_questions", args=[course.key])).content.decode()
    )
    package = make_course()
    assert editor.get(reverse("courses:editor_questions", args=[package.key])).status_code == 404


@pytest.mark.django_db
def test_the_key_of_a_new_course_is_taken_once() -> None:
    editor = client_of(make_editor())
    course = make_lesson_course()
    data = {"title": "Ny", "key": course.key, "minutes": "10", "level": "regional", "language": "sv", "description": ""}
    answer = editor.post(reverse("courses:editor_new_lessons"), data)
    assert answer.status_code == 422
    answer = editor.post(reverse("courses:editor_new_lessons"), data | {"key": "ny-kurs"})
    assert answer["Location"] == reverse("courses:editor_course", args=["ny-kurs"])
    assert client_of(make_person()).get(reverse("courses:editor_new_lessons")).status_code == 403


@pytest.mark.django_db
def test_the_demonstration_has_figures_to_show_and_says_the_same_each_time() -> None:
    call_command("load_demo_tests")  # nothing to stand on: nothing is made
    assert not Course.objects.exists()
