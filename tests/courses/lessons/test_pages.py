"""A learner's way through the lessons, by plain pages and forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.documents import get_document_model

from courses.models import Attempt, Enrolment, LessonProgress
from courses.queries.learner import course_for
from lms.users.models import User
from tests.factories.competence import make_person
from tests.factories.courses import make_course, make_editor
from tests.factories.lessons import add_lesson, begin, block, make_lesson_course, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_person(language="en")


@pytest.fixture
def mine(owner: User) -> Client:
    return client_of(owner)


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def lesson_url(course: Any, number: int) -> str:
    return reverse("courses:lesson", args=[course.key, f"lektion-{number}"])


def without_tokens(response: Any) -> bytes:
    return re.sub(rb"[A-Za-z0-9]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", response.content)


def test_starting_leads_to_the_first_lesson_and_each_one_to_the_next_and_the_last_to_the_test(
    mine: Client, owner: User
) -> None:
    course = make_lesson_course(lessons=3)
    response = mine.post(reverse("courses:start", args=[course.key]), follow=True)
    assert response.redirect_chain[-1][0] == lesson_url(course, 1)
    assert Enrolment.objects.get(person=owner).course == course

    for number in (1, 2):
        answer = mine.post(lesson_url(course, number), {"do": "done"})
        assert answer["Location"] == lesson_url(course, number + 1)
    assert mine.post(lesson_url(course, 3), {"do": "done"})["Location"] == reverse("courses:test", args=[course.key])


def test_going_on_leads_to_where_one_was(mine: Client, owner: User) -> None:
    course = make_lesson_course(lessons=4)
    begin(course, owner)
    go_on = reverse("courses:lessons", args=[course.key])
    assert mine.get(go_on)["Location"] == lesson_url(course, 1)
    mine.post(lesson_url(course, 1), {"do": "done"})
    mine.post(lesson_url(course, 3), {"do": "save"})
    assert mine.get(go_on)["Location"] == lesson_url(course, 3)
    assert mine.get(reverse("courses:play", args=[course.key]))["Location"] == go_on


def test_reading_a_page_changes_nothing(mine: Client, owner: User) -> None:
    course = make_lesson_course()
    begin(course, owner)
    mine.get(lesson_url(course, 2))
    assert not LessonProgress.objects.exists()


def test_the_button_pressed_twice_counts_once(mine: Client, owner: User) -> None:
    course = make_lesson_course(lessons=2, questions=[])
    begin(course, owner)
    for _time in range(2):
        mine.post(lesson_url(course, 1), {"do": "done"})
    at = LessonProgress.objects.get().done_at
    mine.post(lesson_url(course, 1), {"do": "done"})
    assert LessonProgress.objects.get().done_at == at
    mine.post(lesson_url(course, 2), {"do": "done"})
    mine.post(lesson_url(course, 2), {"do": "done"})
    state = course_for(owner, course.key)
    assert state is not None
    assert state.state == "done"


def test_what_is_written_and_ticked_is_kept_for_the_learner_alone(mine: Client, owner: User) -> None:
    course = make_lesson_course(lessons=0, questions=[], is_published=False)
    points = [
        {"type": "item", "value": text, "id": f"0000000{n}-0000-4000-8000-000000000000"} for n, text in enumerate("ABC")
    ]
    body = [
        block("reflection", {"question": "Vad tänker du?", "thoughts": "<p>Jämför.</p>"}),
        block("checklist", {"heading": "Kryssa", "points": points}),
    ]
    add_lesson(page_of(course), "Lektion 1", body)
    page_of(course).get_latest_revision().publish()
    course.refresh_from_db()
    begin(course, owner)
    text, ticks = (f"b-{one['id']}" for one in body)
    secret = "Jag minns <script>alert(1)</script> & mer"
    mine.post(lesson_url(course, 1), {"do": "save", text: secret, ticks: ["0", "2", "99", "x"]})

    page = mine.get(lesson_url(course, 1)).content.decode()
    assert "Jag minns &lt;script&gt;alert(1)&lt;/script&gt; &amp; mer</textarea>" in page
    assert page.count(" checked") == 2
    assert LessonProgress.objects.get().notes[str(body[1]["id"])] == [0, 2]

    colleague, editor = make_person(), make_editor()
    begin(course, colleague)
    assert "Jag minns" not in client_of(colleague).get(lesson_url(course, 1)).content.decode()
    assert (
        "Jag minns" not in client_of(editor).get(reverse("courses:editor_course", args=[course.key])).content.decode()
    )


def test_a_very_long_note_and_a_null_byte_are_taken_in(mine: Client, owner: User) -> None:
    course = make_lesson_course(lessons=0, questions=[], is_published=False)
    body = [block("reflection", {"question": "Vad tänker du?", "thoughts": ""})]
    add_lesson(page_of(course), "Lektion 1", body)
    page_of(course).get_latest_revision().publish()
    course.refresh_from_db()
    begin(course, owner)
    mine.post(lesson_url(course, 1), {"do": "save", f"b-{body[0]['id']}": "å\x00" * 9000})
    assert LessonProgress.objects.get().notes[str(body[0]["id"])] == "å" * 5000


def test_a14_a_course_that_one_has_no_place_on_is_as_one_that_is_not_there(mine: Client) -> None:
    course = make_lesson_course()
    course.is_open = False
    course.save()
    for name, *more in (("lessons",), ("lesson", "lektion-1"), ("test",), ("examination", 1)):
        closed = mine.get(reverse(f"courses:{name}", args=[course.key, *more]))
        missing = mine.get(reverse(f"courses:{name}", args=["finns-inte", *more]))
        assert closed.status_code == missing.status_code == 404
        assert without_tokens(closed).replace(course.key.encode(), b"") == without_tokens(missing).replace(
            b"finns-inte", b""
        )


def test_a15_a_lesson_of_another_course_is_not_found(mine: Client, owner: User) -> None:
    course, other = make_lesson_course(lessons=1), make_lesson_course(lessons=5)
    begin(course, owner)
    begin(other, owner)
    assert mine.get(lesson_url(other, 5)).status_code == 200
    assert mine.get(lesson_url(course, 5)).status_code == 404


def test_a_course_that_is_a_package_has_no_lessons(mine: Client) -> None:
    course = make_course()
    assert mine.get(reverse("courses:lessons", args=[course.key])).status_code == 404
    assert mine.get(reverse("courses:test", args=[course.key])).status_code == 404


def test_whoever_has_not_begun_is_sent_to_the_courses_page(mine: Client) -> None:
    course = make_lesson_course()
    assert mine.get(lesson_url(course, 1))["Location"] == reverse("courses:course", args=[course.key])


def test_the_courses_page_shows_its_contents_before_and_after_one_begins(mine: Client, owner: User) -> None:
    course = make_lesson_course(lessons=2)
    address = reverse("courses:course", args=[course.key])
    before = mine.get(address).content.decode()
    assert "Lektion 1" in before
    assert lesson_url(course, 1) not in before
    begin(course, owner)
    assert lesson_url(course, 1) in mine.get(address).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_a_lesson_asks_the_database_as_often_in_a_long_course_as_in_a_short_one(
    number: int, mine: Client, owner: User, django_assert_num_queries: Any
) -> None:
    course = make_lesson_course(lessons=number)
    begin(course, owner)
    mine.get(lesson_url(course, 1))
    with django_assert_num_queries(LESSON_QUERIES):
        mine.get(lesson_url(course, 1))


LESSON_QUERIES = 12


def test_a_withdrawn_course_can_be_read_and_says_that_nothing_is_saved(mine: Client, owner: User) -> None:
    from courses.actions.courses import withdraw_edition
    from tests.factories.lessons import BUILDER

    course = make_lesson_course(lessons=2)
    begin(course, owner)
    withdraw_edition(edition=course.editions.get(), by=BUILDER)
    assert "nothing more is saved" in mine.get(lesson_url(course, 1)).content.decode()
    answer = mine.post(lesson_url(course, 1), {"do": "done"}, follow=True)
    assert "Nothing more can be saved here" in answer.content.decode()
    assert not LessonProgress.objects.exists()
    assert mine.post(lesson_url(course, 1), {"do": "save"}, headers={"X-Autosave": "1"}).status_code == 409


def test_f32_a_new_server_goes_on_where_the_old_one_was(mine: Client, owner: User) -> None:
    """Nothing of a running attempt is in the server's memory."""
    course = make_lesson_course(lessons=2)
    begin(course, owner)
    mine.post(lesson_url(course, 1), {"do": "done"})
    cache.clear()
    fresh = client_of(owner)
    assert fresh.get(reverse("courses:lessons", args=[course.key]))["Location"] == lesson_url(course, 2)


