"""webSesam's application form (behörighetsansökan), also used for SesamLMN."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from competence.models.authorisation import Authorisation, AuthorisationApplication
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from competence.models.organisation_unit import CustomerNumber
from lms.lib.clock import local_day

SIX_DIGITS = re.compile(r"[0-9]{6}")


class RightChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The types, each with what it means. `explanations` by the right's key."""

    explanations: dict[str, str]

    def label_from_instance(self, obj: Any) -> str:
        explanation = getattr(self, "explanations", {}).get(obj.key, "")
        return f"{obj.title}. {explanation}" if explanation else str(obj.title)


class EmploymentChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title}, {obj.unit}" if obj.title else str(obj.unit)


class HeldChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A right that is held, with the workplace and since when."""

    def label_from_instance(self, obj: Any) -> str:
        number = f" ({obj.customer_number})" if obj.customer_number else ""
        return f"{obj.right}{number}, {obj.employment.unit}"


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
    changes = HeldChoiceField(
        Authorisation.objects.none(),
        to_field_name="public_id",
        label=_("Which of your rights is to be changed or ended?"),
        widget=forms.RadioSelect,
        empty_label=None,
        help_text=_("Only for a change or an end. A new right leaves this open."),
    )
    right = RightChoiceField(
        OrderingRight.objects.none(),
        to_field_name="key",
        label=_("Type"),
        widget=forms.RadioSelect,
        empty_label=None,
        help_text=_("Exactly one. Do you need two? Send in one application for each."),
    )
    known_numbers = forms.MultipleChoiceField(
        label=_("Customer number at your workplace"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For SesamLMN only. Each number that you choose becomes an application of its own."),
    )
    customer_number = forms.CharField(
        label=_("Other customer number"),
        max_length=80,
        help_text=_("Six digits, for SesamLMN only. Several: with a space or a comma between."),
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
        held: Any,
        numbers: list[CustomerNumber],
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer(held, numbers)
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

    def _offer(self, held: Any, numbers: list[CustomerNumber]) -> None:
        """Leave out the questions that have no answer: nothing held, no known customer number."""
        changes, known = self.fields["changes"], self.fields["known_numbers"]
        if isinstance(changes, HeldChoiceField) and held:
            changes.queryset = held
        else:
            del self.fields["changes"]
        if isinstance(known, forms.MultipleChoiceField) and numbers:
            known.choices = [(one.number, f"{one.number}, {one.unit}") for one in numbers]
        else:
            del self.fields["known_numbers"]
            self.fields["customer_number"].label = _("Customer number")

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        concerns, changes = self.cleaned_data.get("concerns"), self.cleaned_data.get("changes")
        if concerns == AuthorisationApplication.Concerns.END and changes is not None:
            self.errors.pop("right", None)  # what ends says itself which type it is
            self.cleaned_data["right"] = changes.right
        if self._asks_what_changes(concerns) and changes is None:
            self.add_error("changes", _("Choose which of your rights it concerns."))
        if len(self.numbers()) > 1 and concerns != AuthorisationApplication.Concerns.NEW:
            self.add_error("customer_number", _("A change or an end concerns one customer number at a time."))
        if any(number and not SIX_DIGITS.fullmatch(number) for number in self.numbers()):
            self.add_error("customer_number", _("A customer number has six digits."))
        return values

    def _asks_what_changes(self, concerns: str | None) -> bool:
        return (
            "changes" in self.fields
            and self.data.get("action") == "submit"
            and concerns == AuthorisationApplication.Concerns.CHANGE
        )

    def numbers(self) -> list[str]:
        """The customer numbers that were chosen or written, each once. Without any: one empty."""
        written = self.cleaned_data.get("customer_number", "").replace(",", " ").replace(";", " ").split()
        return list(dict.fromkeys([*self.cleaned_data.get("known_numbers", []), *written])) or [""]

    def values(self) -> list[dict[str, Any]]:
        """The fields for `competence.actions.applications.save_application`, once for each customer number."""
        leave = {"employment", "known_numbers", "customer_number"}
        found = {name: value for name, value in self.cleaned_data.items() if name not in leave}
        found["concerns"] = found["concerns"] or AuthorisationApplication.Concerns.NEW
        found["hsa_id"] = found["hsa_id"].strip()
        return [{**found, "customer_number": number} for number in self.numbers()]
