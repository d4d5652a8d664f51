"""Figures that others have counted: kept as they were said, also when they do not add up."""

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from competence.actions.figures import report_figure
from competence.imports.reported_figures import FileRefused, load_published_figures, load_reported_figures
from competence.models.outbox import OutboxEvent
from competence.models.reported_figure import ReportedFigure
from competence.queries.figures import reported_statements
from lms.audit.models import AuditEvent
from lms.lib.actors import Machine
from lms.lib.errors import Refusal
from tests.factories.competence import make_person, publish_real_rules

pytestmark = pytest.mark.django_db
BY = Machine("test")
HEADER = "course_key;principal_kind;period_from;period_to;count;source\n"


@pytest.fixture(autouse=True)
def _courses() -> None:
    publish_real_rules()


def report(count: int = 2123, kind: str = "total", **other: object) -> ReportedFigure:
    values = {
        "course_key": "national-hjalpmedel",
        "principal_kind": kind,
        "period_from": None,
        "period_to": date(2023, 12, 31),
        "count": count,
        "source": "Rapport",
        "by": BY,
        **other,
    }
    return report_figure(**values)  # type: ignore[arg-type]


def test_the_published_figures_are_all_there_with_the_difference_that_the_source_has() -> None:
    assert load_published_figures(by=BY) == (18, 0)
    found = {(s.course, s.period_from, s.period_to): s for s in reported_statements()}
    aids = found["national-hjalpmedel", None, date(2023, 12, 31)]
    assert (aids.total, aids.parts, aids.sum_of_parts, aids.difference) == (
        2123,
        {"municipality": 1202, "vgr": 933},
        2135,
        12,
    )
    consumables = found["national-forbrukningsartiklar", None, date(2023, 12, 31)]
    assert (consumables.total, consumables.sum_of_parts, consumables.difference) == (697, 697, None)
    leaders = found["national-ledarperspektiv", None, date(2023, 12, 31)]
    assert (leaders.total, leaders.parts) == (33, {"municipality": 21, "vgr": 12})
    by_year = {(s.course, s.period_from.year): s.total for s in found.values() if s.period_from}
    assert by_year == {
        ("national-hjalpmedel", 2023): 287,
        ("national-hjalpmedel", 2022): 339,
        ("national-forbrukningsartiklar", 2023): 93,
        ("national-forbrukningsartiklar", 2022): 341,
        ("national-ledarperspektiv", 2023): 9,
        ("national-ledarperspektiv", 2022): 10,
    }
    regional = {s.course: (s.total, s.sum_of_parts) for s in found.values() if s.course.startswith("regional")}
    assert regional == {
        "regional-rorelse": (503, None),
        "regional-medicinsk-behandling": (65, None),
        "regional-lmn": (210, None),
    }


def test_p09_the_same_file_again_changes_nothing() -> None:
    load_published_figures(by=BY)
    events = OutboxEvent.objects.count()
    assert load_published_figures(by=BY) == (0, 18)
    assert OutboxEvent.objects.count() == events


def test_a_figure_is_audited_and_announced() -> None:
    figure = report()
    assert AuditEvent.objects.filter(action="report_figure", subject=f"figure:{figure.public_id}").exists()
    assert OutboxEvent.objects.filter(kind="figure.reported").exists()


def test_a_source_that_says_otherwise_is_refused() -> None:
    assert report() == report()
    with pytest.raises(Refusal, match="2123"):
        report(2135)
    assert ReportedFigure.objects.get().count == 2123


@pytest.mark.parametrize(
    "wrong",
    [
        {"course_key": "finns-inte"},
        {"kind": "region"},
        {"period_from": date(2024, 1, 1)},
        {"count": -1},
        {"source": "  "},
        {"source": "x" * 251},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        report(**wrong)  # type: ignore[arg-type]
    assert not ReportedFigure.objects.exists()


def test_only_who_manages_rules_may_report() -> None:
    with pytest.raises(PermissionDenied):
        report(by=make_person())


def test_every_fault_of_a_file_is_named_by_row_and_column_and_nothing_is_kept() -> None:
    rows = [
        "national-hjalpmedel;total;;2023-12-31;5;Rapport",
        "finns-inte;total;;2023-12-31;5;Rapport",
        "national-hjalpmedel;region;2023-13-01;igår;5,5;",
        "national-hjalpmedel;vgr",
    ]
    with pytest.raises(FileRefused) as refused:
        load_reported_figures((HEADER + "\n".join(rows)).encode(), by=BY)
    assert [(error.row, error.column) for error in refused.value.errors] == [
        (3, "course_key"),
        (4, "principal_kind"),
        (4, "period_from"),
        (4, "period_to"),
        (4, "count"),
        (4, "source"),
        (5, "period_to"),
        (5, "count"),
        (5, "source"),
    ]
    assert not ReportedFigure.objects.exists()


def test_a_file_that_contradicts_what_was_said_before_is_not_taken_in_part() -> None:
    report()
    rows = ["national-hjalpmedel;vgr;;2023-12-31;933;Rapport", "national-hjalpmedel;total;;2023-12-31;9;Rapport"]
    with pytest.raises(FileRefused) as refused:
        load_reported_figures((HEADER + "\n".join(rows)).encode(), by=BY)
    assert [error.row for error in refused.value.errors] == [3]
    assert ReportedFigure.objects.count() == 1


def test_a_file_without_its_columns_or_in_another_encoding_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        load_reported_figures(b"a,b\n1,2\n", by=BY)
    assert {error.column for error in refused.value.errors} >= {"course_key", "count"}
    with pytest.raises(FileRefused) as refused:
        load_reported_figures((HEADER + "x;y;;;;Källa").encode("latin-1"), by=BY)
    assert refused.value.errors[0].row == 2


def test_the_command_checks_keeps_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(HEADER + "national-hjalpmedel;total;;2023-12-31;5;Rapport\n", encoding="utf-8-sig")
    call_command("load_reported_figures", str(file), "--dry-run")
    assert not ReportedFigure.objects.exists()
    call_command("load_reported_figures", str(file))
    call_command("load_reported_figures", str(file))
    assert capsys.readouterr().out.splitlines() == [
        "1 new figures would be kept, 0 known before.",
        "1 new figures kept, 0 known before.",
        "0 new figures kept, 1 known before.",
    ]
    file.write_text(HEADER + "finns-inte;total;;2023-12-31;5;Rapport\n", encoding="utf-8")
    with pytest.raises(CommandError, match="2, course_key"):
        call_command("load_reported_figures", str(file))
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_reported_figures", str(tmp_path / "nowhere.csv"))


@pytest.mark.parametrize("sources", [1, 3])
def test_statements_are_read_in_one_query(sources: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(sources):
        report(source=f"Rapport {number}")
        report(7, "vgr", source=f"Rapport {number}")
    with django_assert_num_queries(1):
        assert len(reported_statements("national-hjalpmedel")) == sources
