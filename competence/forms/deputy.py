"""Who is to stand in, where, and for which days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from competence.models.organisation_unit import OrganisationUnit
from lms.lib.clock import local_day


class FindForm(forms.Form):
    """Sent by GET: whom to look for."""

    sok = forms.CharField(
        label=_("Whom do you want to stand in for you?"),
        max_length=100,
        help_text=_(
            "A part of the name is enough for those at your own units. For others at the same principal, write the "
            "whole name, the e-mail address or the HSA-ID."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DeputyForm(forms.Form):
    """One unit (with all below) and a first and a last day."""

    unit = forms.ChoiceField(label=_("At which unit?"), help_text=_("All units below it are included."))
    starts_on = forms.DateField(label=_("From"), widget=DayInput, initial=lambda: local_day(timezone.now()))
    ends_on = forms.DateField(
        label=_("Until and including"), widget=DayInput, help_text=_("At most twelve months at a time.")
    )

    def __init__(self, *args: Any, units: list[OrganisationUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        top = min((unit.depth for unit in units), default=0)
        field.choices = [(str(unit.public_id), f"{'– ' * (unit.depth - top)}{unit.name}") for unit in units]

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        first, last = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        return values
