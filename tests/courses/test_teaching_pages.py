"""The participants' list, its files, and the page of attendance."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from competence.models.completion import Completion
from courses.models import Attendance, Occasion, Place
from lms.audit.models import AuditEvent
from lms.users.models import User
from tests.courses.test_occasion_pages import logged_in, page
from tests.factories.competence import World, make_hsa_id, make_person, make_prescriber
from tests.factories.courses import make_course, make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher() -> User:
    return make_person(language="en")


@pytest.fixture
def desk(teacher: User) -> Client:
    return logged_in(teacher)


def field(place: Place, number: int = 0) -> str:
    return f"m-{place.public_id.hex}-{place.occasion.sessions.all()[number].public_id.hex}"


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("deltagare/", 17), ("narvaro/", 17), ("deltagare/csv/", 14)])
def test_the_list_asks_as_often_for_three_as_for_one(
    desk: Client, teacher: User, number: int, path: str, queries: int, django_assert_num_queries: Any
) -> None:
    occasion = make_held_occasion(people=number, teacher=teacher, web_part=make_course())
    desk.get(page(occasion, path))
    with django_assert_num_queries(queries):
        assert desk.get(page(occasion, path)).status_code == 200


@pytest.mark.parametrize("path", ["deltagare/", "deltagare/csv/", "deltagare/xlsx/", "narvaro/"])
def test_a14_the_participants_are_for_the_teacher_and_editors(teacher: User, path: str) -> None:
    occasion = make_held_occasion(people=1, teacher=teacher)
    make_held_occasion(teacher=(colleague := make_person()))
    participant = occasion.places.get().person
    for outsider in (colleague, participant, make_person()):
        assert logged_in(outsider).get(page(occasion, path)).status_code == 404
    assert Client().get(page(occasion, path)).status_code == 302
    for one in (teacher, make_editor()):
        assert logged_in(one).get(page(occasion, path)).status_code == 200


def test_who_looks_at_whom_is_noted(desk: Client, teacher: User) -> None:
    occasion = make_held_occasion(people=2, teacher=teacher)
    desk.get(page(occasion, "deltagare/"))
    seen = AuditEvent.objects.filter(kind=AuditEvent.Kind.LOOK_UP, action="see_participants", actor=teacher)
    assert {event.person_id for event in seen} == {place.person_id for place in occasion.places.all()}


def test_the_list_tells_who_where_from_and_who_waits(desk: Client, teacher: User, world: World) -> None:
    occasion = make_occasion(teacher=teacher, seats=1)
    make_place(occasion, make_prescriber(world.clinic).person)
    waiting = make_place(occasion).person
    found = desk.get(page(occasion, "deltagare/")).content.decode()
    assert "Testkliniken" in found
    assert found.index("The waiting list") < found.index(waiting.full_name)
    assert "Register somebody" not in found


def test_a26_a_protected_name_is_for_the_teacher_alone(desk: Client, teacher: User) -> None:
    person = make_person(first_name="Hemlig", last_name="Hemligsson", is_protected=True, email="hemlig@example.se")
    occasion = make_held_occasion(teacher=teacher)
    make_place(occasion, person)
    office = logged_in(make_editor())
    for path in ("deltagare/", "narvaro/", "deltagare/csv/"):
        assert "Hemlig Hemligsson" in desk.get(page(occasion, path)).content.decode()
        found = office.get(page(occasion, path)).content.decode()
        assert "Hemligsson" not in found
        assert "hemlig@" not in found


def test_a41_names_are_text_in_the_files(desk: Client, teacher: User) -> None:
    occasion = make_held_occasion(teacher=teacher)
    make_place(occasion, make_person(first_name="=HYPERLINK(1)", last_name="+x"))
    lines = desk.get(page(occasion, "deltagare/csv/")).content.decode("utf-8-sig").splitlines()
    assert any(line.startswith('"\'=HYPERLINK(1) +x"') for line in lines)
    book = CalamineWorkbook.from_filelike(io.BytesIO(desk.get(page(occasion, "deltagare/xlsx/")).content))
    assert "=HYPERLINK(1) +x" in [row[0] for row in book.get_sheet_by_index(0).to_python()]
    assert desk.get(page(occasion, "deltagare/exe/")).status_code == 404


def test_the_teacher_notes_who_was_there_and_the_course_is_recorded(desk: Client, teacher: User) -> None:
    occasion = make_held_occasion(people=3, teacher=teacher)
    first, second, third = occasion.places.order_by("turn")
    answer = desk.post(
        page(occasion, "narvaro/"), {field(first): "yes", field(second): "no", field(third): ""}, follow=True
    )
    assert "1 person has completed the course" in answer.content.decode()
    assert Completion.objects.get().person == first.person
    assert Place.objects.get(pk=third.pk).status == Place.Status.REGISTERED


def test_all_the_rest_are_noted_with_one_button(desk: Client, teacher: User) -> None:
    occasion = make_held_occasion(people=3, teacher=teacher)
    first, second, third = occasion.places.order_by("turn")
    session = occasion.sessions.get()
    data = {field(first): "no", field(second): "", field(third): "", "rest": session.public_id.hex}
    desk.post(page(occasion, "narvaro/"), data)
    assert dict(Attendance.objects.values_list("place", "was_there")) == {
        first.pk: False,
        second.pk: True,
        third.pk: True,
    }


def test_a_mark_that_cannot_be_kept_loses_nothing_of_the_form(desk: Client, teacher: User) -> None:
    occasion = make_held_occasion(people=2, teacher=teacher)
    first, second = occasion.places.order_by("turn")
    desk.post(page(occasion, "narvaro/"), {field(first): "yes"})
    answer = desk.post(page(occasion, "narvaro/"), {field(first): "no", field(second): "no"})
    assert answer.status_code == 422
    assert "already been recorded" in answer.content.decode()
    assert '<option value="no" selected>' in answer.content.decode()
    assert not Attendance.objects.filter(place=second).exists()


def test_marks_of_another_occasion_and_nonsense_do_nothing(desk: Client, teacher: User) -> None:
    occasion, other = make_held_occasion(people=1, teacher=teacher), make_held_occasion(people=1)
    foreign = other.places.get()
    assert desk.post(page(occasion, "narvaro/"), {field(foreign): "yes"}).status_code == 422
    assert desk.post(page(occasion, "narvaro/"), {"m-x-y": "yes", "m-1": "no", "x": "yes"}).status_code == 302
    assert not Attendance.objects.exists()


def test_the_organiser_registers_somebody_and_takes_somebody_away() -> None:
    office, occasion = logged_in(editor := make_editor()), make_occasion(seats=1)
    editor.language = "en"
    editor.save()
    person = make_person()
    hsa_id = make_hsa_id(person)
    office.post(page(occasion, "deltagare/ny/"), {"person": hsa_id.value.lower()})
    place = Place.objects.get()
    assert (place.person, place.status) == (person, Place.Status.REGISTERED)
    unknown = office.post(page(occasion, "deltagare/ny/"), {"person": "nobody<b>"})
    assert unknown.status_code == 422
    assert "There is nobody with the user name or HSA-ID “nobody&lt;b&gt;”" in unknown.content.decode()
    waiting = make_place(occasion)
    away = page(occasion, f"deltagare/{place.public_id}/ta-bort/")
    assert person.full_name in office.get(away).content.decode()
    office.post(away)
    assert Place.objects.get(pk=waiting.pk).status == Place.Status.REGISTERED


def test_the_teacher_does_not_register_or_take_away(desk: Client, teacher: User) -> None:
    occasion = make_occasion(teacher=teacher)
    place = make_place(occasion)
    assert desk.post(page(occasion, "deltagare/ny/"), {"person": "x"}).status_code == 403
    assert desk.post(page(occasion, f"deltagare/{place.public_id}/ta-bort/")).status_code == 403


def test_a15_a_place_of_another_occasion_is_not_found(desk: Client) -> None:
    office, occasion, other = logged_in(make_editor()), make_occasion(), make_occasion()
    place = make_place(other)
    assert office.post(page(occasion, f"deltagare/{place.public_id}/ta-bort/")).status_code == 404
    assert Place.objects.get().status == Place.Status.REGISTERED
    assert isinstance(occasion, Occasion)
