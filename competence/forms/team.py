"""What a team can be filtered by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competence.policy.rules import Right


class TeamFilter(forms.Form):
    """Sent by GET. Nothing is required; an unknown choice is left out."""

    sok = forms.CharField(label=_("Name"), required=False, max_length=100)
    ratt = forms.ChoiceField(label=_("Right"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All")),
            ("allowed", _("May order")),
            ("allowed_with_warning", _("May order, with a recommendation")),
            ("denied", _("May not order")),
            ("30", _("Expires within 30 days")),
            ("60", _("Expires within 60 days")),
            ("90", _("Expires within 90 days")),
            ("leave", _("On leave")),
            ("waiting", _("Waits for me")),
        ],
    )
    visa = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rights: list[Right], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All")), *((right.key, right.title) for right in rights)]
        field = self.fields["ratt"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = choices

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what is not among the choices."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
