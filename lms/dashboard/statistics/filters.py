"""What a reader of the statistics may ask for, by the words in the address."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competence.api import course_titles, principal_name, units_to_choose_from
from competence.data import PRINCIPALS, Question, Step
from lms.lib.clock import STOCKHOLM, add_months, local_day

UNKNOWN = "unknown"  # the principal that is not known, in the address
EARLIEST_YEAR = 2000


class MonthInput(forms.DateInput):
    input_type = "month"


class MonthField(forms.DateField):
    """A month such as 2026-01; its first day."""

    widget = MonthInput(
        format="%Y-%m", attrs={"placeholder": "2026-01", "pattern": r"\d{4}-\d{2}", "data-only-with": "period=own"}
    )
    default_error_messages = {"invalid": gettext_lazy("Write the month as 2026-01.")}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            month = datetime.strptime(str(value).strip(), "%Y-%m").replace(tzinfo=STOCKHOLM).date()
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        if month.year < EARLIEST_YEAR:
            raise forms.ValidationError(_("There is nothing before the year %(year)d.") % {"year": EARLIEST_YEAR})
        return month


class StatisticsForm(forms.Form):
    """The filters. `question` is what they ask for; without any, the last twelve months."""

    period = forms.ChoiceField(
        label=gettext_lazy("Time"),
        required=False,
        choices=[
            ("", gettext_lazy("The last 12 months")),
            ("this-tertial", gettext_lazy("This tertial")),
            ("last-tertial", gettext_lazy("The last tertial")),
            ("this-year", gettext_lazy("This year")),
            ("last-year", gettext_lazy("Last year")),
            ("all", gettext_lazy("All the time")),
            ("own", gettext_lazy("From month to month")),
        ],
    )
    by = forms.ChoiceField(
        label=gettext_lazy("Step"),
        required=False,
        choices=[
            (Step.MONTH, gettext_lazy("Month")),
            (Step.TERTIAL, gettext_lazy("Tertial")),
            (Step.YEAR, gettext_lazy("Year")),
        ],
    )
    split = forms.ChoiceField(
        label=gettext_lazy("Bars divided by"),
        required=False,
        choices=[("principal", gettext_lazy("Principal")), ("course", gettext_lazy("Course"))],
    )

    def __init__(self, data: Any = None, *, may_see_persons: bool) -> None:
        super().__init__(data, auto_id="filter-%s", use_required_attribute=False)
        courses = [("", _("All courses")), *course_titles()]
        self.fields["course"] = forms.ChoiceField(label=_("Course"), required=False, choices=courses)
        principals = [("", _("All principals")), *((p or UNKNOWN, principal_name(p)) for p in PRINCIPALS)]
        self.fields["principal"] = forms.ChoiceField(label=_("Principal"), required=False, choices=principals)
        # `from` is a word of Python, so it cannot be an attribute.
        self.fields["from"] = MonthField(label=_("From month"), required=False)
        self.fields["to"] = MonthField(label=_("To month"), required=False)
        self._units: dict[str, str] = {}
        if may_see_persons:
            units = units_to_choose_from()
            top = min((depth for _key, _name, depth in units), default=0)
            self._units = {key: name for key, name, _depth in units}
            choices = [("", _("The whole organisation"))]
            choices += [(key, "\u2003" * (depth - top) + name) for key, name, depth in units]
            self.fields["unit"] = forms.ChoiceField(
                label=_("Part of the organisation"), required=False, choices=choices
            )
        order = ["course", "principal", "unit", "period", "from", "to", "by", "split"]
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("from"), values.get("to")
        if values.get("period") in {"own", ""} and first and last and first > last:
            self.add_error("to", _("The last month is before the first."))
        return values

    @property
    def unit_name(self) -> str:
        """The part of the organisation that is asked for, or nothing for all of it."""
        return self._units.get(self.cleaned_data.get("unit", ""), "")

    @property
    def is_split_by_course(self) -> bool:
        return bool(self.cleaned_data["split"] == "course")

    def question(self) -> Question:
        """What a valid form asks for."""
        values = self.cleaned_data
        first, last = self._months(local_day(timezone.now()).replace(day=1))
        principal = values["principal"]
        return Question(
            course=values["course"],
            principals=(principal.replace(UNKNOWN, ""),) if principal else PRINCIPALS,
            first_month=first,
            last_month=last,
            unit=values.get("unit", ""),
            by=Step(values["by"] or Step.MONTH),
        )

    def _months(self, this_month: date) -> tuple[date | None, date | None]:
        tertial, year = Step.TERTIAL.first_month(this_month), Step.YEAR.first_month(this_month)
        period, first, last = (self.cleaned_data[name] for name in ("period", "from", "to"))
        match period:
            case "this-tertial":
                return tertial, add_months(tertial, 3)
            case "last-tertial":
                return add_months(tertial, -4), add_months(tertial, -1)
            case "this-year":
                return year, add_months(year, 11)
            case "last-year":
                return add_months(year, -12), add_months(year, -1)
            case "all":
                return None, None
            case "own" | "" if period == "own" or first or last:
                return first, last
        return add_months(this_month, -11), this_month
