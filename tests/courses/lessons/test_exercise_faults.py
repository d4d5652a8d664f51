"""A package in a lesson that learners cannot take: the editor is told at the block, when saving, and in the lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from courses.actions.courses import publish_edition, unpublish_course, withdraw_edition
from courses.lessons.blocks import PackageBlock
from courses.models import Course, LessonPage
from courses.queries.exercise_faults import faults_in_use, faults_of_packages
from courses.wagtail_hooks import say_which_exercises_cannot_be_taken
from tests.courses.lessons.test_editions import form_data
from tests.courses.lessons.test_exercises import course_with
from tests.courses.lessons.test_pages import client_of, lesson_url
from tests.factories.competence import make_person
from tests.factories.courses import BUILDER, edition_of, make_course, make_editor
from tests.factories.lessons import begin, make_lesson_course, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def withdraw(course: Course) -> None:
    withdraw_edition(edition=edition_of(course), by=BUILDER)


def hide(course: Course) -> None:
    unpublish_course(course=course, by=BUILDER)


def close(course: Course) -> None:
    Course.objects.filter(pk=course.pk).update(is_open=False)


def take_down(course: Course) -> None:
    """As it is after the upload."""
    course.editions.update(published_at=None)
    Course.objects.filter(pk=course.pk).update(is_published=False)


def have_refused(course: Course) -> None:
    """A package without any edition: none of its uploads was taken."""
    course.editions.all().delete()


def delete(course: Course) -> None:
    course.editions.all().delete()
    course.delete()


def english_editor() -> Client:
    editor = make_editor()
    editor.language = "en"
    editor.save(update_fields=["language"])
    return client_of(editor)


WAYS: dict[str, tuple[Callable[[Course], None], str]] = {
    "withdrawn": (withdraw, "its edition is withdrawn"),
    "hidden": (hide, "the package is hidden from learners"),
    "not open": (close, "only those who have been given a place on it can take it"),
    "not published": (take_down, "no edition of it is published"),
    "without an edition": (have_refused, "no edition of it is published"),
    "deleted": (delete, "the package is no longer there"),
}


@pytest.mark.parametrize("how", WAYS)
def test_the_editor_reads_why_and_the_learner_that_the_lesson_goes_on(how: str) -> None:
    change, why = WAYS[how]
    exercise = make_course(title="Öva på lyft")
    course = course_with({"course": exercise.key, "is_required": True})
    key, editor, learner = exercise.key, english_editor(), make_person(language="en")
    begin(course, learner)
    assert faults_in_use([course]) == {}
    for path in ("", f"{course.key}/"):
        assert "cannot" not in editor.get(f"/kursredaktion/{path}").content.decode()
    change(exercise)
    assert faults_of_packages({key}) == {key: why}
    assert "An exercise cannot be taken" in editor.get("/kursredaktion/").content.decode()
    name = key if how == "deleted" else "Öva på lyft"
    sentence = f"Learners cannot take the exercise “{name}” in the lesson “Lektion 1”: {why}."
    assert sentence in editor.get(f"/kursredaktion/{course.key}/").content.decode()
    page = client_of(learner).get(lesson_url(course, 1)).content.decode()
    assert "The exercise cannot be taken at present. You can go on with the lesson without it." in page
    assert "data-player" not in page
    assert "You need to finish the exercise" not in page


def test_the_list_of_packages_at_the_block_says_which_cannot_be_taken() -> None:
    good, gone = make_course(title="Går bra"), make_course(title="Borta")
    withdraw(gone)
    choices = dict(PackageBlock().child_blocks["course"].field.choices)
    assert choices[good.key] == "Går bra"
    assert choices[gone.key] == "Borta – its edition is withdrawn"


def test_publishing_the_course_in_wagtail_warns_and_makes_the_edition_all_the_same() -> None:
    exercise = make_course(title="Öva på lyft")
    course = course_with({"course": exercise.key})
    withdraw(exercise)
    page = page_of(course)
    data = form_data(page) | {"action-publish": "1"}
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    shown = client_of(make_editor()).post(address, data, follow=True).content.decode()
    assert "Deltagarna kan inte göra övningen ”Öva på lyft” i lektionen ”Lektion 1”: utgåvan är indragen." in shown
    assert course.editions.count() == 2


def told_when_saved(client: Client, page: Any) -> list[str]:
    request = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).wsgi_request
    say_which_exercises_cannot_be_taken(request, page)
    return [str(message) for message in get_messages(request)]


def test_saving_or_publishing_a_lesson_or_its_course_warns_and_stops_nothing() -> None:
    exercise = make_course(title="Öva på lyft")
    course = course_with({"course": exercise.key})
    editor, lesson = english_editor(), LessonPage.objects.get()
    assert told_when_saved(editor, lesson) == told_when_saved(editor, page_of(course)) == []
    withdraw(exercise)
    for page in (lesson, page_of(course)):
        (text,) = told_when_saved(editor, page)
        assert "in the lesson “Lektion 1”: its edition is withdrawn. They go on with the lesson without it." in text
    edition = edition_of(exercise)
    edition.withdrawn_at = None
    edition.save(update_fields=["withdrawn_at"])
    publish_edition(edition=edition, by=BUILDER)
    assert told_when_saved(editor, lesson) == []


def test_only_the_edition_that_learners_begin_with_is_looked_at() -> None:
    exercise = make_course()
    course = course_with({"course": exercise.key})
    lesson = LessonPage.objects.get()
    lesson.body = "[]"
    lesson.save_revision().publish()
    withdraw(exercise)
    assert course.pk in faults_in_use([course])
    page_of(course).get_latest_revision().publish()
    assert faults_in_use([course]) == {}


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_ask_as_often_for_three_as_for_one(number: int, django_assert_num_queries: Any) -> None:
    courses = [make_lesson_course(questions=[])]
    for _number in range(number):
        exercise = make_course()
        courses.append(course_with({"course": exercise.key}, {"course": make_course().key}))
        withdraw(exercise)
    with django_assert_num_queries(4):
        found = faults_in_use(courses)
    assert [len(faults) for faults in found.values()] == [1] * number
