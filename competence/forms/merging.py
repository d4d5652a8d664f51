"""Finding people's records, and changing what they are known as."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.users.models import EmployeeIdentity, User, fold_identifier


class FindForm(forms.Form):
    """Sent by GET."""

    sok = forms.CharField(label=_("Name, HSA-ID or VGR-ID"), required=False, max_length=100)
    med = forms.CharField(required=False, widget=forms.HiddenInput)

    def asked(self) -> str:
        """What is looked for; at least two characters, or nothing."""
        self.is_valid()
        text = str(self.cleaned_data.get("sok", "")).strip()
        return text if len(text) > 1 else ""


class IdentityForm(forms.Form):
    """What is to be done to `identity`, and why."""

    REPLACE = ("replace", _("The employer has given the person a new identifier instead of this one"))
    SEPARATE = ("separate", _("This one does not replace an earlier one after all"))
    MOVE = ("move", _("It was given to the wrong person"))

    what = forms.ChoiceField(label=_("What has happened?"), widget=forms.RadioSelect)
    value = forms.CharField(label=_("The new identifier"), required=False, max_length=64)
    to = forms.CharField(
        label=_("An identifier, or the user name, of the right person"), required=False, max_length=150
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("It is kept on record. Write nothing about health."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, identity: EmployeeIdentity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what = self.fields["what"]
        if isinstance(what, forms.ChoiceField):
            what.choices = [self.REPLACE, self.SEPARATE] if identity.line else [self.REPLACE, self.MOVE]

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        what = self.cleaned_data.get("what")
        if what == "replace" and not self.cleaned_data.get("value"):
            self.add_error("value", _("Enter the new identifier."))
        if what == "move":
            asked = self.cleaned_data.get("to", "").strip()
            found = EmployeeIdentity.objects.filter(folded_value=fold_identifier(asked)).select_related("person")
            identity = found.first() if asked else None
            person = identity.person if identity else User.objects.filter(username=asked).first()
            if person is None:
                self.add_error("to", _("There is nobody with that HSA-ID or user name."))
            self.cleaned_data["to"] = person
        return values
