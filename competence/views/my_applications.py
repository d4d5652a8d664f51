"""What one has applied for: looked through before it is sent in, withdrawn, or thrown away."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from competence.actions.applications import (
    EDITABLE,
    delete_draft,
    missing_fields,
    submit_application,
    withdraw_application,
)
from competence.models.authorisation import AuthorisationApplication
from competence.permissions import nearest_managers_of
from competence.queries.applications import what_remains
from competence.views.common import needs_rules, reader_of
from lms.lib.access import logged_in
from lms.lib.errors import Refusal
from lms.users.models import same_person


def own_application_or_404(request: HttpRequest, public_id: uuid.UUID) -> AuthorisationApplication:
    """The reader's own application; another's is as missing."""
    return get_object_or_404(
        AuthorisationApplication.objects.select_related(
            "employment__unit", "employment__person", "right", "changes__right", "decided_by"
        ),
        same_person(reader_of(request), "employment__person"),
        public_id=public_id,
    )


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def review_application(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the manager will see, and what is missing; sent in from here."""
    found = own_application_or_404(request, public_id)
    if found.status not in EDITABLE:
        return redirect("competence:my_application", found.public_id)
    if request.method == "POST":
        try:
            submit_application(application=found, by=reader_of(request))
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("competence:my_application", found.public_id)
        tell_sent(request, [found])
        return redirect("competence:my_eligibility")
    return render(
        request,
        "competence/review_application.html",
        {
            "application": found,
            "missing": missing_fields(found),
            "managers": nearest_managers_of(found.employment.unit, besides=found.employment.person),
            **what_remains(found, for_manager=False),
        },
    )


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take back what nobody has decided. Asks first."""
    found = own_application_or_404(request, public_id)
    if found.status != AuthorisationApplication.Status.SUBMITTED:
        messages.info(request, _("Application %(number)s waits for no decision.") % {"number": found.case_number})
        return redirect("competence:my_application", found.public_id)
    if request.method == "POST":
        try:
            withdraw_application(application=found, by=reader_of(request))
            messages.success(request, _("Application %(number)s is withdrawn.") % {"number": found.case_number})
        except Refusal as refusal:  # decided meanwhile
            messages.error(request, str(refusal))
        return redirect("competence:my_application", found.public_id)
    return render(request, "competence/withdraw_application.html", {"application": found})


@logged_in
@require_POST
def delete_application(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Throw one's own draft away."""
    found = own_application_or_404(request, public_id)
    number = found.case_number
    try:
        delete_draft(application=found, by=reader_of(request))
        messages.success(request, _("The draft %(number)s is deleted.") % {"number": number})
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("competence:apply")


def tell_sent(request: HttpRequest, applications: Sequence[AuthorisationApplication]) -> None:
    """Say that they have been sent in, and what happens now."""
    words = ngettext(
        "Application %(numbers)s has been sent in. You are told when your manager has decided.",
        "Applications %(numbers)s have been sent in. You are told when your manager has decided.",
        len(applications),
    )
    messages.success(request, words % {"numbers": ", ".join(one.case_number for one in applications)})
