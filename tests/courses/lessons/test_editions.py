"""Publishing in Wagtail makes an edition; what runs finishes on its own."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.models import SearchEntry
from courses.actions.courses import edit_course
from courses.models import Attempt, CourseEdition, CoursePage, EditionLesson
from tests.factories.competence import make_person
from tests.factories.courses import make_editor
from tests.factories.lessons import (
    BUILDER,
    add_lesson,
    at_the_test,
    begin,
    block,
    form_for,
    make_lesson_course,
    page_of,
    read_all_lessons,
    single,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(make_editor(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_publishing_the_course_freezes_its_published_lessons_and_its_test() -> None:
    course = make_lesson_course(lessons=2)
    edition = course.editions.get()

    assert (edition.number, edition.is_live, course.is_published) == (1, True, True)
    assert [lesson.key for lesson in edition.lessons.all()] == ["lektion-1", "lektion-2"]
    assert len(edition.test.questions) == 5
    assert edition.test.pass_percent == 80


def test_a_lesson_alone_reaches_nobody_before_the_course_is_published() -> None:
    course = make_lesson_course(lessons=1)
    add_lesson(page_of(course), "Lektion 2")
    assert EditionLesson.objects.count() == 1

    page_of(course).save_revision().publish()
    assert [lesson.title for lesson in course.editions.first().lessons.all()] == ["Lektion 1", "Lektion 2"]  # type: ignore[union-attr]


def test_publishing_again_without_a_change_makes_no_edition() -> None:
    course = make_lesson_course()
    page_of(course).save_revision().publish()
    assert course.editions.count() == 1


def test_a_draft_lesson_is_left_out() -> None:
    course = make_lesson_course(lessons=1, is_published=False)
    add_lesson(page_of(course), "Ett utkast", is_published=False)
    page_of(course).get_latest_revision().publish()
    assert [lesson.title for lesson in EditionLesson.objects.all()] == ["Lektion 1"]


def test_f32_a_running_attempt_finishes_on_its_own_edition_when_a_new_one_is_published() -> None:
    course = make_lesson_course(lessons=1)
    attempt = begin(course)
    page = page_of(course)
    lesson = add_lesson(page, "Ny lektion")
    page.questions = json.dumps([single("Ny fråga")])
    page.draw_count = 1
    page.save_revision().publish()
    assert course.editions.count() == 2

    read_all_lessons(attempt)
    from courses.actions.examinations import start_examination

    examination = start_examination(attempt=attempt, by=attempt.person)
    assert examination.asked == 5, "the test of the edition that was begun"
    assert lesson.slug not in attempt.edition.lessons.values_list("key", flat=True)
    assert begin(course).edition.number == 2


def test_f32_a_lesson_that_its_editor_deletes_is_still_read_by_whoever_began(client: Client) -> None:
    course = make_lesson_course(lessons=2)
    attempt = begin(course)
    page_of(course).get_children().first().delete()

    client.force_login(attempt.person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("courses:lesson", args=[course.key, "lektion-1"])).content.decode()
    assert "Rubrik 1" in page


def test_a_scheduled_page_becomes_an_edition_at_its_time() -> None:
    course = make_lesson_course(lessons=1, is_published=False)
    page = page_of(course)
    tomorrow = timezone.now() + timedelta(days=1)
    lesson = add_lesson(page, "Först imorgon", is_published=False)
    for one in (page, lesson):
        one.go_live_at = tomorrow
        one.save_revision().publish()
    assert not CourseEdition.objects.exists()

    with time_machine.travel(tomorrow + timedelta(minutes=5)):
        call_command("publish_scheduled", stdout=io.StringIO())
    course.refresh_from_db()
    assert course.is_published
    assert [one.title for one in course.editions.get().lessons.all()] == ["Lektion 1", "Först imorgon"]


def test_taking_the_page_down_hides_the_course() -> None:
    course = make_lesson_course()
    page_of(course).unpublish()
    course.refresh_from_db()
    assert not course.is_published


def test_what_cannot_become_an_edition_is_said_and_stays_a_draft(editor: Client) -> None:
    course = make_lesson_course(lessons=0, is_published=False)
    page = page_of(course)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    data = form_data(page) | {"action-publish": "1"}
    response = editor.post(address, data, follow=True)

    page.refresh_from_db()
    assert not page.live
    assert not CourseEdition.objects.exists()
    assert "Ingen lektion är publicerad än" in response.content.decode()


def test_an_editor_publishes_in_wagtail_and_is_told_of_the_edition(editor: Client) -> None:
    course = make_lesson_course(lessons=1, questions=[], is_published=False)
    page = page_of(course)
    data = form_data(page) | {"action-publish": "1"}
    response = editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data, follow=True)

    assert "Utgåva 1 används från och med nu" in response.content.decode()
    assert course.editions.count() == 1


def form_data(page: CoursePage) -> dict[str, Any]:
    return {
        "title": page.title,
        "slug": page.slug,
        "draw_count": "0",
        "pass_percent": "80",
        "tries_in_a_row": "",
        "wait_minutes": "0",
        "time_limit_minutes": "",
        "feedback": "marks",
        "test_introduction": "",
        "questions-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
    }


def test_a12_the_pages_that_editors_write_have_no_address_and_are_in_no_search(client: Client) -> None:
    course = make_lesson_course()
    page = page_of(course)
    assert page.url is None
    assert page.get_children().first().specific.url is None
    assert not SearchEntry.objects.filter(page__in=Page.objects.descendant_of(page, inclusive=True)).exists()
    for path in ("/lektionskurser/", f"/{page.slug}/", f"/lektionskurser/{page.slug}/"):
        assert client.get(path).status_code == 404


def test_a12_a_page_that_is_put_on_the_site_all_the_same_shows_nothing(client: Client, editor: Client) -> None:
    call_command("load_site", stdout=io.StringIO())
    course = make_lesson_course()
    site_root = Page.objects.get(depth=2, sites_rooted_here__isnull=False)
    page = page_of(course)
    page.move(site_root, pos="last-child")
    page = page_of(course)
    assert page.url is not None
    assert client.get(page.url).status_code == 404
    assert editor.get(page.get_children().first().url).status_code == 404


def test_the_preview_shows_the_editor_the_right_answers_and_a_lesson_as_it_will_be(editor: Client) -> None:
    course = make_lesson_course(questions=[single("Vem utser?", right="Vårdgivaren")])
    page = page_of(course)
    lesson = page.get_children().first()
    views = {
        page.pk: ("Vem utser?", "Vårdgivaren", "Lektion 1"),
        lesson.pk: ("Rubrik 1", "Läs."),
    }
    for pk, words in views.items():
        body = editor.get(reverse("wagtailadmin_pages:view_draft", args=[pk])).content.decode()
        for word in words:
            assert word in body


@pytest.mark.parametrize("who", ["learner", "anonymous"])
def test_a12_nobody_else_sees_the_preview(client: Client, who: str) -> None:
    course = make_lesson_course(questions=[single("Vem utser?", right="Vårdgivaren")])
    if who == "learner":
        client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(reverse("wagtailadmin_pages:view_draft", args=[page_of(course).pk]))
    assert response.status_code == 302
    assert "Vårdgivaren" not in response.content.decode()


def test_a23_the_group_of_editors_has_no_right_to_see_what_a_learner_wrote() -> None:
    codenames = Group.objects.get(name="Redaktör").permissions.values_list("codename", flat=True)
    assert not [name for name in codenames if "lessonprogress" in name or "examination" in name]


def test_a_picture_that_is_gone_is_said_to_be_gone(client: Client) -> None:
    course = make_lesson_course(lessons=0, questions=[], is_published=False)
    page = page_of(course)
    picture = block("picture", {"image": 4711, "alt_text": "En rollator", "caption": ""})
    file = block("file", {"document": 4711, "description": "Mall"})
    film = block("film", {"title": "Lyft", "film": 4711, "captions": 4711, "transcript": "<p>Så gör du.</p>"})
    add_lesson(page, "Med bild", [picture, file, film])
    page.get_latest_revision().publish()
    course.refresh_from_db()
    attempt = begin(course)
    client.force_login(attempt.person, backend="django.contrib.auth.backends.ModelBackend")

    body = client.get(reverse("courses:lesson", args=[course.key, "med-bild"])).content.decode()
    assert "En rollator" in body
    assert "The file is no longer there." in body
    assert "Så gör du." in body


def test_a_course_without_a_test_is_finished_by_its_last_lesson() -> None:
    attempt = begin(make_lesson_course(questions=[]))
    read_all_lessons(attempt)
    attempt.refresh_from_db()
    assert (attempt.status, attempt.outcome) == (Attempt.Status.COMPLETED, Attempt.Outcome.COMPLETION)
    assert attempt.finished_at is not None


def test_the_same_question_keeps_its_key_through_editions() -> None:
    course = make_lesson_course(questions=[single()])
    key = course.editions.get().test.questions[0]["key"]
    page = page_of(course)
    page.pass_percent = 90
    page.save_revision().publish()
    newest = course.editions.first()
    assert newest is not None
    assert newest.number == 2
    assert newest.test.questions[0]["key"] == key
    examination = at_the_test(course)
    assert form_for(examination)


def test_a_course_keeps_the_title_that_its_details_say_when_it_is_published_anew() -> None:
    course = make_lesson_course(title="Första namnet")
    edit_course(course=course, title="Nya namnet", minutes=30, description="", level="regional", by=BUILDER)
    page = page_of(course)
    page.pass_percent = 70
    page.save_revision().publish()
    course.refresh_from_db()
    assert course.title == "Nya namnet"
    assert course.editions.count() == 2
