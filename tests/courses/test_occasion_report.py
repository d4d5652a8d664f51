"""The report of occasions: what is counted here, and beside it what others have reported."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from courses.actions.attendance import note_attendance
from courses.actions.occasion_figures import report_occasion_figure
from courses.actions.occasions import cancel_occasion
from courses.models import Occasion, ReportedOccasionFigure
from courses.queries.occasion_report import By, ReportQuestion, occasion_report, reported_occasions
from courses.reported_occasions import FileRefused, load_reported_occasions
from lms.lib.clock import STOCKHOLM
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.courses.test_occasion_pages import logged_in
from tests.factories.competence import BUILDER, World, make_person
from tests.factories.courses import make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_occasion_course, make_place

pytestmark = pytest.mark.django_db
REPORT = "/kurstillfallen/rapport/"


def of_group(name: str) -> User:
    person = make_person(language="sv")
    person.groups.add(Group.objects.get(name=name))
    return person


def held(people: int, **fields: Any) -> Occasion:
    """One that was held, everybody there but the last who registered."""
    occasion = make_held_occasion(people=people + 1, **fields)
    session = occasion.sessions.get()
    places = list(occasion.places.order_by("turn"))
    marks = {(place.public_id, session.public_id): place != places[-1] for place in places}
    note_attendance(occasion=occasion, marks=marks, by=BUILDER)
    return occasion


def test_announced_cancelled_held_hours_and_participants_are_counted(world: World) -> None:
    course = make_occasion_course(title="Lyftar")
    held(6, course=course, town="Borås", hours=7.5)
    held(2, course=course, town="Skövde", hours=2)
    held(9, course=course, town="Skövde", commissioned_by="vgr")
    cancel_occasion(occasion=make_occasion(course, town="Borås"), reason="x", by=BUILDER)
    make_place(make_occasion(course))
    make_occasion(course, is_announced=False)
    [line], total = occasion_report(ReportQuestion(), may_see_persons=True)
    for one in (line, total):
        assert (one.announced, one.cancelled, one.held, one.coming) == (4, 1, 2, 1)
        assert (one.hours, one.participants) == (Decimal("9.5"), 8)
        assert (one.commissioned_held, one.commissioned_participants) == (1, 9)
    by_town, _total = occasion_report(ReportQuestion(By.TOWN), may_see_persons=True)
    assert [(row.name, row.cancelled, row.participants) for row in by_town] == [("Borås", 1, 6), ("Skövde", 0, 2)]


def test_an_occasion_belongs_to_the_day_on_which_it_begins_in_stockholm() -> None:
    course = make_occasion_course()
    make_occasion(course, begins=datetime(2025, 12, 31, 23, 30, tzinfo=STOCKHOLM), hours=2)
    make_occasion(course, begins=datetime(2026, 1, 1, 0, 30, tzinfo=STOCKHOLM), hours=2)

    def counted(first: date, last: date) -> int:
        question = ReportQuestion(first_day=first, last_day=last)
        return occasion_report(question, may_see_persons=True)[1].announced

    assert counted(date(2025, 1, 1), date(2025, 12, 31)) == 1
    assert counted(date(2026, 1, 1), date(2026, 1, 1)) == 1
    names = [line.name for line in occasion_report(ReportQuestion(By.TERTIAL), may_see_persons=True)[0]]
    assert names == ["2025-09-01", "2026-01-01"]


def test_a19_small_occasions_are_in_no_sum_for_who_may_not_see_persons() -> None:
    course = make_occasion_course()
    held(6, course=course, town="Borås", hours=5)
    held(2, course=course, town="Skövde", hours=5)
    page = logged_in(of_group("Statistiker")).get(f"{REPORT}?by=town").content.decode()
    assert "minst 6" in page
    assert "dolt" in page
    assert ">8<" not in page
    assert ">8<" in logged_in(of_group("Samverkansfunktionen")).get(f"{REPORT}?by=town").content.decode()
    total = occasion_report(ReportQuestion(), may_see_persons=False)[1]
    assert (total.participants, total.held, total.hides) == (6, 2, True)


@pytest.mark.parametrize("number", [1, 3])
def test_the_report_asks_as_often_for_three_as_for_one(number: int, django_assert_num_queries: Any) -> None:
    for _occasion in range(number):
        held(1)
    client = logged_in(of_group("Samverkansfunktionen"))
    client.get(REPORT)
    with django_assert_num_queries(11):
        assert client.get(REPORT).status_code == 200


def test_the_report_is_for_those_who_see_statistics() -> None:
    paths = [REPORT, f"{REPORT}csv/", "/kurstillfallen/rapporterat/xlsx/"]
    for path in paths:
        assert Client().get(path).status_code == 302
        assert logged_in(make_person()).get(path).status_code == 403
        assert logged_in(make_editor()).get(path).status_code == 403
        assert logged_in(of_group("Statistiker")).get(path).status_code == 200
    assert logged_in(of_group("Statistiker")).get(f"{REPORT}exe/").status_code == 404


def test_a43_a_filter_that_makes_no_sense_is_400() -> None:
    client = logged_in(of_group("Statistiker"))
    for query in ("by=person", "from=igår", "from=2025-02-01&to=2025-01-01", "town=Ingenstans", "course=x"):
        assert client.get(f"{REPORT}?{query}").status_code == 400, query
        assert client.get(f"{REPORT}csv/?{query}").status_code == 400, query


def test_the_figures_of_2023_come_out_as_they_were_reported_beside_what_is_counted() -> None:
    held(6, town="Uddevalla")
    call_command("load_reported_occasions", stdout=io.StringIO())
    call_command("load_reported_occasions", stdout=io.StringIO())
    [statement] = reported_occasions()
    assert {one.measure: one.count for one in statement.totals} == {
        "announced": 54,
        "cancelled": 10,
        "held": 44,
        "hours": 420,
        "participants": 618,
        "commissioned": 392,
        "students": 200,
    }
    assert [(one.town, one.count) for one in statement.by_town] == [
        ("Uddevalla", 5),
        ("Borås", 2),
        ("Skövde", 2),
        ("Mölndal", 1),
    ]
    assert statement.differences == []
    total = occasion_report(ReportQuestion(), may_see_persons=True)[1]
    assert (total.announced, total.participants) == (1, 6)  # the reported ones are in no sum

    client = logged_in(of_group("Samverkansfunktionen"))
    page = client.get(REPORT).content.decode()
    counted, _heading, reported = page.partition("Rapporterat av andra")
    plain = re.sub(r"<[^>]+>", " ", reported)
    for figure in ("54", "10", "44", "420", "618", "392", "cirka 200"):
        assert f" {figure} " in plain
    assert "618" not in counted
    assert "Organisationens eget underlag, 2023" in plain
    assert "Inlagt" in plain
    assert "Rapporterat av andra" in client.get(f"{REPORT}?from=2023-01-01&to=2023-12-31").content.decode()
    assert "Rapporterat av andra" not in client.get(f"{REPORT}?from=2024-01-01").content.decode()


def test_the_files_keep_the_two_apart_and_name_source_and_date() -> None:
    held(6, course=make_occasion_course(title="=1+1"))
    call_command("load_reported_occasions", stdout=io.StringIO())
    client = logged_in(of_group("Samverkansfunktionen"))

    def rows(path: str) -> list[list[Any]]:
        return CalamineWorkbook.from_filelike(io.BytesIO(client.get(path).content)).get_sheet_by_index(0).to_python()

    counted = rows(f"{REPORT}xlsx/")
    assert counted[-1][:4] == ["Totalt", 1, 0, 1]
    assert counted[-2][0] == "=1+1"
    assert not any(618 in row for row in counted)
    reported = rows("/kurstillfallen/rapporterat/xlsx/")
    assert any(row[2:5] == ["Inställda tillfällen", "Uddevalla", 5] for row in reported)
    assert any(row[4] == 618 and row[6] == "Organisationens eget underlag, 2023" for row in reported)
    csv = client.get(f"{REPORT}csv/").content.decode("utf-8-sig")
    assert '"\'=1+1"' in csv


def test_a_source_that_does_not_add_up_is_shown_as_it_is() -> None:
    for town, count in (("", 12), ("Borås", 5), ("Skara", 6)):
        report_occasion_figure(
            period_from=date(2024, 1, 1),
            period_to=date(2024, 12, 31),
            measure="held",
            count=count,
            source="S",
            by=BUILDER,
            town=town,
        )
    [statement] = reported_occasions()
    assert [(one.count, added) for one, added in statement.differences] == [(12, 11)]
    page = logged_in(of_group("Statistiker")).get(REPORT).content.decode()
    assert "källan anger 12 totalt, men orterna blir tillsammans 11" in page


def test_a_source_says_a_thing_once_and_only_organisers_enter_it() -> None:
    values: dict[str, Any] = {
        "period_from": date(2024, 1, 1),
        "period_to": date(2024, 12, 31),
        "measure": "held",
        "source": "S",
    }
    report_occasion_figure(count=4, by=BUILDER, **values)
    report_occasion_figure(count=4, by=BUILDER, **values)
    with pytest.raises(Refusal):
        report_occasion_figure(count=5, by=BUILDER, **values)
    assert ReportedOccasionFigure.objects.get().count == 4


HEADER = "period_from,period_to,measure,town,count,approximate,source\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER + "2023-01-01,2023-12-31,held,,x,,S\n2023-01-01,i fjol,held,,4,kanske,S", "rad 3: period_to"),
        (HEADER + "2023-01-01,2023-12-31,held,,4,,S\n2023-01-01,2023-12-31,fester,,4,,S", "rad 3"),
        (HEADER + "2023-01-01,2023-12-31,held,,4,,S\n2023-01-01,2023-12-31,held,,5,,S", "rad 3"),
        (HEADER + "2023-12-31,2023-01-01,held,,4,,S", "rad 2"),
        (HEADER + "2023-01-01,2023-12-31,held,,4,,", "rad 2"),
        ("period_from,count\n2023-01-01,4", "measure"),
    ],
)
def test_a_file_with_a_fault_is_not_taken_and_says_where(content: str, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        load_reported_occasions(content.encode(), by=BUILDER)
    assert not ReportedOccasionFigure.objects.exists()


def test_the_command_tries_without_keeping_and_says_what_is_wrong(tmp_path: Any) -> None:
    out = io.StringIO()
    call_command("load_reported_occasions", "--dry-run", stdout=out)
    assert "11 new figures would be kept" in out.getvalue()
    assert not ReportedOccasionFigure.objects.exists()
    wrong = tmp_path / "x.csv"
    wrong.write_bytes(b"\xff\xfe")
    for path in (wrong, tmp_path / "nothing.csv"):
        with pytest.raises(CommandError):
            call_command("load_reported_occasions", str(path))
