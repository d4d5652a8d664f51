"""The tables of the statistics page, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from competence.api import figure_text, period_name, principal_name
from competence.data import PRINCIPALS, CompletionStatistics, Figure, ReportedStatement
from lms.lib.clock import local_day


@dataclass(frozen=True)
class Table:
    """What components/table.html shows."""

    caption: str
    columns: list[str]
    rows: list[list[str]]
    total: list[str]


def chart_table(statistics: CompletionStatistics, *, by_course: bool, caption: str) -> Table:
    """The chart's figures: a row for each period, a column for each series of bars."""
    by = statistics.question.by
    by_period = statistics.by_period()
    if by_course:
        lines, courses = statistics.by_course_and_period(), statistics.by_course()
        columns = list(statistics.courses.values())
        cells = {
            period: [lines[course, period][1] if (course, period) in lines else Figure() for course in courses]
            for period in statistics.periods
        }
        totals = [total for _line, total in courses.values()]
    else:
        columns = [principal_name(p) for p in statistics.principals]
        cells = {period: list(line.values()) for period, (line, _total) in by_period.items()}
        totals = list(statistics.total()[0].values())
    return Table(
        caption=caption,
        columns=[_("Period"), *columns, _("Total")],
        rows=[
            [period_name(period, by), *map(figure_text, cells[period]), figure_text(total)]
            for period, (_line, total) in by_period.items()
        ],
        total=[_("Total"), *map(figure_text, totals), figure_text(statistics.total()[1])],
    )


@dataclass(frozen=True)
class ReportedTable:
    """What one source has reported. `kinds`: the kinds of principal that it tells apart."""

    source: str
    reported_on: str
    kinds: list[str]
    rows: list[dict[str, object]]


def reported_tables(statements: list[ReportedStatement]) -> list[ReportedTable]:
    """What others have reported, by source: their total, the sum of their parts, and how much these differ."""
    by_source: dict[str, list[ReportedStatement]] = {}
    for statement in statements:
        by_source.setdefault(statement.source, []).append(statement)
    tables = []
    for source, said in by_source.items():
        kinds = [kind for kind in PRINCIPALS if any(kind in statement.parts for statement in said)]
        tables.append(
            ReportedTable(
                source=source,
                reported_on=date_format(local_day(max(statement.reported_at for statement in said)), "j F Y"),
                kinds=[principal_name(kind) for kind in kinds],
                rows=[_reported_row(statement, kinds) for statement in said],
            )
        )
    return tables


def _reported_row(statement: ReportedStatement, kinds: list[str]) -> dict[str, object]:
    difference = statement.difference
    return {
        "title": statement.title,
        "period": _reported_period(statement.period_from, statement.period_to),
        "parts": [(principal_name(kind), _number(statement.parts.get(kind))) for kind in kinds],
        "sum": _number(statement.sum_of_parts),
        "total": _number(statement.total),
        "difference": "" if difference is None else f"{difference:+d}".replace("-", "−"),
    }


def _number(value: int | None) -> str:
    return "–" if value is None else number_format(value, use_l10n=True, force_grouping=True)


def _reported_period(first: date | None, last: date) -> str:
    if first is None:
        return _("in all to %(day)s") % {"day": date_format(last, "j F Y")}
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    return f"{date_format(first, 'j F Y')} – {date_format(last, 'j F Y')}"
