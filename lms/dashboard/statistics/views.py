"""The statistics page and its files: the same figures, and small groups hidden from who may not see persons."""

from __future__ import annotations

from datetime import date
from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from competence.api import (
    FORMATS,
    asked_period,
    completion_statistics,
    course_titles,
    figure_text,
    list_completions,
    period_name,
    principal_name,
    reported_statements,
    sheet_response,
    small_groups_text,
    source_text,
    statistics_sheet,
)
from competence.data import CompletionStatistics, Question
from lms.dashboard.statistics.chart import completions_chart
from lms.dashboard.statistics.filters import UNKNOWN, StatisticsForm
from lms.dashboard.statistics.tables import chart_table, reported_tables
from lms.lib.access import requires
from lms.lib.clock import add_months
from lms.users.models import User

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
        context |= _figures(found, form)
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


@requires(PERSONS)
def statistics_people(request: HttpRequest) -> HttpResponse:
    """The completions behind a figure, person by person. Each person on the page is noted as looked up."""
    form = StatisticsForm(request.GET, may_see_persons=True)
    if not form.is_valid():
        return render(request, "dashboard/statistics.html", {"form": form}, status=400)
    question = form.question()
    filters = request.GET.copy()
    filters.pop("page", None)
    context = {
        "page": list_completions(question, page=request.GET.get("page", "1"), by=cast("User", request.user)),
        "caption": _caption(question, dict(course_titles()), form.unit_name),
        "filters": filters.urlencode(),
    }
    return render(request, "dashboard/statistics_people.html", context)


def _figures(found: CompletionStatistics, form: StatisticsForm) -> dict[str, object]:
    question, by_course = found.question, form.is_split_by_course
    caption = _caption(question, found.courses, form.unit_name)
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
                "cells": [
                    (
                        figure_text(figure),
                        _people_address(question, course, period, principal)
                        if found.shows_small_groups and figure.count
                        else "",
                    )
                    for principal, figure in line.items()
                ],
                "total": figure_text(total),
            }
            for (course, period), (line, total) in lines.items()
        ],
        "totals": [figure_text(figure) for figure in found.total()[0].values()],
        "small_groups": "" if found.shows_small_groups else small_groups_text(),
    }


def _people_address(question: Question, course: str, period: date, principal: str) -> str:
    """Where the persons behind one figure are listed: its course, months and principal, and the chosen unit."""
    last = add_months(period, question.by.months - 1)
    first = max(period, question.first_month or period)
    last = min(last, question.last_month or last)
    words = {
        "course": course,
        "principal": principal or UNKNOWN,
        "period": "own",
        "from": f"{first:%Y-%m}",
        "to": f"{last:%Y-%m}",
        **({"unit": question.unit} if question.unit else {}),
    }
    return f"{reverse('dashboard:statistics_people')}?{urlencode(words)}"


def _caption(question: Question, courses: dict[str, str], unit_name: str) -> str:
    what = courses[question.course] if question.course else _("All courses")
    where = unit_name or (principal_name(question.principals[0]) if len(question.principals) == 1 else "")
    parts = [what, where, asked_period(question)]
    return _("Completions: %(what)s") % {"what": ", ".join(part for part in parts if part)}
