"""Mitt team: who may order what, who may not, and why."""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from competence.queries.deputies import stands_in_for
from competence.queries.eligibility import current_moment
from competence.queries.employments import former_employments
from competence.queries.rights import RightsReader
from competence.queries.team import team_of
from competence.queries.team_lines import SOON_DAYS
from competence.queries.waiting import people_waiting
from competence.views.common import needs_rules, reach_or_404
from competence.views.team_selection import employments_shown, team_selection
from lms.lib.access import logged_in

ROWS_ON_A_PAGE = 25
YEAR = timedelta(days=366)


@logged_in
@require_safe
@needs_rules
def team(request: HttpRequest) -> HttpResponse:
    """The reader's units and all below. `visa`: `krav` for requirements, `slutat` for those who left this last year."""
    if request.GET.get("visa") == "slutat":
        return _former(request)
    selection = team_selection(request, request.GET)
    form = selection.form
    page = Paginator(selection.chosen, form.size).get_page(request.GET.get("page"))
    rights = RightsReader(employments_shown(list(page)), moment=selection.moment, names=selection.names)
    shown = form.chosen().get("visa", "")
    return render(
        request,
        "competence/team_requirements.html" if shown == "krav" else "competence/team.html",
        {
            "team": team_of(rights.employments, rights, selection.waiting),
            "page": page,
            "form": form,
            "counts": selection.counts,
            "links": {
                "allowed": form.query_of_team(utfall="allowed"),
                "denied": form.query_of_team(utfall="denied"),
                "ending": form.query_of_team(gar_ut=str(SOON_DAYS)),
                "on_leave": form.query_of_team(ledig="1"),
                "waiting": form.query_of_team(vantar="1"),
            },
            "filter_query": form.query(),
            "tab_query": form.query(visa=""),
            "is_filtered": bool(set(form.chosen()) - {"visa", "sortera", "antal"}),
            "waiting": selection.waiting_in_all,
            "stands_in": stands_in_for(selection.reader) if selection.reach.deputised else [],
            "reader": selection.reader,
        },
    )


def _former(request: HttpRequest) -> HttpResponse:
    reach = reach_or_404(request)
    moment = current_moment()
    left = former_employments(reach.units(), moment.now, moment.now - YEAR)
    page = Paginator(left, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    waiting = sum(people_waiting(reach, moment.now).values())
    return render(request, "competence/team_former.html", {"page": page, "waiting": waiting})
