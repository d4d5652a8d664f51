"""Enrolling many at once: everybody at a unit, or with a role."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from competence import api as competence
from courses.actions.assignments import EDIT, Reached, assign_course, reach
from courses.models import Course
from lms.lib.access import requires
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import User

_INDENT = "\u2003"


class AssignForm(forms.Form):
    """Whom it reaches, and by when they are to have finished."""

    unit = forms.ChoiceField(label=gettext_lazy("Everybody who works at"), required=False)
    role = forms.ChoiceField(label=gettext_lazy("and has been appointed"), required=False)
    due_on = forms.DateField(
        label=gettext_lazy("To be finished by"),
        required=False,
        help_text=gettext_lazy("Leave empty when there is no day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = [(key, f"{_INDENT * (depth - 1)}{name}") for key, name, depth in competence.every_unit()]
        cast(forms.ChoiceField, self.fields["unit"]).choices = [("", _("Anywhere")), *units]
        roles = competence.roles_to_choose_from()
        cast(forms.ChoiceField, self.fields["role"]).choices = [("", _("As anything")), *roles]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("unit") and not values.get("role") and not self.errors:
            raise forms.ValidationError(_("Choose a unit, a role, or both."))
        day = values.get("due_on")
        if day is not None and day < local_day(timezone.now()):
            self.add_error("due_on", _("The day has passed. Choose a later one."))
        return values


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, key: str) -> HttpResponse:
    """First how many it concerns, then, when they say so (`confirmed`), the enrolling. Editors see no names, and of few
    people no figures either."""
    course = get_object_or_404(Course, key=key)
    form = AssignForm(request.POST if request.method == "POST" else None)
    reached: Reached | None = None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = form.cleaned_data
            reached = reach(course, unit_key=values["unit"], role_key=values["role"])
            # What was counted is what is done: another choice since, or other people there, is counted anew.
            if request.POST.get("confirmed") == _fingerprint(values, reached) and reached.to_enrol:
                try:
                    new, people = assign_course(
                        course=course,
                        people=reached.to_enrol,
                        due_on=values["due_on"],
                        where=f"{values['unit']}/{values['role']}",
                        by=cast(User, request.user),
                    )
                except Refusal as refusal:
                    form.add_error(None, str(refusal))
                else:
                    if reached.is_small:
                        text = _("They are enrolled. They get an e-mail.")
                    else:
                        text = ngettext(
                            "%(people)d person is to take the course; %(new)d of the places are new. They get an "
                            "e-mail.",
                            "%(people)d people are to take the course; %(new)d of the places are new. They get an "
                            "e-mail.",
                            people,
                        ) % {"people": people, "new": new}
                    messages.success(request, text)
                    return redirect("courses:editor_course", key)
            elif not form.errors:
                status = 200
    context = {
        "course": course,
        "form": form,
        "reached": reached,
        "fingerprint": _fingerprint(form.cleaned_data, reached) if reached and not form.errors else "",
    }
    return render(request, "courses/editor/assign.html", context, status=status)


def _fingerprint(values: dict[str, Any], reached: Reached) -> str:
    content = repr([values["unit"], values["role"], str(values["due_on"]), sorted(reached.to_enrol)])
    return hashlib.sha256(content.encode()).hexdigest()[:32]
