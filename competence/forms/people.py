"""Finding one person."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class FindPersonForm(forms.Form):
    """By HSA-ID, whole: there is no searching through people. The purpose is kept with the look-up."""

    hsa_id = forms.CharField(
        label=_("HSA-ID"),
        max_length=31,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = forms.CharField(
        label=_("Why do you look the person up?"),
        max_length=200,
        help_text=_("For instance a case number. The person can see that you have looked."),
    )
