"""A certificate sent in, and the manager's answer to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competence.models.course_reference import CourseReference
from lms.lib.clock import local_day


class DayInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class ClaimForm(forms.Form):
    """A course taken elsewhere. What the file is decides the action, by its first bytes."""

    course = forms.ModelChoiceField(
        CourseReference.objects.filter(is_external=True).order_by("title"),
        to_field_name="key",
        label=_("Which course have you completed?"),
        empty_label=_("Choose a course"),
    )
    completed_on = forms.DateField(
        label=_("When did you complete it?"),
        help_text=_("The date on the certificate."),
        widget=DayInput,
    )
    evidence = forms.FileField(
        label=_("Certificate"),
        help_text=_("A PDF, or a picture (JPEG or PNG), of at most 10 MB. Drop the file here or choose it."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}),
    )
    note = forms.CharField(
        label=_("A word to your manager"),
        required=False,
        max_length=500,
        help_text=_("Write nothing about patients."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["completed_on"].widget.attrs["max"] = local_day(timezone.now()).isoformat()

    def clean_completed_on(self) -> Any:
        day = self.cleaned_data["completed_on"]
        if day > local_day(timezone.now()):
            raise forms.ValidationError(_("The date lies ahead. Enter the date on the certificate."))
        return day


class ReasonForm(forms.Form):
    """A reason or a comment that the person is to read."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: Any, help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].help_text = help_text or _("The person reads this. Write nothing about health.")
