"""Finding an occasion, its page, registering, and one's own."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from courses.actions.occasions import cancel_occasion
from courses.models import Occasion, Place
from lms.lib.clock import local_day
from lms.users.models import User
from tests.factories.competence import BUILDER, NATIONAL, World, make_person, make_prescriber
from tests.factories.courses import make_course, make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_place

pytestmark = pytest.mark.django_db


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner() -> User:
    return make_person(language="en")


@pytest.fixture
def mine(owner: User) -> Client:
    return logged_in(owner)


def page(occasion: Occasion, more: str = "") -> str:
    return f"/kurstillfallen/{occasion.public_id}/{more}"


def body_of(response: Any) -> bytes:
    """The body, but for the form's token and the identifier asked for, which differ each time."""
    return re.sub(rb"[A-Za-z0-9]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", response.content)


@pytest.mark.parametrize("number", [1, 3])
def test_the_public_list_asks_as_often_for_three_as_for_one(
    client: Client, number: int, django_assert_num_queries: Any
) -> None:
    course = make_occasion().course
    for _occasion in range(number - 1):
        make_occasion(course)
    client.get("/kurstillfallen/")
    with django_assert_num_queries(7):  # menu 2, courses, towns, count, occasions, sessions
        response = client.get("/kurstillfallen/")
    assert response.content.count(b"occasion-row panel") + response.content.count(b"panel occasion-row") == number


def test_the_list_is_open_to_all_and_a_cache_may_keep_it(client: Client) -> None:
    make_occasion(town="Uddevalla")
    response = client.get("/kurstillfallen/")
    assert response.status_code == 200
    assert "Uddevalla" in response.content.decode()
    assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
    assert not response.cookies


def test_an_empty_list_and_an_empty_filter_say_what_to_do(client: Client) -> None:
    assert "Inga kurstillfällen är utlysta just nu" in client.get("/kurstillfallen/").content.decode()
    make_occasion(town="Borås")
    found = client.get("/kurstillfallen/?town=Skara").content.decode()
    assert "Inget kurstillfälle passar det du söker" in found
    assert "Visa alla kurstillfällen" in found


@pytest.mark.parametrize("query", ["from=2027-13-01", "course=finns-inte", "from=2027-02-01&to=2027-01-01"])
def test_a43_a_filter_that_makes_no_sense_is_400_and_says_why(client: Client, query: str) -> None:
    make_occasion()
    response = client.get(f"/kurstillfallen/?{query}")
    assert response.status_code == 400
    assert "Rätta filtret" in response.content.decode()


def test_the_filter_of_the_address_is_kept_over_the_pages(client: Client) -> None:
    course = make_occasion().course
    for _occasion in range(21):
        make_occasion(course)
    found = client.get(f"/kurstillfallen/?course={course.key}").content.decode()
    assert f"?course={course.key}&amp;page=2" in found
    assert client.get(f"/kurstillfallen/?course={course.key}&page=2").content.count(b"occasion-row__body") == 2


def test_the_video_link_and_the_note_are_for_those_with_a_seat(mine: Client, owner: User) -> None:
    occasion = make_occasion(video_url="https://video.example.se/hemligt", note="Porten har kod 1234", seats=1)
    anybody = Client().get(page(occasion)).content.decode()
    assert "via video" in anybody
    for secret in ("hemligt", "1234"):
        assert secret not in anybody
        assert secret not in mine.get(page(occasion)).content.decode()
    place = make_place(occasion, owner)
    assert "video.example.se/hemligt" in mine.get(page(occasion)).content.decode()
    assert "video.example.se/hemligt" in mine.get(page(occasion, "kalender.ics")).content.decode()
    assert "video.example.se/hemligt" not in Client().get(page(occasion, "kalender.ics")).content.decode()
    waiting = logged_in(make_place(occasion).person)
    assert "hemligt" not in waiting.get(page(occasion)).content.decode()
    assert place.status == Place.Status.REGISTERED


def test_one_registers_by_post_and_waits_when_it_is_full(mine: Client, owner: User) -> None:
    occasion = make_occasion(seats=1)
    assert mine.get(page(occasion, "anmal/")).status_code == 405
    assert "You are registered" in mine.post(page(occasion, "anmal/"), follow=True).content.decode()
    other = logged_in(make_person(language="en"))
    answer = other.post(page(occasion, "anmal/"), follow=True).content.decode()
    assert "You are on the waiting list" in answer
    assert "Number 1 in the line" in answer
    assert Place.objects.get(person=owner).status == Place.Status.REGISTERED


def test_a45_registering_needs_a_token_and_a_log_in(owner: User) -> None:
    occasion = make_occasion()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(page(occasion, "anmal/")).status_code == 403
    assert Client().post(page(occasion, "anmal/")).status_code == 302
    assert not Place.objects.exists()


