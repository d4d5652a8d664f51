"""How far people come, and what is stuck: courses of lessons, occasions, and what is told to who may see no persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from competence import api as competence
from courses.actions.attendance import note_attendance
from courses.actions.courses import withdraw_edition
from courses.actions.examinations import start_examination, submit_examination
from courses.actions.places import cancel_place
from courses.actions.progress import save_lesson
from courses.models import Attempt, Course, Examination, LessonProgress, Place
from courses.queries.figures import (
    StuckLine,
    span_text,
)
from courses.queries.learners import participants_of
from courses.queries.lesson_funnel import lesson_funnel_of
from courses.queries.lesson_stuck import CAUSES, stuck_lesson_attempts, stuck_lessons_by_cause
from courses.queries.occasion_funnel import NO_WEB_PART, NOT_NOTED, occasion_funnel_of, stuck_places
from tests.courses.test_attendance import marks_of
from tests.courses.test_editor_tabs import client_of
from tests.factories.competence import BUILDER
from tests.factories.courses import edition_of, make_administrator, make_course, make_editor
from tests.factories.lessons import begin, form_for, make_lesson_course, read_all_lessons, reader
from tests.factories.occasions import make_held_occasion, make_occasion_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


# Courses of lessons ---------------------------------------------------------------------------------------------------
def read(attempt: Attempt, number: int, *, is_done: bool = True) -> None:
    lesson = attempt.edition.lessons.get(position=number)
    save_lesson(attempt=attempt, lesson=lesson, read=lambda _name: [], is_done=is_done, by=attempt.person)


def take_test(attempt: Attempt, *, wrong: int = 0) -> Examination:
    examination = start_examination(attempt=attempt, by=attempt.person)
    submit_examination(examination=examination, read=reader(form_for(examination, wrong=wrong)), by=attempt.person)
    return examination


def test_the_funnel_of_lessons_counts_people_to_each_lesson_and_through_the_test() -> None:
    course = make_lesson_course(lessons=3)
    begin(course)  # at the first lesson, and nothing saved
    writes, halfway, failed, passed = (begin(course) for _number in range(4))
    read(writes, 1, is_done=False)
    read(halfway, 1)
    for attempt in (failed, passed):
        read_all_lessons(attempt)
    take_test(failed, wrong=4)
    take_test(passed, wrong=4)
    take_test(passed)
    funnel = lesson_funnel_of(course)
    assert [(step.title, step.people, step.lost) for step in funnel.steps] == [
        ("Have a place", 5, 0),
        ("Have started", 5, 0),
        ("Have gone through all lessons", 2, 3),
        ("Have handed in a test", 2, 0),
        ("Have finished", 1, 1),
    ]
    assert [(part.opened, part.finished) for part in funnel.parts] == [(5, 3), (3, 2), (2, 2)]
    assert [one.count for one in funnel.tallies] == [1, 1, 0, 2]
    assert timezone.now() - funnel.at < timedelta(minutes=1)


def test_the_time_of_a_lesson_is_from_the_end_of_the_one_before() -> None:
    course = make_lesson_course(lessons=2, questions=[])
    for minutes in (10, 30, 500):
        attempt = begin(course)
        read_all_lessons(attempt)
        began = timezone.now() - timedelta(days=3)
        Attempt.objects.filter(pk=attempt.pk).update(
            started_at=began, finished_at=began + timedelta(minutes=2 * minutes)
        )
        for number in (1, 2):
            LessonProgress.objects.filter(attempt=attempt, lesson__position=number).update(
                done_at=began + number * timedelta(minutes=minutes)
            )
    funnel = lesson_funnel_of(course)
    assert [part.time for part in funnel.parts] == ["30 minutes", "30 minutes"]
    assert funnel.time == "60 minutes"
    assert len(funnel.steps) == 4, "no step for a test that is not there"


def test_a_preview_counts_nowhere_and_an_empty_course_says_so() -> None:
    course = make_lesson_course()
    client = client_of(make_editor())
    client.post(f"/kursredaktion/{course.key}/utgava/1/prova/")
    funnel = lesson_funnel_of(course)
    assert (funnel.is_empty, [part.opened for part in funnel.parts]) == (True, [0, 0])
    assert "Nobody has begun the course yet" in client.get(f"/kursredaktion/{course.key}/resultat/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_funnel_of_lessons_and_what_is_stuck_in_few_queries(number: int, django_assert_num_queries: Any) -> None:
    course = make_lesson_course(lessons=number)
    for _number in range(number):
        attempt = begin(course)
        read_all_lessons(attempt)
        take_test(attempt, wrong=4)
    with django_assert_num_queries(11):
        lesson_funnel_of(course)
    age(course, days=40)
    with django_assert_num_queries(2):
        stuck_lessons_by_cause(course, timezone.now())


def age(course: Course, **ago: float) -> None:
    """All that has happened in the course's attempts happened so long ago."""
    at = timezone.now() - timedelta(**ago)
    Attempt.objects.filter(edition__course=course).update(started_at=at)
    rows = LessonProgress.objects.filter(attempt__edition__course=course)
    rows.update(opened_at=at)
    rows.filter(done_at__isnull=False).update(done_at=at)
    Examination.objects.filter(attempt__edition__course=course).update(started_at=at, saved_at=at, submitted_at=at)


