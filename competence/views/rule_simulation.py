"""Simulating a draft: started by those who write rules, read by those whom it concerns."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence.actions.rule_drafts import digest_of, start_simulation, stop_simulation
from competence.exports.sheets import FORMATS, sheet_response
from competence.forms.rules import SimulationForm
from competence.models.rule_draft import SimulationRun
from competence.policy.document import compile_rules
from competence.queries.eligibility import current_moment
from competence.queries.rule_documents import known_here
from competence.queries.simulations import latest_simulations
from competence.rule_documents.check import check_text
from competence.simulation.report import KINDS, Report, Sight, kind_text, report_of, sheet_rows, sight_of
from competence.simulation.stored import from_data
from competence.views.common import reader_of
from competence.views.rule_draft import MANAGE, draft_or_404, shown_faults
from lms.audit.api import record_look_ups
from lms.lib.access import logged_in, requires
from lms.lib.clock import local_day
from lms.lib.errors import Refusal

PEOPLE_ON_THE_PAGE = 200


@requires(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def simulate_draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The simulations of a draft, and the form that starts another."""
    found = draft_or_404(public_id)
    form = SimulationForm(request.POST) if request.method == "POST" else SimulationForm()
    if request.method == "POST" and form.is_valid():
        try:
            run = start_simulation(
                draft=found,
                by=reader_of(request),
                effective_at=form.instant(),
                horizon=timedelta(days=form.cleaned_data["horizon"]),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("competence:simulation", run.public_id)
    checked = check_text(found.text, known_here())
    digest = digest_of(checked.document) if checked.rules is not None and checked.document is not None else ""
    runs = found.simulations.select_related("started_by").defer("result", "document")[:20]
    return render(
        request,
        "competence/rules/simulate.html",
        {
            "draft": found,
            "form": form,
            "checked": checked,
            "faults": shown_faults(checked),
            "runs": [(run, run.digest == digest) for run in runs],
            "tab": "simulate",
        },
        status=422 if form.errors else 200,
    )


def _run_or_404(request: HttpRequest, public_id: uuid.UUID) -> tuple[SimulationRun, Sight]:
    sight = sight_of(reader_of(request))
    if sight is None:
        raise Http404
    runs = SimulationRun.objects.select_related("draft", "started_by")
    return get_object_or_404(runs, public_id=public_id), sight


def _report(run: SimulationRun, sight: Sight, most_people: int | None = None) -> Report:
    rules = compile_rules(run.document, 1)
    found = from_data(run.result or {})
    return (
        report_of(found, rules, sight)
        if most_people is None
        else report_of(found, rules, sight, most_people=most_people)
    )


@logged_in
@require_safe
def simulation(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A simulation: how far it has come, or what it gave. Names only of those whom the reader may see."""
    run, sight = _run_or_404(request, public_id)
    report = _report(run, sight, PEOPLE_ON_THE_PAGE) if run.status == SimulationRun.Status.DONE else None
    if report is not None and report.people:
        people = {one.person.pk: one.person for one in report.people}
        record_look_ups("view_simulation", by=reader_of(request), people=people.values(), run=str(run.public_id))
    return render(
        request,
        "competence/rules/simulation.html",
        {
            "run": run,
            "report": report,
            "columns": [kind_text(kind) for kind in KINDS],
            "people": [(one, kind_text(one.kind)) for one in report.people] if report else [],
            "may_manage": request.user.has_perm(MANAGE),
            "is_old": run.status == SimulationRun.Status.DONE and current_moment().revision != run.revision,
            "horizon_ends": (run.effective_at or run.started_at) + timedelta(days=run.horizon_days),
        },
    )


@logged_in
@require_safe
def simulations(request: HttpRequest) -> HttpResponse:
    """What drafts of rules would mean: the latest simulation of each, for those who may read them. One query."""
    if sight_of(reader_of(request)) is None:
        raise Http404
    return render(request, "competence/rules/simulations.html", {"runs": latest_simulations()})


@requires(MANAGE)
@require_POST
def stop(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Stop a run."""
    run = get_object_or_404(SimulationRun, public_id=public_id)
    stop_simulation(run=run, by=reader_of(request))
    messages.success(request, _("The simulation is asked to stop."))
    return redirect("competence:simulation", run.public_id)


@logged_in
@require_safe
def simulation_file(request: HttpRequest, public_id: uuid.UUID, fmt: str) -> HttpResponse:
    """The result as a file: the people whom the reader may see, else the figures."""
    run, sight = _run_or_404(request, public_id)
    if fmt not in FORMATS or run.status != SimulationRun.Status.DONE:
        raise Http404
    report = _report(run, sight)
    people = {one.person.pk: one.person for one in report.people}
    record_look_ups("export_simulation", by=reader_of(request), people=people.values(), run=str(run.public_id))
    header, rows = sheet_rows(report)
    since = date_format(timezone.localtime(run.effective_at or run.started_at), "DATETIME_FORMAT")
    return sheet_response(
        fmt,
        file_name=f"simulering-{local_day(run.started_at).isoformat()}",
        title=_("Simulation"),
        header=header,
        rows=rows,
        notes=[[run.draft.title], [_("If the rules took effect %(since)s") % {"since": since}]],
    )