def test_cancelling_asks_first_and_is_done_by_post(mine: Client, owner: User) -> None:
    occasion = make_occasion()
    make_place(occasion, owner)
    assert "Cancel your place?" in mine.get(page(occasion, "avboka/")).content.decode()
    assert Place.objects.get().status == Place.Status.REGISTERED
    assert "Your place is cancelled" in mine.post(page(occasion, "avboka/"), follow=True).content.decode()
    assert Place.objects.get().status == Place.Status.CANCELLED
    assert logged_in(make_person()).get(page(occasion, "avboka/")).status_code == 302


def test_who_leaves_the_waiting_list_is_told_so_and_not_of_a_place(mine: Client, owner: User) -> None:
    occasion = make_occasion(seats=1)
    make_place(occasion)
    make_place(occasion, owner)
    answer = mine.post(page(occasion, "avboka/"), follow=True).content.decode()
    assert "You have left the waiting list." in answer
    assert "Your place is cancelled" not in answer


def test_what_keeps_one_from_registering_is_told(mine: Client, owner: User, world: World) -> None:
    needs = make_occasion(prerequisites=[NATIONAL])
    assert "Before this course you take: Förskrivning av hjälpmedel" in mine.get(page(needs)).content.decode()
    assert "Before this course" in mine.post(page(needs, "anmal/"), follow=True).content.decode()
    late = make_occasion(
        begins=timezone.now() + timedelta(days=1), register_by=local_day(timezone.now()) - timedelta(days=1)
    )
    assert "last day to register has passed" in mine.get(page(late)).content.decode()
    gone = make_occasion()
    cancel_occasion(occasion=gone, reason="<b>Sjukdom</b>", by=BUILDER)
    assert "&lt;b&gt;Sjukdom" in mine.get(page(gone)).content.decode()


def test_a14_what_is_not_for_one_is_like_what_is_not_there(mine: Client, world: World) -> None:
    course = make_occasion().course
    hidden = [make_occasion(course, is_announced=False), make_occasion(course, commissioned_by=world.clinic.key)]
    missing = mine.get(f"/kurstillfallen/{uuid4()}/")
    assert missing.status_code == 404
    for occasion in hidden:
        for client in (mine, Client()):
            for more in ("", "kalender.ics"):
                assert client.get(page(occasion, more)).status_code == 404
        assert body_of(mine.get(page(occasion))) == body_of(missing)
        assert mine.post(page(occasion, "anmal/")).status_code == 404
        assert logged_in(make_editor()).get(page(occasion)).status_code == 200
    assert logged_in(make_prescriber(world.clinic).person).get(page(hidden[1])).status_code == 200


def test_a05_titles_reasons_and_notes_are_text(mine: Client, owner: User) -> None:
    occasion = make_occasion(note="<script>alert(1)</script>", venue="<img src=x onerror=alert(1)>")
    make_place(occasion, owner)
    found = mine.get(page(occasion)).content.decode()
    assert "<script>alert" not in found
    assert "<img src=x" not in found
    assert "&lt;script&gt;" in found


@pytest.mark.parametrize("number", [1, 3])
def test_ones_own_occasions_ask_as_often_for_three_as_for_one(
    mine: Client, owner: User, number: int, django_assert_num_queries: Any
) -> None:
    for _occasion in range(number):
        make_place(make_occasion(), owner)
    mine.get("/kurstillfallen/mina/")
    with django_assert_num_queries(11):
        response = mine.get("/kurstillfallen/mina/")
    assert response.content.count(b"occasion-row__body") == number


def test_ones_own_occasions_are_ones_own(mine: Client, owner: User) -> None:
    make_place(make_occasion())
    assert "You have not registered" in mine.get("/kurstillfallen/mina/").content.decode()
    make_place(make_held_occasion(), owner)
    make_occasion(teacher=owner)
    found = mine.get("/kurstillfallen/mina/").content.decode()
    assert "Earlier" in found
    assert "You teach" in found
    assert Client().get("/kurstillfallen/mina/").status_code == 302


def test_my_courses_and_the_courses_page_show_the_occasions(mine: Client, owner: User) -> None:
    occasion = make_occasion()
    make_occasion(web_part=make_course())
    assert f"/kurstillfallen/{occasion.public_id}/" not in mine.get("/mina-kurser/").content.decode()
    assert f"/kurstillfallen/{occasion.public_id}/" in mine.get(f"/mina-kurser/{occasion.course.key}/").content.decode()
    make_place(occasion, owner)
    assert f"/kurstillfallen/{occasion.public_id}/" in mine.get("/mina-kurser/").content.decode()


def test_a26_a_teacher_with_protected_identity_is_named_to_those_with_a_seat_only(mine: Client, owner: User) -> None:
    teacher = make_person(first_name="Hemlig", last_name="Hemligsson", is_protected=True)
    occasion = make_occasion(teacher=teacher)
    for client in (Client(), mine):
        assert "Hemligsson" not in client.get(page(occasion)).content.decode()
    make_place(occasion, owner)
    assert "Hemligsson" in mine.get(page(occasion)).content.decode()
