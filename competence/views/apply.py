"""Applying for an ordering right: the form, what it begins with, and what is told beforehand."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from competence.actions.applications import EDITABLE, save_applications, submit_applications
from competence.forms.application import ApplicationForm
from competence.models.authorisation import Authorisation, AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import CustomerNumber
from competence.policy.reasons import Code
from competence.queries.eligibility import current_moment
from competence.queries.employments import employments_held_at
from competence.queries.held import living_authorisations
from competence.queries.rights import RightNow, RightsReader
from competence.steps import ShownStep, steps_of, waiting_of
from competence.views.common import needs_rules, reader_of
from competence.views.my_applications import own_application_or_404, tell_sent
from lms.lib.access import logged_in
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity, User, same_person

Concerns = AuthorisationApplication.Concerns
_ABOUT_THE_RIGHT = {
    Code.NOT_AUTHORISED,
    Code.AUTHORISATION_ENDED,
    Code.AUTHORISATION_INACTIVE,
    Code.AUTHORISATION_NOT_STARTED,
}


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def apply(request: HttpRequest) -> HttpResponse:
    """A new application. `anstallning`, `ratt`, `galler` (new, change, end) and `andra` (the right held) choose
    beforehand."""
    return _form_page(request, None)


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def my_application(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One's own application: to go on with while it is a draft or was returned, else to read."""
    found = own_application_or_404(request, public_id)
    if found.status in EDITABLE:
        return _form_page(request, found)
    is_waiting = found.status == AuthorisationApplication.Status.SUBMITTED
    return render(request, "competence/my_application.html", {"application": found, "can_withdraw": is_waiting})


def _form_page(request: HttpRequest, application: AuthorisationApplication | None) -> HttpResponse:
    reader = reader_of(request)
    moment = current_moment()
    employments = employments_held_at(reader, moment.now)
    rights = RightsReader(list(employments), moment=moment, addresses=True)
    possible = {right.key for employment in rights.employments for right in rights.rights_for(employment)}
    held = [one.pk for one in living_authorisations(rights.employments, rights)]
    options: dict[str, Any] = {
        "held": Authorisation.objects.filter(pk__in=held).select_related("right", "employment__unit") if held else None,
        "numbers": _numbers(rights),
        "employments": employments,
        "rights": OrderingRight.objects.filter(key__in=possible),
        "explanations": _explanations(rights),
    }
    if request.method == "POST":
        is_draft = request.POST.get("action") != "submit"
        form = ApplicationForm(request.POST, is_draft=is_draft, **options)
        if form.is_valid():
            answer = _saved(request, form, application, is_draft)
            if answer is not None:
                return answer
    else:
        form = ApplicationForm(initial=_known(request, reader, rights, application), **options)
    return render(
        request,
        "competence/apply.html",
        {
            "form": form,
            "application": application,
            "has_employment": bool(rights.employments),
            "remaining": _remaining(rights, reader),
            "drafts": _drafts(reader, application),
        },
        status=422 if form.errors else 200,
    )


