"""Ersättare: who stands in for the manager, whom one stands in for, and the way to ask somebody."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence.actions.deputies import appoint_deputy, can_end_deputy, end_deputy
from competence.forms.deputy import DeputyForm, FindForm
from competence.models.deputy import DeputyAssignment
from competence.queries.deputies import (
    Candidate,
    candidates_for,
    deputies_of,
    own_assignments,
    stands_in_for,
    units_to_hand_over,
)
from competence.queries.eligibility import current_moment
from competence.queries.waiting import count_waiting
from competence.views.common import reach_or_404, reader_of
from lms.audit.api import record_look_ups
from lms.lib.access import logged_in
from lms.lib.errors import Refusal


@logged_in
@require_safe
def deputies(request: HttpRequest) -> HttpResponse:
    """The reader's deputies, and for whom the reader is one. `sok`: candidates with that name, e-mail or HSA-ID."""
    reach = reach_or_404(request)
    reader = reader_of(request)
    moment = current_moment()
    assignments = own_assignments(reader)
    term = request.GET.get("sok", "")[:100]
    found = candidates_for(assignments, term, reader)
    others = [one.person for one in found if not one.is_colleague]
    if others:
        record_look_ups("find_deputy", by=reader, people=others)
    return render(
        request,
        "competence/deputies.html",
        {
            "assignments": assignments,
            "deputies": deputies_of(assignments, moment.now),
            "stands_in": stands_in_for(reader),
            "form": FindForm(request.GET if term else None),
            "term": term,
            "found": found,
            "waiting": count_waiting(reach, moment.now),
        },
    )


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def deputy_new(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """Make the person, found by `sok`, a deputy. Who is not among those found is not there: an address finds nobody."""
    reach_or_404(request)
    reader = reader_of(request)
    assignments = own_assignments(reader)
    term = (request.POST.get("sok") or request.GET.get("sok") or "")[:100]
    chosen = _chosen(candidates_for(assignments, term, reader), person_id)
    units = units_to_hand_over(assignments)
    form = DeputyForm(
        request.POST if request.method == "POST" else None,
        units=[unit for unit, _assignment in units],
        initial={"unit": str(units[0][0].public_id)} if units else None,
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        unit, assignment = next(pair for pair in units if str(pair[0].public_id) == values["unit"])
        try:
            appoint_deputy(
                assignment=assignment,
                person=chosen.person,
                unit=unit,
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                by=reader,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(person)s is your deputy.") % {"person": chosen.person})
            return redirect("competence:deputies")
    return render(
        request,
        "competence/deputy_new.html",
        {"form": form, "chosen": chosen, "term": term},
        status=422 if form.is_bound else 200,
    )


@logged_in
@require_POST
def deputy_end(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """End it at once: by the manager, the deputy, or who manages the unit. To others it is not there."""
    reach_or_404(request)
    reader = reader_of(request)
    found = get_object_or_404(
        DeputyAssignment.objects.select_related("person", "unit", "manager_assignment__person"), public_id=public_id
    )
    if not can_end_deputy(reader, found):
        raise Http404
    try:
        end_deputy(deputy=found, by=reader)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(person)s is no longer a deputy.") % {"person": found.person})
    # Who has laid down their only task as a deputy has no team page any more.
    return redirect("competence:my_eligibility" if found.person_id == reader.pk else "competence:deputies")


def _chosen(found: list[Candidate], person_id: uuid.UUID) -> Candidate:
    for one in found:
        if one.person.public_id == person_id:
            return one
    raise Http404
