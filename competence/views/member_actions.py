"""A manager's decisions about a member of the team: a page each, that says what follows before it is done."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from competence.forms.member import Choices, DecisionForm
from competence.models.employment import Employment
from competence.queries.eligibility import current_moment
from competence.queries.employments import current_employments
from competence.queries.rights import RightsReader
from competence.views.common import needs_rules, reach_or_404, reader_of
from competence.views.decision import Decision
from competence.views.member import employment_or_404
from competence.views.member_decisions import DECISIONS
from lms.lib.access import logged_in
from lms.lib.errors import Refusal
from lms.users.models import User


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
@needs_rules
def member_action(request: HttpRequest, employment_id: uuid.UUID, action: str) -> HttpResponse:
    """The form of one decision; sent in, it is carried out. Nobody decides about themselves (403)."""
    reader = reader_of(request)
    reach = reach_or_404(request)
    employment = employment_or_404(reach.units(), employment_id)
    decision = DECISIONS.get(action)
    if decision is None:
        raise Http404
    if not reach.decides_about(employment):
        raise PermissionDenied("decide about this employment")
    moment = current_moment()
    if not current_employments(moment.now).filter(pk=employment.pk).exists():
        raise PermissionDenied("decide about an employment that is over")
    choices = decision.choices(RightsReader([employment], moment=moment), employment) if decision.choices else None
    form = _form(request, decision, choices)
    if request.method == "POST" and form.is_valid() and _carried_out(decision, employment, form, reader):
        messages.success(request, decision.done % {"person": employment.person})
        return redirect("competence:member", employment.public_id)
    return render(
        request,
        "competence/member_action.html",
        {
            "employment": employment,
            "person": employment.person,
            "decision": decision,
            "form": form,
            "has_choice": choices is None or bool(choices),
        },
        status=422 if form.is_bound else 200,
    )


def _form(request: HttpRequest, decision: Decision, choices: Choices | None) -> DecisionForm:
    chosen = request.GET.get(decision.preset, "") if decision.preset else ""
    if not chosen and choices and len(choices) == 1:
        chosen = choices[0][0]
    initial = {decision.form.choice_field: chosen} if chosen else None
    data = request.POST if request.method == "POST" else None
    return decision.form(data, choices=choices, initial=initial)


def _carried_out(decision: Decision, employment: Employment, form: DecisionForm, by: User) -> bool:
    try:
        decision.carry_out(employment, form.cleaned_data, by)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
