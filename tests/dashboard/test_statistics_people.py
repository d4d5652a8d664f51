"""The persons behind a figure: for those who may, noted as looked up, and none with protected identity."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from competence.actions.wrong_completions import withdraw_completion
from competence.models.course_reference import CourseReference
from lms.audit.models import AuditEvent
from lms.users.models import User
from tests.factories.competence import BUILDER, World, make_person, make_world
from tests.factories.rows import complete_many

pytestmark = pytest.mark.django_db
PATH = "/statistik/personer/"
AT = datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return make_world()


def reader(*permissions: str) -> tuple[Client, User]:
    person, client = make_person(), Client()
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(person)
    return client, person


def course() -> CourseReference:
    return CourseReference.objects.get(key="national-hjalpmedel")


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a19_only_who_may_see_persons_sees_them(world: World, client: Client) -> None:
    statistician, _person = reader("view_statistics")
    assert statistician.get(PATH).status_code == 403
    assert client.get(PATH).status_code == 302
    client.force_login(world.manager)
    assert client.get(PATH).status_code == 403
    assert "statistik/personer" not in text(statistician.get("/statistik/?period=all"))


def test_the_persons_are_those_that_the_figure_counts_and_are_noted(world: World) -> None:
    coordinator, person = reader("view_statistics", "view_person_statistics")
    counted, other, wrong = make_person(), make_person(), make_person()
    complete_many([counted], course(), "vgr", AT, world.clinic)
    complete_many([other], course(), "vgr", datetime(2026, 4, 3, 9, tzinfo=UTC), world.clinic)
    (completion,) = complete_many([wrong], course(), "vgr", AT, world.clinic)
    withdraw_completion(completion=completion, reason="fel person", by=BUILDER)
    page = text(coordinator.get("/statistik/?period=all"))
    link = f"{PATH}?course=national-hjalpmedel&amp;principal=vgr&amp;period=own&amp;from=2026-03&amp;to=2026-03"
    assert link in page
    shown = text(coordinator.get(link.replace("&amp;", "&")))
    assert counted.full_name in shown
    assert "Testkliniken" in shown
    assert other.full_name not in shown
    assert wrong.full_name not in shown
    seen = AuditEvent.objects.filter(action="view_completions", kind="look_up")
    assert list(seen.values_list("actor_id", "person_id", "purpose")) == [(person.pk, counted.pk, "statistics")]


def test_a26_a_person_with_protected_identity_is_not_named(world: World) -> None:
    coordinator, _person = reader("view_statistics", "view_person_statistics")
    hidden = make_person(first_name="Hemlig", last_name="Hemligsson", is_protected=True)
    complete_many([hidden], course(), "vgr", AT, world.clinic)
    shown = text(coordinator.get(f"{PATH}?period=all"))
    assert "Skyddad identitet" in shown
    assert "Hemlig" not in shown
    assert "Testkliniken" not in shown
    assert not AuditEvent.objects.filter(action="view_completions").exists()


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    people: int, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    coordinator, _person = reader("view_statistics", "view_person_statistics")
    complete_many([make_person() for _ in range(people)], course(), "vgr", AT, world.clinic)
    coordinator.get(PATH)
    with django_assert_num_queries(12):
        assert coordinator.get(f"{PATH}?period=all").status_code == 200


def test_a_long_list_has_pages(world: World) -> None:
    coordinator, _person = reader("view_statistics", "view_person_statistics")
    complete_many([make_person() for _ in range(60)], course(), "vgr", AT, world.clinic)
    first, second = (text(coordinator.get(f"{PATH}?period=all&page={number}")) for number in (1, 2))
    assert first.count('<th scope="row">') == 50
    assert second.count('<th scope="row">') == 10
    assert "60 genomföranden" in first
    assert "period=all&amp;page=2" in first
