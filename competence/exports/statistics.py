"""Figures in words and as a table: the same one for the page, the files and the API's CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from competence.exports.sheets import Cell, Row
from competence.small_groups import SMALLEST_GROUP, Figure
from competence.statistics import CompletionStatistics, Question, Step
from lms.lib.clock import STOCKHOLM, add_months


@dataclass(frozen=True)
class StatisticsSheet:
    """A table for `competence.exports.sheets`: its name, the rows above it, its header, and its rows."""

    file_name: str
    title: str
    notes: list[Row]
    header: list[str]
    rows: list[Row]


def principal_name(principal: str) -> str:
    """A kind of principal as the head of a column."""
    names = {
        "total": _("Total"),
        "municipality": _("Municipality"),
        "vgr": _("VGR"),
        "private": _("Private provider"),
    }
    return names.get(principal) or _("Not known")


def period_name(first: date, by: Step) -> str:
    """A period by its first day: “januari 2026”, “tertial 1 2026”, “2026”."""
    if by is Step.YEAR:
        return str(first.year)
    if by is Step.TERTIAL:
        return _("tertial %(number)d %(year)d") % {"number": first.month // 4 + 1, "year": first.year}
    return date_format(first, "F Y")


def figure_text(figure: Figure) -> str:
    """A figure as it may be told: a number, “<5”, “at least 12”, or that it is hidden."""
    if figure.is_exact:
        return number_format(figure.count, use_l10n=True, force_grouping=True)
    if figure.count:
        return _("at least %(count)s") % {"count": number_format(figure.count, use_l10n=True, force_grouping=True)}
    return f"<{SMALLEST_GROUP}" if figure.is_one_group else pgettext("figure", "hidden")


def figure_cell(figure: Figure) -> Cell:
    """The same in a sheet: a number that can be calculated with, or the words."""
    return figure.count if figure.is_exact else figure_text(figure)


def asked_period(question: Question) -> str:
    """The time that was asked for."""
    first = date_format(question.first_month, "F Y") if question.first_month else ""
    last = date_format(question.last_month, "F Y") if question.last_month else ""
    if first and last:
        return first if first == last else f"{first} – {last}"
    if first:
        return _("from %(month)s on") % {"month": first}
    return _("up to and including %(month)s") % {"month": last} if last else _("all the time")


def source_text() -> str:
    return _("The competence register: completions of known persons, less those recorded in error")


def small_groups_text() -> str:
    """What a reader must know of hidden figures."""
    return _(
        "“<%(number)d” means fewer than %(number)d persons. Such figures are not in the totals either, unless they can "
        "be added up to at least %(number)d persons; a total that leaves something out says “at least”."
    ) % {"number": SMALLEST_GROUP}


def statistics_sheet(statistics: CompletionStatistics, unit_name: str = "") -> StatisticsSheet:
    """One row for each course and period, a column for each kind of principal, and the totals as the last row."""
    question = statistics.question
    titles = statistics.courses
    rows: list[Row] = [
        (titles[course], period_name(period, question.by), *map(figure_cell, line.values()), figure_cell(total))
        for (course, period), (line, total) in statistics.by_course_and_period().items()
    ]
    line, total = statistics.total()
    rows.append((_("Total"), "", *map(figure_cell, line.values()), figure_cell(total)))
    as_of = statistics.as_of.astimezone(STOCKHOLM)
    notes: list[Row] = [
        (_("Completed courses"),),
        (_("Source"), source_text()),
        (_("As of"), date_format(as_of, "Y-m-d H:i")),
        (_("Period"), asked_period(question)),
        (_("Course"), titles.get(question.course, question.course) if question.course else _("All courses")),
        (_("Principal"), ", ".join(principal_name(p) for p in statistics.principals)),
    ]
    if unit_name:
        notes.append((_("Unit"), unit_name))
    if not statistics.shows_small_groups:
        notes.append((_("Small groups"), small_groups_text()))
    return StatisticsSheet(
        file_name=_file_name(statistics),
        title=_("Completed courses"),
        notes=notes,
        header=[_("Course"), _("Period"), *map(principal_name, statistics.principals), _("Total")],
        rows=rows,
    )


def _file_name(statistics: CompletionStatistics) -> str:
    question, today = statistics.question, statistics.as_of.astimezone(STOCKHOLM).date()
    last_day = add_months(question.last_month, 1) if question.last_month else None
    until = f"{question.last_month:%Y-%m}" if question.last_month and last_day and last_day <= today else f"{today}"
    if question.first_month:
        return _("Completed courses %(first)s to %(last)s") % {"first": f"{question.first_month:%Y-%m}", "last": until}
    return _("Completed courses to %(last)s") % {"last": until}
