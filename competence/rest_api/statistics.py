"""Figures for other systems: the same as the statistics page shows to who may not see persons."""

from __future__ import annotations

import io
from calendar import monthrange
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from pydantic import Field

from competence.exports.sheets import CONTENT_TYPES, write_csv
from competence.exports.statistics import source_text, statistics_sheet
from competence.models.machine_client import Scope
from competence.queries.figures import reported_statements
from competence.rest_api.auth import Caller, OAuth2, caller_of
from competence.rest_api.conditional import conditional, weak_tag
from competence.rest_api.media import wanted_media_type
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem, invalid
from competence.rest_api.rendering import json_response
from competence.rest_api.schemas import Strict, parameters_of
from competence.small_groups import SMALLEST_GROUP, Figure
from competence.statistics import (
    PRINCIPALS,
    CompletionStatistics,
    Question,
    Step,
    completion_statistics,
    course_titles,
)
from lms.lib.clock import STOCKHOLM, add_months

router = Router(tags=["statistics"])
UNKNOWN = "unknown"
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200


class StatisticsQuery(Strict):
    course: Annotated[
        str | None, Field(max_length=100, description=_("Key of a course; all courses, when left out."))
    ] = None
    principal: Annotated[
        str | None,
        Field(
            max_length=20,
            description=_("municipality, vgr, private or unknown; all that the client is bound to, when left out."),
        ),
    ] = None
    from_: Annotated[
        str | None,
        Field(
            alias="from",
            max_length=10,
            description=_("The first month, such as 2026-01, or its first day."),
            examples=["2026-01"],
        ),
    ] = None
    to: Annotated[
        str | None,
        Field(max_length=10, description=_("The last month, such as 2026-04, or its last day."), examples=["2026-04"]),
    ] = None
    by: Annotated[str, Field(max_length=10, description=_("How long each period is: month, tertial or year."))] = (
        "month"
    )


class FigureOut(Schema):
    """A count. `count` null: hidden, being a small group. Not exact: at least so many."""

    count: int | None
    is_exact: bool


class StatisticsRow(FigureOut):
    course: str
    title: str
    first_day: str
    last_day: str
    principal: str


class ReportedOut(Schema):
    """What another source has counted: a part, or its own total. Never added to the rows."""

    course: str
    principal: str
    first_day: str | None
    last_day: str
    count: int
    source: str


class StatisticsOut(Schema):
    as_of: str
    source: str
    by: str
    smallest_group: Annotated[int, Field(description=_("Groups of fewer persons are hidden."))]
    rows: list[StatisticsRow]
    total: FigureOut
    reported: list[ReportedOut]


@router.get(
    "/statistics/completions",
    auth=OAuth2(Scope.STATISTICS_READ, parameters_of(StatisticsQuery) - {"from_"} | {"from"}),
    response=StatisticsOut,
    operation_id="read_completion_statistics",
    summary=_("Completed courses by course, period and principal"),
    description=_(
        "Completions of known persons, and beside them what others have reported. Small groups are hidden, also from "
        "the totals. As CSV with Accept: text/csv."
    ),
    openapi_extra=tells(
        media={"text/csv": {"schema": {"type": "string", "description": _("With a header, separated by semicolons.")}}},
        is_conditional=True,
    ),
)
def read_completion_statistics(request: HttpRequest, query: Query[StatisticsQuery]) -> HttpResponse:
    caller = caller_of(request)
    # A machine client is nobody who may see persons.
    found = completion_statistics(_question(query, caller), may_see_persons=False)
    if wanted_media_type(request) == "text/csv":
        content, sheet = io.BytesIO(), statistics_sheet(found)
        write_csv(content, header=sheet.header, rows=sheet.rows, notes=sheet.notes)
        response = HttpResponse(content.getvalue(), content_type=CONTENT_TYPES["csv"])
        return conditional(request, response, tag=weak_tag([sheet.header, [list(map(str, row)) for row in sheet.rows]]))
    answer = _answer(found, caller)
    constant = {name: value for name, value in answer.items() if name != "as_of"}
    return conditional(request, json_response(answer), tag=weak_tag(constant))


def _question(query: StatisticsQuery, caller: Caller) -> Question:
    if query.course is not None and query.course not in dict(course_titles()):
        raise invalid("course", gettext("There is no course with the key %(key)s.") % {"key": query.course})
    first, last = _month("from", query.from_), _month("to", query.to)
    if first and last and first > last:
        raise invalid("to", gettext("The last month is before the first."))
    if query.by not in set(Step):
        raise invalid("by", gettext("It must be one of: %(choices)s.") % {"choices": ", ".join(Step)})
    return Question(
        course=query.course or "",
        principals=_principals(query.principal, caller),
        first_month=first,
        last_month=last,
        by=Step(query.by),
    )


def _principals(name: str | None, caller: Caller) -> tuple[str, ...]:
    own = tuple(p for p in PRINCIPALS if caller.principals is None or p in caller.principals)
    if name is None:
        return own
    names = {p or UNKNOWN: p for p in PRINCIPALS}
    if name not in names:
        raise invalid("principal", gettext("It must be one of: %(choices)s.") % {"choices": ", ".join(names)})
    if names[name] not in own:
        raise Problem("forbidden", gettext("You may not ask about this principal."))
    return (names[name],)


def _month(name: str, text: str | None) -> date | None:
    """The month's first day. A day is taken when it begins or ends its month: part of a month can be a small group."""
    if text is None:
        return None
    whole = gettext(
        "Give whole months: a month such as 2026-01, or the first day to start and the last day to end with."
    )
    try:
        day = date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        raise invalid(name, whole) from None
    edge = 1 if name == "from" else monthrange(day.year, day.month)[1]
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR or (len(text) != 7 and day.day != edge):
        raise invalid(name, whole)
    return day.replace(day=1)


def _answer(found: CompletionStatistics, caller: Caller) -> dict[str, Any]:
    by = found.question.by
    return {
        "as_of": _local(found.as_of),
        "source": source_text(),
        "by": by,
        "smallest_group": SMALLEST_GROUP,
        "rows": [
            {
                "course": course,
                "title": found.courses[course],
                "first_day": period.isoformat(),
                "last_day": _last_day(period, by).isoformat(),
                "principal": principal or UNKNOWN,
                **_figure(figure),
            }
            for (course, period), (line, _total) in found.by_course_and_period().items()
            for principal, figure in line.items()
            if figure.count or not figure.is_exact
        ],
        "total": _figure(found.total()[1]),
        "reported": _reported(found.question.course, caller),
    }


def _reported(course: str, caller: Caller) -> list[dict[str, Any]]:
    rows = []
    for statement in reported_statements(course):
        counts = dict(statement.parts) if statement.total is None else {"total": statement.total, **statement.parts}
        for principal, count in counts.items():
            # A total is of all principals: not for a client that is bound to some.
            if caller.principals is None or principal in caller.principals:
                rows.append(
                    {
                        "course": statement.course,
                        "principal": principal,
                        "first_day": statement.period_from and statement.period_from.isoformat(),
                        "last_day": statement.period_to.isoformat(),
                        "count": count,
                        "source": statement.source,
                    }
                )
    return rows


def _figure(figure: Figure) -> dict[str, Any]:
    return {"count": figure.count if figure.count or figure.is_exact else None, "is_exact": figure.is_exact}


def _last_day(period: date, by: Step) -> date:
    return date.fromordinal(add_months(period, by.months).toordinal() - 1)


def _local(instant: datetime) -> str:
    return instant.astimezone(STOCKHOLM).isoformat(timespec="seconds")
