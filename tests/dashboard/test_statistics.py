"""The statistics page and its files: who may see what, and that they tell the same."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from competence.imports.reported_figures import load_published_figures
from competence.models.course_reference import CourseReference
from lms.lib.actors import Machine
from lms.users.models import User
from tests.factories.competence import World, make_person, make_world
from tests.factories.rows import complete_many

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_a_known_time() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def make_reader(*permissions: str) -> User:
    person = make_person()
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return person


@pytest.fixture
def coordinator() -> Client:
    client = Client()
    client.force_login(make_reader("view_statistics", "view_person_statistics"))
    return client


@pytest.fixture
def statistician() -> Client:
    client = Client()
    client.force_login(make_reader("view_statistics"))
    return client


def make_figures(world: World) -> None:
    people = [make_person() for _ in range(12)]
    course = CourseReference.objects.get(key="national-hjalpmedel")
    complete_many(people, course, "municipality", datetime(2026, 9, 3, 9, tzinfo=UTC), world.home_care)
    complete_many(people[:1], course, "vgr", datetime(2026, 10, 3, 9, tzinfo=UTC), world.clinic)


def text(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ")


@pytest.mark.parametrize("path", ["/statistik/", "/statistik/csv/", "/statistik/xlsx/"])
def test_only_those_who_may_see_statistics_see_them(
    path: str, world: World, coordinator: Client, statistician: Client, client: Client
) -> None:
    assert coordinator.get(path).status_code == 200
    assert statistician.get(path).status_code == 200
    assert client.get(path).status_code == 302
    client.force_login(world.manager)
    assert client.get(path).status_code == 403


def test_the_last_twelve_months_are_shown_unless_something_else_is_asked_for(world: World, coordinator: Client) -> None:
    course = CourseReference.objects.get(key="national-hjalpmedel")
    complete_many([make_person()], course, "vgr", datetime(2025, 11, 30, 12, tzinfo=UTC))
    assert "Inga genomföranden" in text(coordinator.get("/statistik/"))
    make_figures(world)
    page = text(coordinator.get("/statistik/"))
    assert "december 2025 – november 2026" in page
    assert '<strong class="card__figure">13</strong>' in page
    assert '<strong class="card__figure">14</strong>' in text(coordinator.get("/statistik/?period=all"))


@pytest.mark.parametrize(
    ("query", "period"),
    [
        ("period=this-tertial", "september 2026 – december 2026"),
        ("period=last-tertial", "maj 2026 – augusti 2026"),
        ("period=this-year", "januari 2026 – december 2026"),
        ("period=last-year", "januari 2025 – december 2025"),
        ("period=own&from=2026-10", "från och med oktober 2026"),
        ("period=own&to=2026-10", "till och med oktober 2026"),
        ("from=2026-09&to=2026-10", "september 2026 – oktober 2026"),
        ("period=all", "hela tiden"),
    ],
)
def test_a_time_can_be_chosen(query: str, period: str, world: World, coordinator: Client) -> None:
    answer = coordinator.get(f"/statistik/csv/?{query}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert ["Period", period] in rows


@pytest.mark.parametrize("path", ["/statistik/", "/statistik/csv/"])
@pytest.mark.parametrize(
    "query",
    [
        "course=finns-inte",
        "principal=region",
        "by=week",
        "from=2026-13",
        "from=1999-12",
        "from=2026-10&to=2026-09",
        "period=own&from=9999999-01",
    ],
)
def test_a43_what_cannot_be_asked_for_is_refused(path: str, query: str, world: World, coordinator: Client) -> None:
    answer = coordinator.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert "field__error" in text(answer)


def test_page_csv_and_xlsx_tell_the_same(world: World, coordinator: Client) -> None:
    make_figures(world)
    page = text(coordinator.get("/statistik/?by=tertial&period=all"))
    table = coordinator.get("/statistik/csv/?by=tertial&period=all")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))[-3:]
    assert rows == [
        ["Kurs", "Period", "Kommun", "VGR", "Privat vårdgivare", "Totalt"],
        ["Förskrivning av hjälpmedel", "tertial 3 2026", "12", "1", "0", "13"],
        ["Totalt", "", "12", "1", "0", "13"],
    ]
    assert "tertial 3 2026" in page
    book = coordinator.get("/statistik/xlsx/?by=tertial&period=all")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [[str(c) if isinstance(c, str) else str(int(c)) for c in row] for row in sheet[-3:]] == rows  # type: ignore[arg-type]
    assert book["Content-Disposition"].endswith("Genomf%C3%B6rda%20kurser%20till%202026-11-20.xlsx")
    assert book["Cache-Control"] == "private, no-store"


def test_a19_small_groups_are_hidden_in_page_and_files(world: World, statistician: Client) -> None:
    make_figures(world)
    page = text(statistician.get("/statistik/"))
    assert "&lt;5" in page
    assert "minst 12" in page
    rows = statistician.get("/statistik/csv/").content.decode("utf-8-sig").splitlines()
    assert rows[-2:] == [
        '"Förskrivning av hjälpmedel";"oktober 2026";0;"<5";0;"<5"',
        '"Totalt";"";12;"<5";0;"minst 12"',
    ]


def test_a19_a_part_of_the_organisation_cannot_be_asked_for_without_the_right_to_see_persons(
    world: World, statistician: Client, coordinator: Client
) -> None:
    make_figures(world)
    # The field does not exist for a statistician, so it changes nothing.
    assert (
        statistician.get("/statistik/csv/?unit=vgr").content.splitlines()[-1]
        == statistician.get("/statistik/csv/").content.splitlines()[-1]
    )
    assert coordinator.get("/statistik/csv/?unit=vgr").content.decode().splitlines()[-1] == '"Totalt";"";0;1;0;1'
    assert "Skövde" in text(coordinator.get("/statistik/?unit=skovde"))
    assert coordinator.get("/statistik/csv/?unit=testkliniken").status_code == 400


def test_reported_figures_stand_apart_with_their_source_and_difference(world: World, statistician: Client) -> None:
    load_published_figures(by=Machine("test"))
    page = text(statistician.get("/statistik/"))
    assert "2 135" in page
    assert "2 123" in page
    assert "skillnad +12" in page
    assert "Organisationens eget underlag, december 2023" in page
    assert page.count("skillnad") == 1
    other = text(statistician.get("/statistik/?course=regional-lmn"))
    assert "2 123" not in other
    assert "210" in other


def test_a41_a_course_whose_title_is_a_formula_is_text_in_the_files(world: World, coordinator: Client) -> None:
    course = CourseReference.objects.create(key="elak", title='=HYPERLINK("http://x")', level="local")
    complete_many([make_person()], course, "vgr", datetime(2026, 10, 3, 9, tzinfo=UTC))
    rows = coordinator.get("/statistik/csv/").content.decode("utf-8-sig")
    assert "\"'=HYPERLINK(" in rows
    assert ';"=' not in rows
    page = text(coordinator.get("/statistik/?split=course"))
    assert 'HYPERLINK("http' not in page  # escaped in the table, and in the chart's JSON


def test_an_unknown_file_format_does_not_exist(coordinator: Client) -> None:
    assert coordinator.get("/statistik/pdf/").status_code == 404


@pytest.mark.parametrize("courses", [1, 3])
def test_the_page_takes_the_same_number_of_queries_whatever_it_shows(
    courses: int, world: World, coordinator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for course in CourseReference.objects.all()[:courses]:
        complete_many([make_person()], course, "vgr", datetime(2026, 10, 3, 9, tzinfo=UTC))
    load_published_figures(by=Machine("test"))
    coordinator.get("/statistik/")
    # The person, two for permissions, courses and units of the filter, and two for the figures.
    with django_assert_num_queries(7):
        coordinator.get("/statistik/csv/")
    # The page: what others reported, and what its frame asks for.
    with django_assert_num_queries(11):
        coordinator.get("/statistik/")
