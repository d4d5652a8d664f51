"""Machine clients: what one may do, for how long its earlier secret works, and which look-ups to show."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from competence.actions.client_secrets import OVERLAP
from competence.forms.claims import DayInput
from competence.models.machine_client import Scope
from competence.models.ordering_system import OrderingSystem
from competence.models.organisation_unit import PrincipalKind
from lms.lib.clock import local_day
from lms.users.models import fold_identifier

_DAY = 24
OVERLAP_HOURS = (1, 8, _DAY, OVERLAP // timedelta(hours=1), 14 * _DAY, 30 * _DAY, 90 * _DAY)


def _words(hours: int) -> Any:
    """So many hours, in days where they are whole days."""
    if hours % _DAY:
        return ngettext_lazy("%d hour", "%d hours", hours) % hours
    return ngettext_lazy("%d day", "%d days", hours // _DAY) % (hours // _DAY)


class ClientForm(forms.Form):
    """A new client, or what one may do from now on."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What people call the system."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    systems = forms.ModelMultipleChoiceField(
        OrderingSystem.objects.order_by("name"),
        label=_("Ordering systems whose rights it may ask about"),
        to_field_name="key",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    principal_kinds = forms.MultipleChoiceField(
        label=_("Whose people it may see"),
        help_text=_("None chosen: everybody’s."),
        choices=PrincipalKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def binding(self) -> dict[str, Any]:
        """What the actions take."""
        values = self.cleaned_data
        return {**values, "systems": [system.key for system in values["systems"]]}


class RotateForm(forms.Form):
    """How long the earlier secret goes on working."""

    overlap = forms.TypedChoiceField(
        label=_("How long does the earlier secret go on working?"),
        coerce=int,
        initial=OVERLAP // timedelta(hours=1),
        choices=[
            *((hours, _words(hours)) for hours in OVERLAP_HOURS),
            (0, _("Not at all: it has leaked. All access tokens are revoked, too.")),
        ],
        widget=forms.RadioSelect,
    )

    def length(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["overlap"])


class LookUpFilter(forms.Form):
    """One day's look-ups. Sent by GET; what is wrong is left out."""

    dag = forms.DateField(label=_("Day"), required=False, widget=DayInput)
    hsa_id = forms.CharField(label=_("HSA-ID"), required=False, max_length=64)

    def day(self) -> date:
        """The day to show: today unless said."""
        self.is_valid()
        found = self.cleaned_data.get("dag")
        return found if isinstance(found, date) else local_day(timezone.now())

    def folded_hsa_id(self) -> str:
        self.is_valid()
        return fold_identifier(self.cleaned_data.get("hsa_id", ""))
