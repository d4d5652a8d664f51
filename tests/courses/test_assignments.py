"""Enrolling many at once: whom it reaches, what they are told, and what an editor may know of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from competence import api as competence
from competence.actions.appointments import revoke_appointment
from competence.actions.completions import record_completion
from courses.actions.assignments import assign_course, reach
from courses.messages import send_waiting
from courses.models import Course, CourseAssignment, Enrolment, Message
from lms.audit.models import AuditEvent
from lms.lib.actors import Machine
from lms.lib.errors import Refusal
from tests.factories.competence import MOBILITY, ORDERER, World, make_person, make_prescriber, make_world
from tests.factories.courses import make_course, make_editor

pytestmark = pytest.mark.django_db
BY = Machine("test:builder")
DUE = timezone.localdate() + timedelta(days=30)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def course() -> Course:
    return make_course(title="Lyftar", key="lyftar")


def with_mail(made: Any, name: str) -> Any:
    made.person.email = f"{name}@example.se"
    made.person.save()
    return made


def complete(person: Any, course: Course) -> None:
    record_completion(
        person=person, course_key=course.key, completed_at=timezone.now(), source="t", source_id="1", by=BY
    )


def test_people_are_found_by_unit_and_below_and_by_role(world: World) -> None:
    at_clinic = make_prescriber(world.clinic).person
    at_home_care = make_prescriber(world.home_care, role=ORDERER).person
    gone = make_prescriber(world.clinic, ends_on=date(2024, 1, 1)).person
    inactive = make_prescriber(world.clinic).person
    inactive.is_active = False
    inactive.save()
    revoked = make_prescriber(world.clinic)
    assert revoked.appointment is not None
    revoke_appointment(appointment=revoked.appointment, reason="Provas", by=BY)
    working = competence.people_working
    assert {at_clinic.pk, revoked.person.pk} <= working(unit_key="vgr")
    assert not {gone.pk, inactive.pk, at_home_care.pk} & working(unit_key="vgr")
    assert working(role_key=MOBILITY) == {at_clinic.pk}
    assert working(unit_key="skovde", role_key=ORDERER) == {at_home_care.pk}
    assert working(unit_key="finns-inte") == set()


def test_each_gets_a_place_a_day_and_one_e_mail(world: World, course: Course) -> None:
    anna, bo = with_mail(make_prescriber(world.clinic), "anna"), with_mail(make_prescriber(world.clinic), "bo")
    people = [anna.person.pk, bo.person.pk]
    assert assign_course(course=course, people=people, due_on=DUE, by=BY) == (2, 2)
    assert assign_course(course=course, people=people, due_on=DUE, by=BY) == (0, 2)
    complete(bo.person, course)
    send_waiting()
    send_waiting()
    [message] = mail.outbox
    assert message.to == ["anna@example.se"]
    assert "Lyftar" in message.subject
    assert str(DUE.year) in message.body
    assert Enrolment.objects.filter(course=course).count() == CourseAssignment.objects.count() == 2
    assert AuditEvent.objects.filter(action="assign_course", person=anna.person).count() == 2


def test_another_day_is_told_and_the_earlier_one_no_more(world: World, course: Course) -> None:
    made = with_mail(make_prescriber(world.clinic), "anna")
    assign_course(course=course, people=[made.person.pk], due_on=DUE, by=BY)
    assign_course(course=course, people=[made.person.pk], due_on=DUE + timedelta(days=7), by=BY)
    send_waiting()
    assert len(mail.outbox) == 1
    assert CourseAssignment.objects.get().due_on == DUE + timedelta(days=7)


def test_who_has_finished_is_left_alone(world: World, course: Course) -> None:
    made, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    complete(made.person, course)
    reached = reach(course, unit_key="testkliniken", role_key=MOBILITY)
    assert reached.people == {made.person.pk, other.person.pk}
    assert reached.to_enrol == {other.person.pk}


def test_a_day_that_has_passed_and_a_hidden_course_are_refused(world: World, course: Course) -> None:
    person = make_person()
    with pytest.raises(Refusal):
        assign_course(course=course, people=[person.pk], due_on=date(2020, 1, 1), by=BY)
    hidden = make_course(is_published=False)
    with pytest.raises(Refusal):
        assign_course(course=hidden, people=[person.pk], due_on=DUE, by=BY)
    with pytest.raises(PermissionDenied):
        assign_course(course=course, people=[person.pk], due_on=DUE, by=world.manager)
    assert not Enrolment.objects.exists()
    assert not Message.objects.exists()


def test_it_is_counted_first_and_done_when_the_same_is_confirmed(world: World, course: Course, client: Client) -> None:
    for _number in range(6):
        make_prescriber(world.clinic)
    client.force_login(make_editor())
    address = reverse("courses:assign", args=[course.key])
    fields = {"unit": "testkliniken", "role": MOBILITY, "due_on": DUE.isoformat()}
    counted = client.post(address, fields)
    text = counted.content.decode()
    assert "6 personer ska ta kursen" in text
    assert not Enrolment.objects.exists()
    fingerprint = counted.context["fingerprint"]
    changed = client.post(address, {**fields, "role": "", "confirmed": fingerprint})
    assert "personer ska ta kursen" in changed.content.decode()
    assert not Enrolment.objects.exists()
    done = client.post(address, {**fields, "confirmed": fingerprint}, follow=True)
    assert "6 personer ska ta kursen" in done.content.decode()
    assert Enrolment.objects.count() == 6


def test_a19_of_few_people_an_editor_is_told_no_figures(world: World, course: Course, client: Client) -> None:
    made = make_prescriber(world.clinic)
    complete(made.person, course)
    make_prescriber(world.clinic)
    client.force_login(make_editor())
    text = client.post(
        reverse("courses:assign", args=[course.key]), {"unit": "testkliniken", "role": MOBILITY}
    ).content.decode()
    assert "Färre än fem" in text
    assert "redan är klara. " not in text
    assert made.person.full_name not in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Välj en enhet, en roll eller båda"),
        ({"unit": "vgr", "due_on": "2020-01-01"}, "Dagen har passerat"),
        ({"unit": "finns-inte"}, "finns-inte"),
    ],
)
def test_a_choice_that_makes_no_sense_is_said(
    world: World, course: Course, client: Client, fields: dict[str, str], words: str
) -> None:
    client.force_login(make_editor())
    answer = client.post(reverse("courses:assign", args=[course.key]), fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_only_editors_enrol_others(world: World, course: Course, client: Client) -> None:
    address = reverse("courses:assign", args=[course.key])
    assert client.get(address).status_code == 302
    for person in (world.manager, world.outsider, make_person()):
        client.force_login(person)
        assert client.get(address).status_code == 403
        assert client.post(address, {"unit": "vgr"}).status_code == 403


def test_the_day_stands_in_my_courses(world: World, course: Course, client: Client) -> None:
    person = make_person()
    assign_course(course=course, people=[person.pk], due_on=DUE, by=BY)
    client.force_login(person)
    assert "ska vara klar senast" in client.get(reverse("courses:my_courses")).content.decode()
