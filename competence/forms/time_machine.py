"""Which instant to look at, and as of when it was known."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from competence.forms.claims import DayInput
from lms.lib.clock import STOCKHOLM

FIRST_YEAR, LAST_YEAR = 2000, 2100
NOON = time(12)


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of day."""

    input_type = "time"


class TimeMachineForm(forms.Form):
    """Sent by GET. Nothing is required: without a day it is now."""

    dag = forms.DateField(label=_("Day"), required=False, widget=DayInput)
    tid = forms.TimeField(
        label=_("Time"), required=False, widget=TimeInput(format="%H:%M"), help_text=_("If left empty: at noon.")
    )
    kant = forms.DateField(
        label=_("As known on"),
        required=False,
        widget=DayInput,
        help_text=_("If left empty: as known at that same time."),
    )

    def clean(self) -> dict[str, Any]:
        """Days that nobody can mean are refused."""
        cleaned = super().clean() or {}
        for name in ("dag", "kant"):
            day = cleaned.get(name)
            if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(
                    name,
                    ValidationError(
                        _("Choose a day between %(first)d and %(last)d."),
                        params={"first": FIRST_YEAR, "last": LAST_YEAR},
                    ),
                )
        return cleaned

    def valid_at(self, now: datetime) -> datetime:
        """The instant to look at."""
        day, clock = self.cleaned_data.get("dag"), self.cleaned_data.get("tid")
        if day is None:
            return now
        return datetime.combine(day, clock or NOON, STOCKHOLM)

    def known_at(self) -> datetime | None:
        """The end of the day as of which it is to be known, None: when it was."""
        day = self.cleaned_data.get("kant")
        return None if day is None else datetime.combine(day, time.max, STOCKHOLM)
