"""Who administers which ordering system: seen and decided by an administrator."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from competence.actions.transfers import assign_system_administrator, end_system_administrator
from competence.forms.transfers import AssignForm
from competence.queries.eligibility import current_moment
from competence.system_permissions import current_system_administrators
from competence.views.common import reader_of
from lms.lib.access import requires
from lms.lib.errors import Refusal


@requires("competence.assign_system_administrators")
@require_http_methods(["GET", "HEAD", "POST"])
def system_administrators(request: HttpRequest) -> HttpResponse:
    """Those who administer something today, and a form for one more."""
    form = AssignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            assign_system_administrator(
                person=values["person"], system=values["system"], ends_on=values["ends_on"], by=reader_of(request)
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            words = {"person": values["person"], "system": values["system"]}
            messages.success(request, _("%(person)s now administers %(system)s.") % words)
            return redirect("competence:system_administrators")
    current = current_system_administrators(current_moment().now).select_related("person", "system", "recorded_by")
    return render(
        request,
        "competence/system_administrators.html",
        {"assignments": current.order_by("system__key", "person__last_name"), "form": form},
        status=422 if form.errors else 200,
    )


@requires("competence.assign_system_administrators")
@require_POST
def end_administrator(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The person no longer administers the system, at once."""
    found = get_object_or_404(current_system_administrators(current_moment().now), public_id=public_id)
    end_system_administrator(assignment=found, by=reader_of(request))
    words = {"person": found.person, "system": found.system}
    messages.success(request, _("%(person)s no longer administers %(system)s.") % words)
    return redirect("competence:system_administrators")
