"""The time machine: what the answer was, or will be, at any date, as known then and as known now."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from competence.forms.people import FindPersonForm
from competence.forms.time_machine import TimeMachineForm
from competence.models.employment import Employment
from competence.queries.eligibility import current_moment, person_with_hsa_id
from competence.queries.time_machine import look
from competence.views.common import managed_units_or_404, reader_of
from competence.views.member import employment_or_404
from lms.audit.api import record_look_up
from lms.lib.access import logged_in, requires
from lms.lib.clock import STOCKHOLM
from lms.users.models import User, same_person


@logged_in
@require_safe
def my_time_machine(request: HttpRequest) -> HttpResponse:
    """The reader's own."""
    reader = reader_of(request)
    return _show(
        request,
        reader,
        Employment.objects.filter(same_person(reader)),
        back=(reverse("competence:my_eligibility"), _("My eligibility")),
        addresses=True,
    )


@logged_in
@require_safe
def member_time_machine(request: HttpRequest, employment_id: uuid.UUID) -> HttpResponse:
    """A member of the reader's team, in the employment there. The look-up is noted."""
    employment = employment_or_404(managed_units_or_404(request), employment_id)
    record_look_up(
        "view_time_machine",
        by=reader_of(request),
        person=employment.person,
        subject=f"employment:{employment.public_id}",
    )
    return _show(
        request,
        employment.person,
        Employment.objects.filter(pk=employment.pk),
        back=(reverse("competence:member", args=[employment.public_id]), str(employment.person)),
        within=employment,
    )


@requires("competence.view_any_history")
@require_http_methods(["GET", "HEAD", "POST"])
def find_person(request: HttpRequest) -> HttpResponse:
    """Find somebody by HSA-ID, for those who answer questions about anybody's eligibility, and say what for."""
    form = FindPersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = person_with_hsa_id(form.cleaned_data["hsa_id"])
        if person is not None:
            record_look_up(
                "view_time_machine", by=reader_of(request), person=person, purpose=form.cleaned_data["purpose"]
            )
            return redirect("competence:person_time_machine", person.public_id)
        form.add_error("hsa_id", _("Nobody with this HSA-ID is known here. Check that it is written correctly."))
    return render(request, "competence/find_person.html", {"form": form}, status=422 if form.is_bound else 200)


@requires("competence.view_any_history")
@require_safe
def person_time_machine(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Anybody, for those who answer questions about anybody's eligibility. The look-up is noted."""
    person = get_object_or_404(User, public_id=public_id)
    record_look_up("view_time_machine", by=reader_of(request), person=person)
    return _show(
        request,
        person,
        Employment.objects.filter(same_person(person)),
        back=(reverse("competence:find_person"), _("Look somebody up")),
    )


def _show(
    request: HttpRequest,
    person: User,
    employments: QuerySet[Employment],
    *,
    back: tuple[str, str],
    within: Employment | None = None,
    addresses: bool = False,
) -> HttpResponse:
    moment = current_moment()
    form = TimeMachineForm(_asked(request, moment.now))
    view: Any = None
    if form.is_valid():
        view = look(
            person,
            employments,
            valid_at=form.valid_at(moment.now),
            known_at=form.known_at(),
            moment=moment,
            within=within,
            addresses=addresses,
        )
    return render(
        request,
        "competence/time_machine.html",
        {
            "form": form,
            "view": view,
            "person": person,
            "is_own": addresses,
            "is_now": view is not None and view.valid_at == moment.now,
            "back_url": back[0],
            "back_text": back[1],
        },
        status=200 if view else 422,
    )


def _asked(request: HttpRequest, now: datetime) -> dict[str, str]:
    """What is asked for; at the first visit the fields show today."""
    if request.GET:
        return {name: request.GET.get(name, "") for name in ("dag", "tid", "kant")}
    local = now.astimezone(STOCKHOLM)
    return {"dag": f"{local:%Y-%m-%d}", "tid": f"{local:%H:%M}", "kant": ""}
