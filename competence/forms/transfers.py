"""The transfer list: what to show, the day on which something was carried out, and why a mark is taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from competence.models.ordering_system import OrderingSystem
from competence.queries.transfers import KINDS
from lms.lib.clock import local_day
from lms.users.models import EmployeeIdentity, User, fold_identifier


class TransferFilter(forms.Form):
    """Sent by GET. Nothing is required; an unknown choice is left out."""

    sok = forms.CharField(label=_("Name or HSA-ID"), required=False, max_length=100)
    system = forms.ChoiceField(label=_("Ordering system"), required=False)
    vad = forms.ChoiceField(label=_("What has happened"), required=False)
    visa = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, systems: list[OrderingSystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        system, kind = self.fields["system"], self.fields["vad"]
        if isinstance(system, forms.ChoiceField) and isinstance(kind, forms.ChoiceField):
            system.choices = [("", _("All")), *((one.key, one.name) for one in systems)]
            kind.choices = [("", _("All")), *KINDS.items()]

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what is not among the choices."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CarriedOutForm(forms.Form):
    carried_out_on = forms.DateField(
        label=_("When was it carried out in the ordering system?"),
        widget=DayInput,
        initial=lambda: local_day(timezone.now()),
    )


class AssignForm(forms.Form):
    """Who is to administer which ordering system."""

    person = forms.CharField(label=_("HSA-ID or user name"), max_length=150)
    system = forms.ModelChoiceField(
        OrderingSystem.objects.all(), to_field_name="key", label=_("Ordering system"), empty_label=None
    )
    ends_on = forms.DateField(label=_("Until and including"), required=False, widget=DayInput)

    def clean_person(self) -> User:
        """The person meant, by the identifier that an administrator knows."""
        asked = self.cleaned_data["person"].strip()
        identity = EmployeeIdentity.objects.filter(folded_value=fold_identifier(asked)).select_related("person").first()
        person = identity.person if identity else User.objects.filter(username=asked).first()
        if person is None or not person.is_active:
            raise forms.ValidationError(_("There is nobody with that HSA-ID or user name."))
        return person
