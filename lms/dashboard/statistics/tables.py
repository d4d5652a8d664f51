"""The tables of the statistics page, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from competence.api import figure_text, period_name, principal_name
from competence.data import CompletionStatistics, Figure, ReportedStatement


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


def reported_rows(statements: list[ReportedStatement]) -> list[dict[str, str]]:
    """Each statement of others, with the source's total, the sum of its parts, and the difference where they differ."""
    return [
        {
            "title": statement.title,
            "period": _reported_period(statement.period_from, statement.period_to),
            "municipality": _number(statement.parts.get("municipality")),
            "vgr": _number(statement.parts.get("vgr")),
            "private": _number(statement.parts.get("private")),
            "sum": _number(statement.sum_of_parts),
            "total": _number(statement.total),
            "difference": "" if statement.difference is None else f"{statement.difference:+d}".replace("-", "−"),
            "source": statement.source,
            "reported_on": date_format(statement.reported_at, "j F Y"),
        }
        for statement in statements
    ]


def _number(value: int | None) -> str:
    return "–" if value is None else number_format(value, use_l10n=True, force_grouping=True)


def _reported_period(first: date | None, last: date) -> str:
    if first is None:
        return _("in all to %(day)s") % {"day": date_format(last, "j F Y")}
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    return f"{date_format(first, 'j F Y')} – {date_format(last, 'j F Y')}"
