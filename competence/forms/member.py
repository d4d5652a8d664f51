"""What a manager decides about a member of the team: one form for each decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from competence.models.appointment import LevelDecision
from lms.lib.clock import local_day

Choices = list[tuple[str, str]]


class DecisionForm(forms.Form):
    """A decision with the choices that the rules in force and the person's facts leave."""

    choice_field = ""

    def __init__(self, *args: Any, choices: Choices | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.choice_field:
            field = self.fields[self.choice_field]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices or []


class PeriodForm(DecisionForm):
    """From a first day until, perhaps, a last one; both included."""

    starts_on = forms.DateField(label=_("From"), widget=DayInput, initial=lambda: local_day(timezone.now()))
    ends_on = forms.DateField(
        label=_("Until and including"),
        required=False,
        widget=DayInput,
        help_text=_("Leave empty if no end is decided."),
    )

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        return values


class AppointForm(PeriodForm):
    choice_field = "role"
    role = forms.ChoiceField(label=_("Area"), widget=forms.RadioSelect)
    field_order = ("role", "starts_on", "ends_on")


class LevelForm(DecisionForm):
    choice_field = "role"
    level = forms.ChoiceField(
        label=_("How much of the national course does the person need?"),
        widget=forms.RadioSelect,
        choices=LevelDecision.Level.choices,
        help_text=_("The basic level is the first part only, about 45 minutes. You attest it afterwards."),
    )
    role = forms.ChoiceField(label=_("For which area?"), required=False)


class AttestForm(PeriodForm):
    choice_field = "attestation"
    attestation = forms.ChoiceField(label=_("What do you attest?"), widget=forms.RadioSelect)
    field_order = ("attestation", "starts_on", "ends_on")


class GrantForm(PeriodForm):
    choice_field = "right"
    right = forms.ChoiceField(label=_("Ordering right"), widget=forms.RadioSelect)
    customer_number = forms.CharField(
        label=_("Customer number"),
        required=False,
        max_length=6,
        help_text=_("Six digits. Only for rights that are given per customer number (SesamLMN)."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ("right", "customer_number", "starts_on", "ends_on")


class RevokeForm(DecisionForm):
    choice_field = "what"
    what = forms.ChoiceField(label=_("What do you revoke?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The person reads this. Write nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ExemptForm(PeriodForm):
    choice_field = "requirement"
    requirement = forms.ChoiceField(label=_("Which requirement need the person not meet?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The person reads this. Write nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("requirement", "reason", "starts_on", "ends_on")


class EndForm(DecisionForm):
    choice_field = "what"
    what = forms.ChoiceField(label=_("What ends?"), widget=forms.RadioSelect)
    last_day = forms.DateField(label=_("Last day"), widget=DayInput, initial=lambda: local_day(timezone.now()))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("The person reads this. Write nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CorrectForm(DecisionForm):
    choice_field = "what"
    what = forms.ChoiceField(label=_("What was recorded in error?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("What was wrong?"),
        max_length=500,
        help_text=_("The person reads this. Write nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LeaveForm(PeriodForm):
    """Leave. Why somebody is on leave is not asked."""


class ReturnForm(DecisionForm):
    back_on = forms.DateField(label=_("Back from"), widget=DayInput, initial=lambda: local_day(timezone.now()))