def _saved(
    request: HttpRequest, form: ApplicationForm, application: AuthorisationApplication | None, is_draft: bool
) -> HttpResponse | None:
    """Save, and send in unless it is to stay a draft. None: something is to be mended, the form says what."""
    reader = reader_of(request)
    problem = _not_possible(form)
    if problem:
        form.add_error("right", problem)
        return None
    try:
        saved = save_applications(
            employment=form.cleaned_data["employment"], by=reader, application=application, values=form.values()
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    if request.POST.get("action") == "preview":
        return redirect("competence:review_application", saved[0].public_id)
    if is_draft:
        words = ngettext("The draft is saved.", "%(count)d drafts are saved, one for each customer number.", len(saved))
        messages.success(request, f"{words % {'count': len(saved)}} {_('Nobody but you sees it.')}")
        return redirect("competence:my_application", saved[0].public_id)
    try:
        submit_applications(applications=saved, by=reader)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        messages.info(request, _("What you have written is saved as a draft."))
        return redirect("competence:my_application", saved[0].public_id)
    tell_sent(request, saved)
    return redirect("competence:my_eligibility")


def _not_possible(form: ApplicationForm) -> str:
    """Why the chosen type cannot be given at the chosen workplace, if so."""
    right, employment = form.cleaned_data.get("right"), form.cleaned_data["employment"]
    if right is None:
        return ""
    rights = RightsReader([employment], moment=current_moment())
    if right.key in {one.key for one in rights.rights_for(employment)}:
        return ""
    return _("This right is not given at %(unit)s.") % {"unit": employment.unit}


def _known(
    request: HttpRequest, reader: User, rights: RightsReader, application: AuthorisationApplication | None
) -> dict[str, Any]:
    """What the form begins with: the draft, else what is known about the person."""
    if application is not None:
        fields = ("concerns", "customer_number", "starts_on", "has_e_invoice", "name", "title", "vgr_id", "email")
        known = {name: getattr(application, name) for name in (*fields, "system_user_id", "hsa_id")}
        right = application.right.key if application.right else ""
        number = application.customer_number
        if CustomerNumber.objects.filter(number=number, unit__in=[e.unit_id for e in rights.employments]).exists():
            known |= {"known_numbers": [number], "customer_number": ""}
        changes = application.changes.public_id if application.changes else None
        return {**known, "employment": application.employment.public_id, "right": right, "changes": changes}
    asked = request.GET.get("anstallning", "")
    employment = next((e for e in rights.employments if str(e.public_id) == asked), None)
    if employment is None:
        employment = rights.employments[0] if rights.employments else None
    identities = list(reader.identities.all())
    own = employment.identity if employment else None
    hsa = own or next((i for i in identities if i.kind == EmployeeIdentity.Kind.HSA_ID), None)
    vgr = next((i for i in identities if i.kind == EmployeeIdentity.Kind.VGR_ID), None)
    earlier = list(
        AuthorisationApplication.objects.filter(same_person(reader, "employment__person"), submitted_at__isnull=False)
        .order_by("-submitted_at")
        .only("title", "email", "vgr_id", "system_user_id", "has_e_invoice")[:20]
    )

    def latest(name: str) -> str:
        return next((value for one in earlier if (value := getattr(one, name))), "")

    asked_for = request.GET.get("galler", "")
    held = request.GET.get("andra", "")
    if asked_for in (Concerns.CHANGE, Concerns.END) and not held:
        living = living_authorisations(rights.employments, rights)
        held = str(living[0].public_id) if len(living) == 1 else ""
    return {
        "employment": employment.public_id if employment else None,
        "right": request.GET.get("ratt", ""),
        "changes": held or None,
        "concerns": asked_for if asked_for in Concerns.values else Concerns.CHANGE if held else Concerns.NEW,
        "name": reader.full_name,
        "title": (employment.title if employment else "") or latest("title"),
        "email": reader.email or latest("email"),
        "hsa_id": hsa.value if hsa else "",
        "vgr_id": vgr.value if vgr else latest("vgr_id"),
        "system_user_id": latest("system_user_id"),
        "has_e_invoice": bool(earlier and earlier[0].has_e_invoice),
    }


def _numbers(rights: RightsReader) -> list[CustomerNumber]:
    """The customer numbers of the reader's workplaces, where some right there is given per number."""
    units = [
        employment.unit_id
        for employment in rights.employments
        if any(right.needs_customer_number for right in rights.rights_for(employment))
    ]
    return list(CustomerNumber.objects.filter(unit__in=units).select_related("unit").order_by("number"))


def _drafts(reader: User, shown: AuthorisationApplication | None) -> list[AuthorisationApplication]:
    """What the reader has begun and not sent in, besides the one on the page."""
    own = AuthorisationApplication.objects.filter(same_person(reader, "employment__person"), status__in=EDITABLE)
    if shown is not None:
        own = own.exclude(pk=shown.pk)
    return list(own.select_related("right", "employment__unit"))


def _explanations(rights: RightsReader) -> dict[str, str]:
    """What a type includes, and whether it is per customer number."""
    found = {}
    for right in rights.rules.rights.values():
        parts = []
        if right.includes:
            titles = [rights.rules.rights[key].title for key in sorted(right.includes)]
            parts.append(_("Includes: %(rights)s.") % {"rights": ", ".join(titles)})
        if right.needs_customer_number:
            parts.append(_("Given per customer number."))
        found[right.key] = " ".join(parts)
    return found


def _remaining(rights: RightsReader, reader: User) -> list[tuple[RightNow, list[ShownStep]]]:
    """For each right: what else remains, so that one knows before one applies. It stops nobody."""
    claims = list(CompletionClaim.objects.filter(same_person(reader)).select_related("course"))
    found = []
    for employment in rights.employments:
        waiting = waiting_of(employment, claims, [])
        for answer in rights.summary(employment):
            steps = steps_of(answer, rights.rules, waiting=waiting)
            about = {step.title for step in answer.explained.missing if step.code in _ABOUT_THE_RIGHT}
            found.append((answer, [step for step in steps if not step.is_done and step.title not in about]))
    return found
