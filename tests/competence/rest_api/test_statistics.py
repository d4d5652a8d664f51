"""Figures for other systems: equal to the page's, within the client's principals, without small groups."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from competence.imports.reported_figures import load_published_figures
from competence.models.course_reference import CourseReference
from competence.models.machine_client import Scope
from competence.statistics import Question, Step, completion_statistics
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import BUILDER, World, make_person
from tests.factories.machine_clients import ApiClient, make_api_client
from tests.factories.rows import complete_many

PATH = "statistics/completions"


@pytest.fixture
def reader(world: World) -> ApiClient:
    people = [make_person() for _ in range(14)]
    national = CourseReference.objects.get(key="national-hjalpmedel")
    regional = CourseReference.objects.get(key="regional-forskrivare")
    complete_many(people, national, "municipality", datetime(2026, 1, 31, 22, 30, tzinfo=UTC))
    complete_many(people[:9], national, "vgr", datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    complete_many(people[:2], national, "vgr", datetime(2026, 3, 5, 9, tzinfo=UTC))
    complete_many(people[:6], regional, "", datetime(2026, 3, 5, 9, tzinfo=UTC))
    return make_api_client(scopes=[Scope.STATISTICS_READ])


def test_the_figures_are_given_by_course_month_and_principal(reader: ApiClient) -> None:
    load_published_figures(by=BUILDER)
    answer = reader.get(PATH, {"from": "2026-01", "to": "2026-03-31", "by": "month"}).json()
    assert [
        (row["course"], row["first_day"], row["last_day"], row["principal"], row["count"], row["is_exact"])
        for row in answer["rows"]
    ] == [
        ("national-hjalpmedel", "2026-01-01", "2026-01-31", "municipality", 14, True),
        ("national-hjalpmedel", "2026-02-01", "2026-02-28", "vgr", 9, True),
        ("national-hjalpmedel", "2026-03-01", "2026-03-31", "vgr", None, False),
        ("regional-forskrivare", "2026-03-01", "2026-03-31", "unknown", 6, True),
    ]
    assert answer["total"] == {"count": 29, "is_exact": False}
    reported = [row for row in answer["reported"] if row["course"] == "national-hjalpmedel" and not row["first_day"]]
    assert [(row["principal"], row["count"]) for row in reported] == [
        ("total", 2123),
        ("municipality", 1202),
        ("vgr", 933),
    ]


@pytest.mark.parametrize("step", list(Step))
def test_p08_the_api_says_what_the_page_says(reader: ApiClient, step: Step) -> None:
    told = completion_statistics(Question(by=step), may_see_persons=False)
    expected = {
        (course, period.isoformat(), principal or "unknown"): figure.count or None
        for (course, period), (line, _total) in told.by_course_and_period().items()
        for principal, figure in line.items()
        if figure.count or not figure.is_exact
    }
    rows = reader.get(PATH, {"by": step.value}).json()["rows"]
    assert {(row["course"], row["first_day"], row["principal"]): row["count"] for row in rows} == expected


def test_the_figures_are_given_as_csv_too(reader: ApiClient) -> None:
    response = reader.get(PATH, {"course": "national-hjalpmedel", "by": "year"}, Accept="text/csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache"
    assert response.content.decode("utf-8-sig").splitlines()[-1] == '"Totalt";"";14;"minst 9";0;"minst 23"'


def test_a40_a_client_reads_no_figures_of_a_principal_not_its_own(world: World, reader: ApiClient) -> None:
    load_published_figures(by=BUILDER)
    bound = make_api_client(scopes=[Scope.STATISTICS_READ], principal_kinds=["vgr"], client_id="bound")
    answer = bound.get(PATH).json()
    assert {row["principal"] for row in answer["rows"]} == {"vgr"}
    assert answer["total"]["count"] == 9
    assert {row["principal"] for row in answer["reported"]} == {"vgr"}
    assert problem(bound.get(PATH, {"principal": "municipality"}), 403) == "forbidden"
    assert problem(bound.get(PATH, {"principal": "unknown"}), 403) == "forbidden"


def test_a40_the_scope_is_needed(world: World, api: ApiClient) -> None:
    assert problem(api.get(PATH), 403) == "insufficient_scope"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"course": "finns-inte"}, "invalid_parameter"),
        ({"principal": "region"}, "invalid_parameter"),
        ({"by": "week"}, "invalid_parameter"),
        ({"from": "2026-01-02"}, "invalid_parameter"),
        ({"to": "2026-01-30"}, "invalid_parameter"),
        ({"from": "1999-12"}, "invalid_parameter"),
        ({"from": "2026-1"}, "invalid_parameter"),
        ({"from": "9999-12-31"}, "invalid_parameter"),
        ({"to": "9999-12-31"}, "invalid_parameter"),
        ({"from": "2026-02", "to": "2026-01"}, "invalid_parameter"),
        ({"order_by": "count"}, "unknown_parameter"),
        ({"from_": "2026-01"}, "unknown_parameter"),
        ({"unit": "vgr"}, "unknown_parameter"),
    ],
)
def test_a43_what_cannot_be_asked_for_is_refused(reader: ApiClient, query: dict[str, str], code: str) -> None:
    assert problem(reader.get(PATH, query), 400) == code


@pytest.mark.parametrize("months", [1, 3])
def test_the_number_of_queries_is_fixed(
    world: World, months: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_api_client(scopes=[Scope.STATISTICS_READ])
    course = CourseReference.objects.get(key="national-hjalpmedel")
    for month in range(1, months + 1):
        complete_many([make_person()], course, "vgr", datetime(2026, month, 5, 9, tzinfo=UTC))
    client.get(PATH)
    # Token and client, two of figures, one of the people of small groups, one of reported figures.
    with django_assert_num_queries(6):
        client.get(PATH)
