"""The statistics page and its files: the same figures, and small groups hidden from who may not see persons."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from competence.api import (
    FORMATS,
    asked_period,
    completion_statistics,
    figure_text,
    period_name,
    principal_name,
    reported_statements,
    sheet_response,
    small_groups_text,
    source_text,
    statistics_sheet,
)
from competence.data import CompletionStatistics
from lms.dashboard.statistics.chart import completions_chart
from lms.dashboard.statistics.filters import StatisticsForm
from lms.dashboard.statistics.tables import chart_table, reported_tables
from lms.lib.access import requires

PERSONS = "competence.view_person_statistics"


@requires("competence.view_statistics")
def statistics(request: HttpRequest) -> HttpResponse:
    """Completions by course, period and principal: a chart, its table, and what others have reported."""
    may_see_persons = request.user.has_perm(PERSONS)
    form = StatisticsForm(request.GET, may_see_persons=may_see_persons)
    if not form.is_valid():
        return render(request, "dashboard/statistics.html", {"form": form}, status=400)
    found = completion_statistics(form.question(), may_see_persons=may_see_persons)
    context = {
        "form": form,
        "statistics": found,
        "period": asked_period(found.question),
        "total": figure_text(found.total()[1]),
        "is_hidden": not (found.total()[1].is_exact or found.total()[1].count),
        "source": source_text(),
        "reported": reported_tables(reported_statements(found.question.course)),
        "filters": request.GET.urlencode(),
    }
    if not found.is_empty:
        context |= _figures(found, form, _caption(found, form))
    return render(request, "dashboard/statistics.html", context)


@requires("competence.view_statistics")
def statistics_export(request: HttpRequest, fmt: str) -> HttpResponse:
    """The same figures as a file."""
    if fmt not in FORMATS:
        raise Http404
    may_see_persons = request.user.has_perm(PERSONS)
    form = StatisticsForm(request.GET, may_see_persons=may_see_persons)
    if not form.is_valid():
        return render(request, "dashboard/statistics.html", {"form": form}, status=400)
    found = completion_statistics(form.question(), may_see_persons=may_see_persons)
    sheet = statistics_sheet(found, form.unit_name)
    return sheet_response(
        fmt, file_name=sheet.file_name, title=sheet.title, header=sheet.header, rows=sheet.rows, notes=sheet.notes
    )


def _figures(found: CompletionStatistics, form: StatisticsForm, caption: str) -> dict[str, object]:
    by_course = form.is_split_by_course
    lines = found.by_course_and_period()
    has_bars = any(total.count for _line, total in found.by_period().values())
    return {
        "caption": caption,
        # Where all is hidden there is nothing to draw.
        "chart": completions_chart(found, by_course=by_course) if has_bars else None,
        "table": chart_table(found, by_course=by_course, caption=caption),
        "principals": [principal_name(p) for p in found.principals],
        "lines": [
            {
                "course": found.courses[course],
                "period": period_name(period, found.question.by),
                "cells": [figure_text(figure) for figure in line.values()],
                "total": figure_text(total),
            }
            for (course, period), (line, total) in lines.items()
        ],
        "totals": [figure_text(figure) for figure in found.total()[0].values()],
        "small_groups": "" if found.shows_small_groups else small_groups_text(),
    }


def _caption(found: CompletionStatistics, form: StatisticsForm) -> str:
    question = found.question
    what = found.courses[question.course] if question.course else _("All courses")
    where = form.unit_name or (principal_name(question.principals[0]) if len(question.principals) == 1 else "")
    parts = [what, where, asked_period(question)]
    return _("Completions: %(what)s") % {"what": ", ".join(part for part in parts if part)}