def test_f08_two_tabs_of_a_lesson_both_save_and_nothing_is_lost(mine: Client, owner: User) -> None:
    course = make_lesson_course(lessons=2)
    begin(course, owner)
    first, second = mine, client_of(owner)
    assert first.post(lesson_url(course, 1), {"do": "done"}).status_code == 302
    assert second.post(lesson_url(course, 1), {"do": "done"}).status_code == 302
    assert LessonProgress.objects.count() == 1


def test_an_exercise_is_shown_with_how_it_goes(mine: Client, owner: User) -> None:
    package = make_course(title="Öva på lyft")
    course = make_lesson_course(lessons=0, questions=[], is_published=False)
    add_lesson(page_of(course), "Lektion 1", [block("package", {"course": package.key, "text": "Gör den här."})])
    page_of(course).get_latest_revision().publish()
    course.refresh_from_db()
    begin(course, owner)
    page = mine.get(lesson_url(course, 1)).content.decode()
    assert "Öva på lyft" in page
    assert reverse("courses:course", args=[package.key]) in page


# --- Films ----------------------------------------------------------------------------------------------------------
def document(name: str, content: bytes) -> Any:
    found = get_document_model()(title=name)
    found.file.save(name, ContentFile(content), save=False)
    found.file_size = len(content)
    found.save()
    return found


