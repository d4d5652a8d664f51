"""The tabs of a course's pages for those who keep it, and who sees what on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from courses.models import Course, Enrolment
from courses.queries.funnel import funnel_of
from courses.queries.learners import participants_of
from lms.audit.models import AuditEvent
from lms.users.models import User
from tests.courses.packages import HEAD_12, two_part_package
from tests.factories.competence import make_person
from tests.factories.courses import make_administrator, make_attempt, make_course, make_editor, sit_down, write

pytestmark = pytest.mark.django_db
FINISHED = {"cmi.core.lesson_status": "completed"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def coordinator() -> Client:
    person = make_person()
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return client_of(person)


def page(client: Client, path: str) -> str:
    response = client.get(f"/kursredaktion/{path}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_tabs_of_a_course_lead_to_each_other_and_say_which_is_open(coordinator: Client) -> None:
    course = make_course()
    for end, name in (("", "Content"), ("deltagare/", "Participants"), ("resultat/", "Results")):
        html = page(coordinator, f"{course.key}/{end}")
        assert f'aria-current="page">{name}</a>' in html
        for other in ("", "deltagare/", "resultat/", "installningar/"):
            assert f'href="/kursredaktion/{course.key}/{other}"' in html


def test_a23_an_editor_is_shown_no_participants(coordinator: Client) -> None:
    course = make_course()
    attempt = make_attempt(course)
    editor = client_of(make_editor())

    assert editor.get(f"/kursredaktion/{course.key}/deltagare/").status_code == 403
    assert "/deltagare/" not in page(editor, f"{course.key}/")
    for end in ("", "resultat/", "installningar/"):
        assert attempt.person.full_name not in page(editor, f"{course.key}/{end}")
    assert attempt.person.full_name in page(coordinator, f"{course.key}/deltagare/")


def test_a_course_that_is_not_there_has_no_tabs() -> None:
    administrator = client_of(make_administrator())
    for end in ("", "deltagare/", "resultat/", "installningar/"):
        assert administrator.get(f"/kursredaktion/finns-inte/{end}").status_code == 404


def test_a_tab_without_anything_for_this_kind_of_course_is_not_there(coordinator: Client) -> None:
    Course.objects.create(key="plats", title="På plats", minutes=240, kind=Course.Kind.OCCASION)
    assert "<h2" in page(coordinator, "plats/installningar/")
    assert "/kursredaktion/plats/installningar/eget-resultat/" not in page(coordinator, "plats/installningar/")


def test_a_course_of_lessons_has_participants_too(coordinator: Client) -> None:
    course = Course.objects.create(key="lektioner", title="Lektioner", minutes=45, kind=Course.Kind.LESSONS)
    person = make_person()
    Enrolment.objects.create(person=person, course=course)
    html = page(coordinator, "lektioner/deltagare/")
    assert person.full_name in html
    assert "Last saved" not in html
    assert not participants_of(course, state="stuck").exists()


def test_looking_at_participants_is_noted(coordinator: Client) -> None:
    attempt = make_attempt(make_course())
    page(coordinator, f"{attempt.edition.course.key}/deltagare/")
    noted = AuditEvent.objects.get(kind=AuditEvent.Kind.LOOK_UP, action="list_participants")
    assert (noted.person, noted.subject) == (attempt.person, f"course:{attempt.edition.course.key}")


def test_a26_a_protected_identity_is_neither_named_nor_found_nor_noted_as_seen(coordinator: Client) -> None:
    person = make_person(first_name="Skyddad", last_name="Testsson", is_protected=True)
    course = make_course()
    make_attempt(course, person)

    html = page(coordinator, f"{course.key}/deltagare/")
    assert "Protected identity" in html
    assert "Skyddad" not in html
    assert "Protected identity" not in page(coordinator, f"{course.key}/deltagare/?search=Skyddad")
    assert not AuditEvent.objects.filter(action="list_participants").exists()


def test_participants_are_found_by_name_and_state(coordinator: Client) -> None:
    course = make_course()
    begun, done = make_person(last_name="Börjarsson"), make_person(last_name="Klarsson")
    make_attempt(course, begun)
    write(sit_down(make_attempt(course, done)), FINISHED, trigger="terminate")

    assert [row.person for row in participants_of(course, state="finished")] == [done]
    assert [row.person for row in participants_of(course, state="started")] == [begun]
    assert [row.person for row in participants_of(course, search="BÖRJ")] == [begun]
    assert "Nobody fits" in page(coordinator, f"{course.key}/deltagare/?state=new")


@pytest.mark.parametrize("number", [1, 3])
def test_the_participants_are_read_in_two_queries(number: int, django_assert_num_queries: Any) -> None:
    course = make_course()
    for _number in range(number):
        make_attempt(course)
    with django_assert_num_queries(2):
        assert [len(vars(row)["runs"]) for row in participants_of(course)] == [1] * number


@pytest.mark.parametrize("number", [1, 3])
def test_the_funnel_counts_people_step_by_step_in_few_queries(number: int, django_assert_num_queries: Any) -> None:
    course = make_course(two_part_package(HEAD_12), is_trusted=True)
    for _number in range(number):
        make_attempt(course)  # begun, never opened
        sitting = sit_down(make_attempt(course), "del-1")
        write(sitting, FINISHED, trigger="terminate")
    done = make_attempt(course)
    for item in ("del-1", "del-2"):
        write(sit_down(done, item), FINISHED, trigger="terminate")

    funnel_of(course)  # the manifest is read once in a process
    with django_assert_num_queries(5):
        funnel = funnel_of(course)
    everybody = 2 * number + 1
    assert [step.people for step in funnel.steps] == [everybody, everybody, number + 1, 1, 1]
    assert [step.lost for step in funnel.steps] == [0, 0, number, number, 0]
    assert [(part.opened, part.finished) for part in funnel.parts] == [(number + 1, number + 1), (1, 1)]
    assert funnel.seconds is not None
    assert funnel.seconds < 60


def test_the_funnel_of_a_course_that_nobody_has_begun_says_so(coordinator: Client) -> None:
    course = make_course()
    assert funnel_of(course).is_empty
    assert "Nobody has begun the course yet" in page(coordinator, f"{course.key}/resultat/")


def test_an_editors_own_try_counts_nowhere() -> None:
    course = make_course()
    editor = make_editor()
    client_of(editor).post(f"/kursredaktion/{course.key}/utgava/1/prova/")
    assert funnel_of(course).is_empty
    assert not participants_of(course).exists()