def causes(course: Course) -> list[str]:
    return list(stuck_lesson_attempts(course, timezone.now()).values_list("cause", flat=True))


@pytest.mark.parametrize(("days", "cause"), [(29, []), (31, ["idle:lektion-2"])])
def test_who_has_been_silent_in_a_lesson_for_a_month_is_stuck_there(days: int, cause: list[str]) -> None:
    course = make_lesson_course(lessons=3)
    read(begin(course), 1)
    age(course, days=days)
    assert causes(course) == cause
    lines = stuck_lessons_by_cause(course, timezone.now())
    titles = ["Nothing has happened for a month, in the lesson “Lektion 2”"] if cause else []
    assert [(line.cause.title, line.count) for line in lines] == [(title, 1) for title in titles]
    assert participants_of(course, state="stuck").count() == len(cause)


def test_who_began_and_did_nothing_is_stuck_before_the_first_lesson() -> None:
    course = make_lesson_course()
    begin(course)
    age(course, days=31)
    assert [line.cause.title for line in stuck_lessons_by_cause(course, timezone.now())] == [
        "Nothing has happened for a month, and no lesson has been done"
    ]


@pytest.mark.parametrize(("days", "cause"), [(6, []), (8, ["read"])])
def test_who_has_read_all_and_not_begun_the_test_is_stuck_after_a_week(days: int, cause: list[str]) -> None:
    course = make_lesson_course()
    read_all_lessons(begin(course))
    age(course, days=days)
    assert causes(course) == cause


def test_who_has_used_the_tries_waits_and_is_then_one_who_has_not_passed() -> None:
    course = make_lesson_course(tries_in_a_row=2, wait_minutes=60)
    attempt = begin(course)
    read_all_lessons(attempt)
    take_test(attempt, wrong=4)
    assert causes(course) == []
    take_test(attempt, wrong=4)
    assert causes(course) == ["out-of-tries"]
    assert [one.count for one in lesson_funnel_of(course).tallies] == [0, 0, 1, 2]
    age(course, minutes=61)
    assert causes(course) == []
    age(course, days=8)
    assert causes(course) == ["failed"]
    take_test(attempt)
    assert causes(course) == []


def test_whose_edition_was_withdrawn_under_them_is_stuck_at_once() -> None:
    course = make_lesson_course()
    begin(course)
    withdraw_edition(edition=edition_of(course), by=BUILDER)
    assert causes(course) == ["closed"]
    assert [line.cause for line in stuck_lessons_by_cause(course, timezone.now())] == [CAUSES["closed"]]


# Occasions ------------------------------------------------------------------------------------------------------------
def test_the_funnel_of_occasions_counts_people_from_registering_to_completion() -> None:
    web_part, course = make_course(), make_occasion_course()
    occasion = make_held_occasion(course, people=4, web_part=web_part)
    complete, waits, absent, gone = occasion.places.order_by("turn")
    make_held_occasion(course, people=1)
    competence.record_completion(
        person=complete.person,
        course_key=web_part.key,
        completed_at=timezone.now() - timedelta(days=9),
        source="t",
        source_id="1",
        by=BUILDER,
    )
    cancel_place(place=gone, by=BUILDER)
    marks = {**marks_of(complete, True), **marks_of(waits, True), **marks_of(absent, False)}
    note_attendance(occasion=occasion, marks=marks, by=BUILDER)
    funnel = occasion_funnel_of(course)
    assert [step.people for step in funnel.steps] == [5, 4, 2, 1, 1]
    assert [one.count for one in funnel.tallies] == [1, 1]
    assert funnel.time == "", "they were registered after it was held"
    occasion.places.update(created_at=occasion.ends_at - timedelta(days=12))
    assert occasion_funnel_of(course).time == "12 days"
    assert stuck_places(course) == []
    for one in course.occasions.all():
        type(one).objects.filter(pk=one.pk).update(
            starts_at=one.starts_at - timedelta(days=20), ends_at=one.ends_at - timedelta(days=20)
        )
    assert stuck_places(course) == [StuckLine(NOT_NOTED, 1), StuckLine(NO_WEB_PART, 1)]
    page = client_of(make_administrator()).get(f"/kursredaktion/{course.key}/resultat/").content.decode()
    assert "Have done the part on the web, too" in page
    assert "it is not noted whether they came" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_funnel_of_occasions_in_few_queries(number: int, django_assert_num_queries: Any) -> None:
    web_part, course = make_course(), make_occasion_course()
    for _number in range(number):
        occasion = make_held_occasion(course, people=number, web_part=web_part)
        for place in occasion.places.all():
            note_attendance(occasion=occasion, marks=marks_of(place, True), by=BUILDER)
    assert Place.objects.filter(status="attended").count() == number * number
    with django_assert_num_queries(5):
        occasion_funnel_of(course)
    with django_assert_num_queries(2):
        stuck_places(course)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(10, "1 minute"), (7199, "120 minutes"), (7200, "2 hours"), (170_000, "47 hours"), (180_000, "2 days")],
)
def test_a_time_is_as_exact_as_it_is_of_use(seconds: float, words: str) -> None:
    assert span_text(seconds) == words
