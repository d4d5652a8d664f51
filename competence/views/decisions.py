"""Att besluta: what waits for this manager, and the pages on which it is decided."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from csp.decorators import csp_update
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from competence.actions.applications import approve_application, refuse_application, return_application
from competence.actions.completions import EVIDENCE_TYPES, approve_claim, can_decide_claim, refuse_claim
from competence.forms.claims import ReasonForm
from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.queries.applications import unit_of_customer_number, what_remains
from competence.queries.deputies import deputised_changes
from competence.queries.eligibility import current_moment
from competence.queries.waiting import applications_to_decide, claims_to_decide, decisions_waiting, units_waiting
from competence.views.common import needs_rules, reach_or_404, reader_of
from lms.audit.api import record_look_up
from lms.lib.access import logged_in
from lms.lib.errors import Refusal

SELF = "'self'"
# The file is a stranger's: it may run nothing and fetch nothing, whatever it turns out to be.
FILE_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"


@logged_in
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """Everything that waits, the oldest first. `enhet`: at that unit only."""
    reach = reach_or_404(request)
    moment = current_moment()
    waiting = decisions_waiting(reach, moment.now)
    chosen = request.GET.get("enhet", "")
    shown = [one for one in waiting if one.unit_id == chosen] if chosen else waiting
    return render(
        request,
        "competence/decisions.html",
        {"waiting": shown, "in_all": len(waiting), "units": units_waiting(waiting), "chosen": chosen},
    )


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # it knows views without arguments only
def claim(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A certificate, and the manager's answer: `answer` is `approve` or `refuse`."""
    reader = reader_of(request)
    reach = reach_or_404(request)
    found = get_object_or_404(
        claims_to_decide(reach, current_moment().now).select_related("person", "course", "decided_by"),
        public_id=public_id,
    )
    form = ReasonForm(label=_("Why does the certificate not hold?"))
    if request.method == "POST":
        form = ReasonForm(request.POST, label=_("Why does the certificate not hold?"))
        if request.POST.get("answer") == "approve":
            form = ReasonForm(label=_("Why does the certificate not hold?"))
            if _done(request, lambda: approve_claim(claim=found, by=reader)):
                messages.success(
                    request,
                    _("Approved. “%(course)s” now counts for %(person)s.")
                    % {"course": found.course, "person": found.person},
                )
                return redirect("competence:decisions")
        elif form.is_valid() and _done(
            request, lambda: refuse_claim(claim=found, reason=form.cleaned_data["reason"], by=reader)
        ):
            messages.success(request, _("Refused. %(person)s is told why.") % {"person": found.person})
            return redirect("competence:decisions")
        found.refresh_from_db()
    else:
        record_look_up("view_claim", by=reader, person=found.person, subject=f"claim:{found.public_id}")
    return render(
        request,
        "competence/claim.html",
        {
            "claim": found,
            "form": form,
            "is_open": found.status == CompletionClaim.Status.WAITING,
            "decided_for": _decided_for(found),
        },
        status=422 if form.errors else 200,
    )


@logged_in
@require_safe
@xframe_options_sameorigin
def claim_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """The certificate's file, for the person and for those who decide about it; others get what a missing one gets."""
    reader = reader_of(request)
    found = get_object_or_404(CompletionClaim.objects.select_related("person"), public_id=public_id)
    if not found.evidence or not (found.person_id == reader.pk or can_decide_claim(reader, found)):
        raise Http404
    if found.person_id != reader.pk:
        record_look_up("view_claim_file", by=reader, person=found.person, subject=f"claim:{found.public_id}")
    is_known = found.evidence_type in EVIDENCE_TYPES.values()
    response = FileResponse(
        found.evidence.open("rb"),
        as_attachment=not is_known or "ladda-ner" in request.GET,
        filename=_file_name(found),
        content_type=found.evidence_type if is_known else "application/octet-stream",
    )
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _file_name(found: CompletionClaim) -> str:
    """The sender's name for the file, with the ending of what it was found to be."""
    endings = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
    stem = found.evidence_name.rsplit(".", 1)[0].strip() or "kursbevis"
    return f"{stem[:100]}{endings.get(found.evidence_type, '.bin')}"


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def application(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """An application, what it says of the person's competence, and the answer: `approve`, `return` or `refuse`."""
    reader = reader_of(request)
    reach = reach_or_404(request)
    found = get_object_or_404(
        applications_to_decide(reach).select_related(
            "employment__person", "employment__unit", "right", "changes__right", "decided_by"
        ),
        public_id=public_id,
    )
    form = _comment_form()
    if request.method == "POST":
        answer = request.POST.get("answer")
        if answer != "approve":
            form = _comment_form(request.POST)
        if (answer == "approve" or form.is_valid()) and _done(request, lambda: _answer(found, answer, form, request)):
            return redirect("competence:decisions")
        found.refresh_from_db()
    else:
        record_look_up(
            "view_application",
            by=reader,
            person=found.employment.person,
            subject=f"application:{found.case_number}",
        )
    return render(
        request,
        "competence/application.html",
        {
            "application": found,
            "form": form,
            "is_open": found.status == AuthorisationApplication.Status.SUBMITTED,
            "decided_for": _decided_for(found),
            "number_unit": unit_of_customer_number(found.customer_number),
            **what_remains(found, for_manager=True),
        },
        status=422 if form.errors else 200,
    )


def _comment_form(data: object = None) -> ReasonForm:
    return ReasonForm(
        data,
        label=_("Comment or reason"),
        help_text=_("Needed when you return or refuse the application. The person reads it."),
    )


def _answer(found: AuthorisationApplication, answer: str | None, form: ReasonForm, request: HttpRequest) -> None:
    reader = reader_of(request)
    words = {"number": found.case_number, "person": found.employment.person}
    if answer == "approve":
        approve_application(application=found, by=reader)
        messages.success(request, _("Application %(number)s is approved. %(person)s is told.") % words)
    elif answer == "return":
        return_application(application=found, comment=form.cleaned_data["reason"], by=reader)
        messages.success(request, _("Application %(number)s is returned to %(person)s.") % words)
    elif answer == "refuse":
        refuse_application(application=found, reason=form.cleaned_data["reason"], by=reader)
        messages.success(request, _("Application %(number)s is refused. %(person)s is told why.") % words)
    else:
        raise Refusal(_("Choose to approve, return or refuse."))


def _decided_for(found: CompletionClaim | AuthorisationApplication) -> str:
    """The manager in whose place it was decided, if a deputy did."""
    return deputised_changes([found.decided_at]).get(found.decided_at, "") if found.decided_at else ""


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Whether the action was carried out; otherwise its sentence is shown on the page."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return False
    return True
