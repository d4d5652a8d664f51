"""Telling of a change, and seeing to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.forms.application import EmploymentChoiceField
from competence.forms.claims import DayInput
from competence.models.change_report import ChangeReport
from competence.models.employment import Employment
from lms.lib.clock import local_day


class ChangeReportForm(forms.Form):
    """What changes, from when, and where one works now."""

    employment = EmploymentChoiceField(
        Employment.objects.none(),
        to_field_name="public_id",
        label=_("Workplace"),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    kind = forms.ChoiceField(label=_("What changes?"), choices=ChangeReport.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("To what?"), max_length=300, help_text=_("The new name, workplace or title. Nothing about health.")
    )
    starts_on = forms.DateField(label=_("From"), widget=DayInput, initial=lambda: local_day(timezone.now()))

    def __init__(self, *args: Any, employments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["employment"]
        if isinstance(field, EmploymentChoiceField):
            field.queryset = employments


class HandledForm(forms.Form):
    comment = forms.CharField(
        label=_("A word to the person"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
