"""Registering a course taken elsewhere."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from competence.actions.completions import claim_completion as claim_it
from competence.forms.claims import ClaimForm
from competence.views.common import reader_of
from lms.lib.access import logged_in
from lms.lib.clock import day_starts_at
from lms.lib.errors import Refusal


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def claim_completion(request: HttpRequest) -> HttpResponse:
    """The form, and what is sent in by it. `kurs`: the key of the course to choose beforehand."""
    form = ClaimForm(request.POST or None, request.FILES or None, initial={"course": request.GET.get("kurs", "")})
    if request.method == "POST" and form.is_valid() and _sent_in(request, form):
        messages.success(
            request, _("The certificate has been sent in. You are told when your manager has looked at it.")
        )
        return redirect("competence:my_eligibility")
    status = 422 if form.is_bound else 200
    return render(request, "competence/claim_completion.html", {"form": form}, status=status)


def _sent_in(request: HttpRequest, form: ClaimForm) -> bool:
    reader = reader_of(request)
    values: dict[str, Any] = form.cleaned_data
    try:
        claim_it(
            person=reader,
            course_key=values["course"].key,
            completed_at=day_starts_at(values["completed_on"]),
            evidence=values["evidence"],
            note=values["note"],
            by=reader,
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
