"""Mitt team: who may order what, who may not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from competence.explain import load_names
from competence.exports.sheets import FORMATS, Cell, sheet_response
from competence.forms.team import TeamFilter
from competence.models.employment import Employment
from competence.policy.decision import Outcome
from competence.queries.eligibility import current_moment
from competence.queries.employments import employments_in, former_employments
from competence.queries.rights import RightsReader
from competence.queries.team import TeamRow, Wanted, team_of, wanted_of
from competence.queries.waiting import people_waiting
from competence.views.common import needs_rules, reach_or_404, reader_of
from lms.audit.api import record_look_ups
from lms.lib.access import logged_in
from lms.lib.clock import local_day
from lms.users.models import fold_name

ROWS_ON_A_PAGE = 25
YEAR = timedelta(days=366)


@logged_in
@require_safe
@needs_rules
def team(request: HttpRequest) -> HttpResponse:
    """The reader's units and all below. `visa`: `krav` for requirements, `slutat` for those who left this last year."""
    reach = reach_or_404(request)
    units = reach.units()
    reader = reader_of(request)
    moment = current_moment()
    waiting = people_waiting(reach, moment.now)
    shown = request.GET.get("visa", "")
    if shown == "slutat":
        left = former_employments(units, moment.now, moment.now - YEAR)
        left_page = Paginator(left, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
        return render(request, "competence/team_former.html", {"page": left_page, "waiting": sum(waiting.values())})
    names = load_names()
    possible = list(names.book.in_force(moment.now, moment.known_at).rights.values())
    form = TeamFilter(request.GET, rights=possible)
    chosen = form.chosen()
    employments = _searched(employments_in(units, moment.now), chosen, waiting)
    number = request.GET.get("page")
    wanted = _wanted(chosen)
    if wanted.is_everybody:
        page = Paginator(employments, ROWS_ON_A_PAGE).get_page(number)
        rows: list[Employment] = list(page)
        rights = RightsReader(rows, moment=moment, names=names)
    else:
        everybody = list(employments)
        rights = RightsReader(everybody, moment=moment, names=names)
        kept = Paginator(wanted_of(everybody, rights, wanted), ROWS_ON_A_PAGE).get_page(number)
        page, rows = kept, list(kept)
    found = team_of(rows, rights, waiting)
    filter_query = urlencode(chosen)
    return render(
        request,
        "competence/team_requirements.html" if shown == "krav" else "competence/team.html",
        {
            "team": found,
            "page": page,
            "form": form,
            "filter_query": filter_query,
            "is_filtered": bool(set(chosen) - {"visa"}),
            "waiting": sum(waiting.values()),
            "reader": reader,
        },
    )


@logged_in
@require_safe
@needs_rules
def team_export(request: HttpRequest, fmt: str) -> HttpResponse:
    """The filtered team as a file. Everybody in it is somebody whom the reader manages; each is noted as looked up."""
    reach = reach_or_404(request)
    units = reach.units()
    if fmt not in FORMATS:
        raise Http404
    reader = reader_of(request)
    moment = current_moment()
    names = load_names()
    rules = names.book.in_force(moment.now, moment.known_at)
    chosen = TeamFilter(request.GET, rights=list(rules.rights.values())).chosen()
    waiting = people_waiting(reach, moment.now)
    employments = list(_searched(employments_in(units, moment.now), chosen, waiting))
    rights = RightsReader(employments, moment=moment, names=names)
    whole = team_of(wanted_of(employments, rights, _wanted(chosen)), rights, waiting)
    people = {row.employment.person_id: row.employment.person for row in whole.rows}
    record_look_ups("export_team", by=reader, people=people.values(), format=fmt)
    header: list[Cell] = [_("Name"), _("HSA-ID"), _("Title"), _("Workplace"), _("On leave")]
    for right in whole.rights:
        header += [right.title, _("Reason"), _("Until and including")]
    header += [requirement.title for requirement in whole.requirements]
    return sheet_response(
        fmt,
        file_name=f"mitt-team-{local_day(moment.now).isoformat()}",
        title=_("My team"),
        header=header,
        rows=_cells(whole.rows),
    )


def _cells(rows: list[TeamRow]) -> Iterator[list[Cell]]:
    words = {
        Outcome.ALLOWED: _("May order"),
        Outcome.ALLOWED_WITH_WARNING: _("May order, with a recommendation"),
        Outcome.DENIED: _("May not order"),
    }
    marks = {"done": _("Done"), "missing": _("Missing"), "expiring": _("Recommended"), "": ""}
    for row in rows:
        work = row.employment
        cells: list[Cell] = [
            row.name,
            work.identity.value if work.identity else "",
            work.title,
            work.unit.name,
            _("Yes") if row.is_on_leave else "",
        ]
        for cell in row.rights:
            cells += [words[cell.answer.outcome], cell.reason, cell.last_day] if cell else ["", "", None]
        yield cells + [marks[one.status] for one in row.requirements]


def _searched(
    employments: QuerySet[Employment], chosen: dict[str, str], waiting: dict[int, int]
) -> QuerySet[Employment]:
    """What the database can filter by: the name, however it was written, and who waits."""
    for word in fold_name(chosen.get("sok", "")).split():
        employments = employments.filter(person__search_name__contains=word)
    if chosen.get("status") == "waiting":
        employments = employments.filter(person__in=list(waiting))
    return employments


def _wanted(chosen: dict[str, str]) -> Wanted:
    status = chosen.get("status", "")
    return Wanted(status="" if status == "waiting" else status, right=chosen.get("ratt", ""))