def test_a_film_comes_in_the_parts_that_a_player_asks_for(mine: Client) -> None:
    film = document("film.webm", b"\x1a\x45\xdf\xa3" + bytes(range(96)))
    answer = mine.get(reverse("courses:film", args=[film.pk]), headers={"Range": "bytes=4-13"})
    assert (answer.status_code, answer["Content-Type"]) == (206, "video/webm")
    assert b"".join(answer.streaming_content) == bytes(range(10))  # type: ignore[attr-defined]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a10_nothing_but_films_and_captions_leaves_as_one(mine: Client, client: Client) -> None:
    page = document("sida.pdf", b"%PDF- <script>alert(1)</script>")
    assert mine.get(reverse("courses:film", args=[page.pk])).status_code == 404
    captions = document("text.vtt", b"WEBVTT\n\n<script>alert(1)</script>")
    answer = mine.get(reverse("courses:film", args=[captions.pk]))
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"WEBVTT" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert client.get(reverse("courses:film", args=[captions.pk])).status_code == 302
    assert mine.get(reverse("courses:film", args=[4711])).status_code == 404


# --- Trying out -----------------------------------------------------------------------------------------------------
def test_an_editor_tries_the_course_out_and_nothing_is_recorded() -> None:
    course = make_lesson_course(lessons=1)
    editor = client_of(make_editor())
    edition = course.editions.get()
    start = editor.post(reverse("courses:editor_start_preview", args=[course.key, edition.number]), follow=True)
    here = start.redirect_chain[-1][0]
    assert "/prova/" in here
    assert here.endswith("/lektion/lektion-1/")
    answer = editor.post(here, {"do": "done"})
    assert answer["Location"].endswith("/test/")
    assert "Starta testet" in editor.get(answer["Location"]).content.decode()
    assert Attempt.objects.get().is_preview


def test_a14_another_editors_try_and_a_learners_visit_find_nothing(mine: Client) -> None:
    course = make_lesson_course(lessons=1)
    first, second = make_editor(), make_editor()
    start = client_of(first).post(reverse("courses:editor_start_preview", args=[course.key, 1]), follow=True)
    here = start.redirect_chain[-1][0]
    assert client_of(second).get(here).status_code == 404
    assert mine.get(here).status_code == 403
    assert Client().get(here).status_code == 302
