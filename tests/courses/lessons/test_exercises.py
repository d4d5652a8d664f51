"""A package in a lesson: whose it is, how it goes, and what the lesson waits for."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from courses.actions.courses import add_edition, publish_edition, withdraw_edition
from courses.models import Attempt, Course, LessonProgress
from courses.queries.exercises import exercises_of, remaining
from courses.scorm.tokens import Sitting
from lms.users.models import User
from tests.courses.lessons.test_pages import client_of, lesson_url
from tests.courses.packages import package
from tests.factories.competence import make_person
from tests.factories.courses import BUILDER, edition_of, make_attempt, make_course, make_editor, sit_down, write
from tests.factories.lessons import add_lesson, begin, block, make_lesson_course, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_person(language="en")


@pytest.fixture
def mine(owner: User) -> Client:
    return client_of(owner)


def course_with(*blocks: dict[str, Any]) -> Course:
    """A course of one lesson, with exercises and a place to write."""
    course = make_lesson_course(lessons=0, questions=[], is_published=False)
    values = [block("package", {"text": "Gör den här.", **one}) for one in blocks]
    add_lesson(page_of(course), "Lektion 1", [*values, block("reflection", {"question": "Vad?", "thoughts": ""})])
    page_of(course).get_latest_revision().publish()
    course.refresh_from_db()
    return course


def finish(sitting: Sitting) -> None:
    write(sitting, {"cmi.core.lesson_status": "completed"}, trigger="terminate")


def states(attempt: Attempt) -> dict[str, str]:
    lesson = attempt.edition.lessons.get()
    return {key: one.state for key, one in exercises_of(attempt, lesson.body).items()}


def begin_url(package_course: Course) -> str:
    return reverse("courses:begin_exercise", args=[package_course.key])


def test_an_exercise_is_begun_gone_on_with_and_done_and_its_lesson_says_so(mine: Client, owner: User) -> None:
    exercise = make_course(title="Öva på lyft")
    course = course_with({"course": exercise.key})
    attempt = begin(course, owner)
    assert states(attempt) == {exercise.key: "new"}
    first, second = (mine.post(begin_url(exercise)).json() for _time in range(2))
    assert first == second, "asking again gives the same attempt"
    run = Attempt.objects.get(public_id=first["attempt"])
    assert (run.person, run.is_preview, run.enrolment.course) == (owner, False, exercise)  # type: ignore[union-attr]
    assert first["move"] == reverse("courses:move", args=[run.public_id])
    assert states(attempt) == {exercise.key: "started"}
    assert "Begun" in mine.get(first["status"]).content.decode()
    finish(sit_down(run))
    assert states(attempt) == {exercise.key: "done"}
    assert 'data-state="done"' in mine.get(first["status"]).content.decode()
    page = mine.get(lesson_url(course, 1)).content.decode()
    assert "See the exercise again" in page
    assert reverse("courses:play", args=[exercise.key]) in page, "larger, in a window of its own"


def test_without_javascript_the_exercise_leads_to_its_own_page_and_says_what_it_needs(
    mine: Client, owner: User
) -> None:
    exercise = make_course()
    course = course_with({"course": exercise.key})
    begin(course, owner)
    page = mine.get(lesson_url(course, 1)).content.decode()
    assert "The exercise needs JavaScript. You can go on with the lesson without it" in page
    assert f'action="{reverse("courses:start", args=[exercise.key])}"' in page
    answer = mine.post(reverse("courses:start", args=[exercise.key]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("courses:play", args=[exercise.key])


def test_by_default_the_lesson_is_done_without_its_exercise(mine: Client, owner: User) -> None:
    course = course_with({"course": make_course().key})
    begin(course, owner)
    mine.post(lesson_url(course, 1), {"do": "done"})
    assert LessonProgress.objects.get().done_at is not None


def test_a_required_exercise_keeps_the_lesson_from_being_done_and_what_was_written_is_kept(
    mine: Client, owner: User
) -> None:
    exercise = make_course(title="Öva på lyft")
    course = course_with({"course": exercise.key, "is_required": True})
    attempt = begin(course, owner)
    name = next(f"b-{one.id}" for one in attempt.edition.lessons.get().body if one.block_type == "reflection")
    assert "You need to finish the exercise" in mine.get(lesson_url(course, 1)).content.decode()
    answer = mine.post(lesson_url(course, 1), {"do": "done", name: "En tanke"}, follow=True)
    assert answer.redirect_chain[-1][0] == lesson_url(course, 1)
    assert "Do the exercise first: Öva på lyft. What you have written is saved." in answer.content.decode()
    progress = LessonProgress.objects.get()
    assert (progress.done_at, list(progress.notes.values())) == (None, ["En tanke"])
    attempt.refresh_from_db()
    assert attempt.finished_at is None

    finish(sit_down(make_attempt(exercise, owner)))
    mine.post(lesson_url(course, 1), {"do": "done", name: "En tanke"})
    attempt.refresh_from_db()
    assert attempt.finished_at is not None


def test_somebody_elses_exercise_is_not_mine(mine: Client, owner: User) -> None:
    exercise = make_course()
    course = course_with({"course": exercise.key, "is_required": True})
    attempt = begin(course, owner)
    others = make_attempt(exercise)
    finish(sit_down(others))
    assert states(attempt) == {exercise.key: "new"}
    assert remaining(exercises_of(attempt, attempt.edition.lessons.get().body))
    assert mine.get(reverse("courses:exercise_state", args=[others.public_id])).status_code == 404
    assert mine.post(reverse("courses:move", args=[others.public_id]), {"verb": "open"}).status_code == 404


@pytest.mark.parametrize("name", ["begin_exercise", "exercise_state", "begin_exercise_preview"])
def test_who_has_not_logged_in_or_may_not_edit_gets_nothing(client: Client, mine: Client, name: str) -> None:
    exercise = make_course()
    run = make_attempt(exercise)
    named: dict[str, list[Any]] = {
        "begin_exercise": [exercise.key],
        "exercise_state": [run.public_id],
        "begin_exercise_preview": [exercise.key, 1],
    }
    url = reverse(f"courses:{name}", args=named[name])
    ask = "get" if name == "exercise_state" else "post"
    assert getattr(client, ask)(url)["Location"].startswith("/konto/login/")
    if name != "begin_exercise":
        assert getattr(mine, ask)(url).status_code in {403, 404}
    assert Attempt.objects.count() == 1


def test_only_packages_are_exercises(mine: Client, owner: User) -> None:
    lessons = make_lesson_course()
    run = begin(lessons, owner)
    assert mine.post(begin_url(lessons)).status_code == 404
    assert mine.get(reverse("courses:exercise_state", args=[run.public_id])).status_code == 404
    assert mine.post(reverse("courses:begin_exercise", args=["finns-inte"])).status_code == 404
    assert mine.get(begin_url(make_course())).status_code == 405


def test_two_exercises_in_a_lesson_stand_each_for_itself(mine: Client, owner: User) -> None:
    one, two = make_course(title="Ett"), make_course(title="Två")
    course = course_with({"course": one.key, "is_required": True}, {"course": two.key})
    attempt = begin(course, owner)
    finish(sit_down(make_attempt(two, owner)))
    assert states(attempt) == {one.key: "new", two.key: "done"}
    page = mine.get(lesson_url(course, 1)).content.decode()
    assert page.count("data-player") == 2
    mine.post(lesson_url(course, 1), {"do": "done"})
    assert LessonProgress.objects.get().done_at is None


def test_a_withdrawn_package_keeps_nobody_and_what_was_done_stays_done(mine: Client, owner: User) -> None:
    exercise, done = make_course(title="Borta"), make_course(title="Klar och borta")
    course = course_with({"course": exercise.key, "is_required": True}, {"course": done.key, "is_required": True})
    attempt = begin(course, owner)
    make_attempt(exercise, owner)
    finish(sit_down(make_attempt(done, owner)))
    for one in (exercise, done):
        withdraw_edition(edition=edition_of(one), by=BUILDER)
    assert states(attempt) == {exercise.key: "closed", done.key: "done"}
    page = mine.get(lesson_url(course, 1)).content.decode()
    assert "The exercise cannot be taken at present." in page
    assert "data-player" not in page
    answer = mine.post(begin_url(exercise))
    assert (answer.status_code, answer.json()) == (409, {"message": "The course cannot be taken at present."})
    mine.post(lesson_url(course, 1), {"do": "done"})
    assert LessonProgress.objects.get().done_at is not None


def test_a_new_edition_of_the_package_leaves_who_has_begun_on_theirs(mine: Client, owner: User) -> None:
    exercise = make_course()
    course = course_with({"course": exercise.key})
    attempt = begin(course, owner)
    run = make_attempt(exercise, owner)
    replace_and_publish(exercise)
    assert mine.post(begin_url(exercise)).json()["attempt"] == str(run.public_id)
    assert run.edition.number == 1
    assert states(attempt) == {exercise.key: "started"}
    newcomer = make_person()
    answer = client_of(newcomer).post(begin_url(exercise)).json()
    assert Attempt.objects.get(public_id=answer["attempt"]).edition.number == 2
    withdraw_edition(edition=run.edition, by=BUILDER)
    assert states(attempt) == {exercise.key: "new"}, "begun anew on the edition in use"
    finish(sit_down(run_of(mine, exercise)))
    assert states(attempt) == {exercise.key: "done"}


def replace_and_publish(course: Course) -> None:
    add_edition(course=course, source=io.BytesIO(package(ny__txt="ny")), file_name="ny.zip", by=BUILDER)
    publish_edition(edition=edition_of(course), same_because="Bara en fil till.", by=BUILDER)


def run_of(client: Client, course: Course) -> Attempt:
    return Attempt.objects.get(public_id=client.post(begin_url(course)).json()["attempt"])


def test_a_frozen_lesson_demands_what_it_demanded_when_it_was_published(mine: Client, owner: User) -> None:
    exercise = make_course()
    course = course_with({"course": exercise.key})
    begin(course, owner)
    lesson = page_of(course).get_children().get().specific
    body = lesson.body.get_prep_value()
    body[0]["value"]["is_required"] = True
    lesson.body = lesson._meta.get_field("body").to_python(body)
    lesson.save_revision().publish()
    page_of(course).save_revision().publish()
    assert course.editions.count() == 2
    mine.post(lesson_url(course, 1), {"do": "done"})
    assert LessonProgress.objects.get().done_at is not None, "begun before it was demanded"
    newcomer = make_person()
    begin(course, newcomer)
    client_of(newcomer).post(lesson_url(course, 1), {"do": "done"})
    assert LessonProgress.objects.get(attempt__person=newcomer).done_at is None


def test_an_editor_tries_the_exercise_out_in_a_preview_and_nothing_counts(owner: User) -> None:
    exercise = make_course(title="Öva på lyft")
    course = course_with({"course": exercise.key, "is_required": True})
    editor = make_editor()
    client = client_of(editor)
    start = client.post(reverse("courses:editor_start_preview", args=[course.key, 1]), follow=True)
    url = start.redirect_chain[-1][0]
    assert reverse("courses:begin_exercise_preview", args=[exercise.key, 1]) in start.content.decode()
    answer = client.post(reverse("courses:begin_exercise_preview", args=[exercise.key, 1])).json()
    run = Attempt.objects.get(public_id=answer["attempt"])
    assert (run.is_preview, run.enrolment) == (True, None)
    finish(sit_down(run))
    assert 'data-state="done"' in client.get(url).content.decode()
    run.refresh_from_db()
    assert run.finished_at is None
    client.post(url, {"do": "done"})
    assert LessonProgress.objects.get().done_at is not None


def test_an_editor_who_writes_the_lesson_sees_where_the_package_will_be(owner: User) -> None:
    course = course_with({"course": make_course().key, "is_required": True})
    lesson = page_of(course).get_children().get().specific
    page = lesson.make_preview_request().content.decode()
    assert "Gör den här." in page
    assert "<iframe" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_a_lesson_asks_no_more_for_three_exercises_than_for_one(
    mine: Client, owner: User, count: int, django_assert_num_queries: Any
) -> None:
    course = course_with(*({"course": make_course().key} for _one in range(count)))
    begin(course, owner)
    mine.get(lesson_url(course, 1))
    with django_assert_num_queries(18):
        mine.get(lesson_url(course, 1))
