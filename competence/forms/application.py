"""webSesam's application form (behörighetsansökan), also used for SesamLMN."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from competence.models.authorisation import AuthorisationApplication
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from lms.lib.clock import local_day


class RightChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The types, each with what it means. `explanations` by the right's key."""

    explanations: dict[str, str]

    def label_from_instance(self, obj: Any) -> str:
        explanation = getattr(self, "explanations", {}).get(obj.key, "")
        return f"{obj.title}. {explanation}" if explanation else str(obj.title)


class EmploymentChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title}, {obj.unit}" if obj.title else str(obj.unit)


class ApplicationForm(forms.Form):
    """A draft may lack anything; sending in asks for the rest (`competence.actions.applications`)."""

    REQUIRED: ClassVar = ("right", "starts_on", "name", "title", "email", "hsa_id")

    employment = EmploymentChoiceField(
        Employment.objects.none(),
        to_field_name="public_id",
        label=_("Workplace"),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    concerns = forms.ChoiceField(
        label=_("The application is for"),
        choices=AuthorisationApplication.Concerns.choices,
        widget=forms.RadioSelect,
        initial=AuthorisationApplication.Concerns.NEW,
    )
    right = RightChoiceField(
        OrderingRight.objects.none(),
        to_field_name="key",
        label=_("Type"),
        widget=forms.RadioSelect,
        empty_label=None,
        help_text=_("Exactly one. Do you need two? Send in one application for each."),
    )
    customer_number = forms.CharField(
        label=_("Customer number"),
        max_length=6,
        help_text=_("Six digits, for SesamLMN only: your unit’s number at Läkemedelsnära produkter."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    starts_on = forms.DateField(label=_("Start date"), widget=DayInput)
    has_e_invoice = forms.BooleanField(label=_("I need access to eFaktura"), required=False)
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    title = forms.CharField(
        label=_("Title"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization-title"})
    )
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    hsa_id = forms.CharField(
        label=_("HSA-ID"),
        max_length=64,
        help_text=_("Such as SE2321000131-E000000000001. It is on your e-service card."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    vgr_id = forms.CharField(label=_("VGR-ID"), max_length=64, help_text=_("If you work for the region."))
    system_user_id = forms.CharField(
        label=_("Existing user id in the ordering system"), max_length=64, help_text=_("If you have had one.")
    )

    def __init__(
        self,
        *args: Any,
        employments: Any,
        rights: Any,
        explanations: dict[str, str],
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # A draft is saved as it is; the labels still say what is needed in the end.
            field.required = name == "employment" or (name in self.REQUIRED and not is_draft)
        employment, right = self.fields["employment"], self.fields["right"]
        if isinstance(employment, EmploymentChoiceField):
            employment.queryset = employments
        if isinstance(right, RightChoiceField):
            right.queryset = rights
            right.explanations = explanations
        self.fields["concerns"].required = not is_draft
        self.fields["starts_on"].initial = local_day(timezone.now())

    def values(self) -> dict[str, Any]:
        """The fields for `competence.actions.applications.save_application`."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "employment"}
        found["concerns"] = found["concerns"] or AuthorisationApplication.Concerns.NEW
        found["hsa_id"] = found["hsa_id"].strip()
        return found
