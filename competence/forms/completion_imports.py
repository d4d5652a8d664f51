"""A list of completions to take in, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competence.imports.completions.columns import TITLES, Column
from competence.models.course_reference import CourseReference


class ImportForm(forms.Form):
    """The file, whose it is, and the course when the list is about one."""

    file = forms.FileField(
        label=_("The list"),
        help_text=_("Excel (.xlsx) or text (CSV), with headings. One row for each person and course."),
        error_messages={"required": _("Choose the file. For safety, browsers do not keep a chosen file.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,text/csv"}),
    )
    source_name = forms.CharField(
        label=_("Whose list is it?"),
        max_length=50,
        help_text=_("Such as Socialstyrelsen. Write the same each time."),
    )
    course = forms.ModelChoiceField(
        CourseReference.objects.order_by("title"),
        to_field_name="key",
        required=False,
        label=_("Is the whole list about one course?"),
        empty_label=_("No, each row says which"),
    )


class ColumnsForm(forms.Form):
    """Which column holds what. The choices are the headings of the file, with what stands in the first row."""

    def __init__(self, *args: Any, header: Sequence[str], sample: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("None"))] + [
            (
                str(p),
                f"{heading or p + 1} ({sample[p][:40]})" if p < len(sample) and sample[p] else heading or str(p + 1),
            )
            for p, heading in enumerate(header)
        ]
        for column, title in TITLES.items():
            self.fields[column.value] = forms.ChoiceField(
                label=str(title), choices=choices, required=column is Column.COMPLETED
            )

    def columns(self) -> dict[Column, int]:
        """What was chosen."""
        return {Column(name): int(value) for name, value in self.cleaned_data.items() if value != ""}
