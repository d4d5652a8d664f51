"""Forms of those who write the rules."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from competence.imports.rule_files import decoded
from competence.models.requirement import RuleSetVersion
from lms.lib.clock import STOCKHOLM
from lms.lib.errors import Refusal


class _DocumentFile(forms.FileField):
    """An uploaded rule document, as text."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if not file:
            return ""
        try:
            return decoded(file.read())
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class NewDraftForm(forms.Form):
    """Where a draft begins: a published version, or a file."""

    title = forms.CharField(
        max_length=200,
        label=_("Name of the draft"),
        help_text=_("What the change is about. The versions’ reviewers see it."),
    )
    version = forms.ModelChoiceField(
        RuleSetVersion.objects.order_by("-in_force_from", "-version"),
        to_field_name="version",
        required=False,
        label=_("Begin with version"),
        empty_label=None,
    )
    file = _DocumentFile(
        required=False,
        label=_("Or with a file"),
        help_text=_("A rule document in YAML. A file takes precedence over the version."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/yaml,application/yaml"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("version") and not data.get("file") and not self.errors:
            raise forms.ValidationError(_("Choose a version or a file to begin with."))
        return data


class DraftForm(forms.Form):
    """The draft's text. `number` is the state that it was written on top of."""

    title = forms.CharField(max_length=200, label=_("Name of the draft"))
    text = forms.CharField(
        label=_("The rules"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 30, "class": "ds-input code", "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}
        ),
    )
    file = _DocumentFile(
        required=False,
        label=_("Replace the text with a file"),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/yaml,application/yaml"}),
    )
    number = forms.IntegerField(widget=forms.HiddenInput)


class WhenForm(forms.Form):
    """An instant in local time. No day: at once."""

    day = forms.DateField(required=False, label=_("From the day"), help_text=_("Empty: at once."), widget=DayInput)
    time = forms.TimeField(
        required=False,
        label=_("At"),
        help_text=_("Empty: at midnight, when the day begins."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def instant(self) -> datetime | None:
        """The instant that was chosen; None: at once."""
        day: date | None = self.cleaned_data.get("day")
        if day is None:
            return None
        return datetime.combine(day, self.cleaned_data.get("time") or time.min, STOCKHOLM)


class SimulationForm(WhenForm):
    """When the draft is to take effect, and how far to look."""

    horizon = forms.IntegerField(
        min_value=1,
        max_value=1096,
        initial=365,
        label=_("Look so many days ahead"),
        help_text=_("At most three years."),
    )


class PublishForm(WhenForm):
    """When, and why. Back-dating needs a reason; a reason never hurts."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        label=_("Reason"),
        help_text=_("Shown among the versions. Obligatory for a time that has passed."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    number = forms.IntegerField(widget=forms.HiddenInput)
