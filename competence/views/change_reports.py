"""Anmäl ändring: a change of name, workplace or task, and what must be done anew because of one."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from competence.actions.change_reports import handle_report, report_change
from competence.forms.change_report import ChangeReportForm, HandledForm
from competence.models.authorisation import AuthorisationApplication
from competence.models.change_report import ChangeReport
from competence.models.completion import CompletionClaim
from competence.queries.eligibility import current_moment
from competence.queries.employments import employments_held_at
from competence.queries.held import living_authorisations
from competence.queries.rights import RightsReader
from competence.queries.transitions import rights_to_do_anew
from competence.steps import steps_of, waiting_of
from competence.views.common import needs_rules, reach_or_404, reader_of
from lms.lib.access import logged_in
from lms.lib.errors import Refusal
from lms.users.models import same_person


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def report(request: HttpRequest) -> HttpResponse:
    """What must be done anew, what one has reported, and a form for more."""
    reader = reader_of(request)
    moment = current_moment()
    employments = employments_held_at(reader, moment.now)
    chosen = employments[0].public_id if len(employments) == 1 else None
    form = ChangeReportForm(request.POST or None, employments=employments, initial={"employment": chosen})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            report_change(
                employment=values["employment"],
                kind=ChangeReport.Kind(values["kind"]),
                text=values["text"],
                starts_on=values["starts_on"],
                by=reader,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your manager is told of the change."))
            return redirect("competence:report_change")
    rights = RightsReader(list(employments), moment=moment, addresses=True)
    claims = list(CompletionClaim.objects.filter(same_person(reader)).select_related("course"))
    applications = list(
        AuthorisationApplication.objects.filter(same_person(reader, "employment__person")).select_related("right")
    )
    anew = [
        (answer, steps_of(answer, rights.rules, waiting=waiting_of(employment, claims, applications)))
        for employment in rights.employments
        for answer in rights_to_do_anew(employment, rights)
    ]
    reports = ChangeReport.objects.filter(same_person(reader)).select_related("handled__recorded_by")
    return render(
        request,
        "competence/report_change.html",
        {
            "form": form,
            "anew": anew,
            "held": living_authorisations(rights.employments, rights),
            "reports": reports.order_by("-pk"),
            "has_employment": bool(rights.employments),
        },
        status=422 if form.errors else 200,
    )


@logged_in
@require_POST
def handled(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The manager has seen to it. What is not in the reader's team is as missing."""
    reach = reach_or_404(request)
    found = get_object_or_404(
        ChangeReport.objects.select_related("employment__unit", "employment__person", "person"), public_id=public_id
    )
    if not reach.decides_about(found.employment):
        raise Http404
    form = HandledForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The comment is too long."))
        return redirect("competence:member", found.employment.public_id)
    try:
        handle_report(report=found, comment=form.cleaned_data["comment"], by=reader_of(request))
        messages.success(request, _("Noted. %(person)s is told.") % {"person": found.person})
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("competence:member", found.employment.public_id)
