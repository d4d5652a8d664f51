"""The report of occasions: what was offered and held, counted here; and beside it what others have reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from competence import api as competence
from courses.models import ReportedOccasionFigure
from courses.occasion_forms import DayField
from courses.occasion_words import hours_text
from courses.queries.occasion_report import (
    SMALLEST_GROUP,
    By,
    ReportLine,
    ReportQuestion,
    occasion_report,
    report_choices,
    reported_occasions,
)
from lms.lib.access import requires
from lms.lib.clock import STOCKHOLM, local_day

SEE, PERSONS = "competence.view_statistics", "competence.view_person_statistics"


class ReportForm(forms.Form):
    by = forms.ChoiceField(
        label=gettext_lazy("A line for each"),
        required=False,
        choices=[
            (By.COURSE, gettext_lazy("Course")),
            (By.TOWN, gettext_lazy("Town")),
            (By.MONTH, gettext_lazy("Month")),
            (By.TERTIAL, gettext_lazy("Tertial")),
            (By.YEAR, gettext_lazy("Year")),
        ],
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter-%s", use_required_attribute=False)
        courses, towns = report_choices()
        self.fields["course"] = forms.ChoiceField(
            label=_("Course"), required=False, choices=[("", _("All courses")), *courses]
        )
        self.fields["town"] = forms.ChoiceField(
            label=_("Town"), required=False, choices=[("", _("All towns")), *((town, town) for town in towns)]
        )
        self.fields["from"] = DayField(label=_("From day"), required=False)
        self.fields["to"] = DayField(label=_("To day"), required=False)
        self.order_fields(["course", "town", "from", "to", "by"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("from") and values.get("to") and values["from"] > values["to"]:
            self.add_error("to", _("The last day is before the first."))
        return values

    def question(self) -> ReportQuestion:
        values = self.cleaned_data
        by = By(values["by"] or By.COURSE)
        return ReportQuestion(by, values["course"], values["town"], values["from"], values["to"])


@require_safe
@requires(SEE)
def report(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.GET)
    if not form.is_valid():
        return render(request, "courses/occasions/report.html", {"form": form}, status=400)
    question, may_see_persons = form.question(), request.user.has_perm(PERSONS)
    lines, total = occasion_report(question, may_see_persons=may_see_persons)
    context = {
        "form": form,
        "is_empty": not lines,
        "columns": columns(question.by),
        "rows": [_words(_cells(line, question.by)) for line in lines],
        "total": _words(_cells(total, question.by, _("Total"))),
        "period": period_text(question),
        "as_of": timezone.now(),
        "small": not may_see_persons and (total.hides or total.hides_commissioned),
        "smallest": SMALLEST_GROUP,
        "reported": [
            {
                "statement": statement,
                "period": days_text(statement.period_from, statement.period_to),
                "totals": [(str(one.get_measure_display()), count_text(one)) for one in statement.totals],
                "by_town": [(str(one.get_measure_display()), one.town, count_text(one)) for one in statement.by_town],
                "differences": [
                    {"measure": one.get_measure_display(), "said": count_text(one), "sum": added}
                    for one, added in statement.differences
                ],
            }
            for statement in reported_occasions(question)
        ],
        "filters": request.GET.urlencode(),
    }
    return render(request, "courses/occasions/report.html", context)


@require_safe
@requires(SEE)
def report_export(request: HttpRequest, fmt: str) -> HttpResponse:
    """What was counted here, as a file. What others have reported is another file."""
    form = ReportForm(request.GET)
    if fmt not in competence.FORMATS:
        raise Http404
    if not form.is_valid():
        return render(request, "courses/occasions/report.html", {"form": form}, status=400)
    question, may_see_persons = form.question(), request.user.has_perm(PERSONS)
    lines, total = occasion_report(question, may_see_persons=may_see_persons)
    titles = dict(report_choices()[0])
    notes: list[Sequence[Any]] = [
        (_("Course occasions"),),
        (_("Source"), source_text()),
        (_("As of"), date_format(timezone.now().astimezone(STOCKHOLM), "Y-m-d H:i")),
        (_("Period"), period_text(question)),
        (_("Course"), titles.get(question.course, question.course) or _("All courses")),
        (_("Town"), question.town or _("All towns")),
    ]
    if total.hides or total.hides_commissioned:
        notes.append((_("Small groups"), small_text()))
    return competence.sheet_response(
        fmt,
        file_name=_("Course occasions") + f" {local_day(timezone.now())}",
        title=_("Course occasions"),
        notes=notes,
        header=columns(question.by),
        rows=[*(_cells(line, question.by) for line in lines), _cells(total, question.by, _("Total"))],
    )


@require_safe
@requires(SEE)
def reported_export(request: HttpRequest, fmt: str) -> HttpResponse:
    """What others have reported, with its source and the day on which it was entered in every row."""
    if fmt not in competence.FORMATS:
        raise Http404
    rows = [
        (
            statement.period_from,
            statement.period_to,
            str(one.get_measure_display()),
            one.town or _("All towns"),
            one.count,
            _("about") if one.is_approximate else "",
            one.source,
            local_day(one.recorded_at),
        )
        for statement in reported_occasions()
        for one in (*statement.totals, *statement.by_town)
    ]
    return competence.sheet_response(
        fmt,
        file_name=_("Reported course occasions") + f" {local_day(timezone.now())}",
        title=_("Reported course occasions"),
        notes=[(_("Reported by others; not counted here, and added to nothing"),)],
        header=[
            _("From"),
            _("To"),
            pgettext("statistics", "Figure"),
            _("Town"),
            _("Count"),
            _("Exactness"),
            _("Source"),
            _("Entered"),
        ],
        rows=rows,
    )


def columns(by: By) -> list[str]:
    first = {By.COURSE: _("Course"), By.TOWN: _("Town")}.get(by) or _("Period")
    return [
        first,
        pgettext("occasions", "Announced"),
        pgettext("occasions", "Cancelled"),
        pgettext("occasions", "Held"),
        pgettext("occasions", "Coming"),
        _("Hours held"),
        _("Participants"),
        _("Commissioned, held"),
        _("Commissioned, participants"),
    ]


def _cells(line: ReportLine, by: By, name: str = "") -> list[Any]:
    return [
        name or _name(line.name, by),
        line.announced,
        line.cancelled,
        line.held,
        line.coming,
        line.hours,
        _told(line.participants, hides=line.hides),
        line.commissioned_held,
        _told(line.commissioned_participants, hides=line.hides_commissioned),
    ]


def _name(name: str, by: By) -> str:
    if by is By.TOWN:
        return name or _("By video")
    if by is By.COURSE:
        return name
    first = date.fromisoformat(name)
    if by is By.YEAR:
        return str(first.year)
    if by is By.TERTIAL:
        return _("tertial %(number)d %(year)d") % {"number": first.month // 4 + 1, "year": first.year}
    return date_format(first, "F Y")


def _told(count: int, *, hides: bool) -> int | str:
    if not hides:
        return count
    return _("at least %(count)s") % {"count": count} if count else _("hidden")


def _words(cells: list[Any]) -> list[str]:
    name, *rest = cells
    return [name, *(cell if isinstance(cell, str) else _number(cell) for cell in rest)]


def _number(cell: Any) -> str:
    return number_format(cell, use_l10n=True, force_grouping=True) if isinstance(cell, int) else hours_text(cell)


def count_text(figure: ReportedOccasionFigure) -> str:
    """“618”, or “about 200”."""
    number = _number(figure.count)
    return _("about %(count)s") % {"count": number} if figure.is_approximate else number


def days_text(first: date, last: date) -> str:
    """A whole year by its number, else both days."""
    if first == first.replace(month=1, day=1) and last == first.replace(month=12, day=31):
        return str(first.year)
    return f"{date_format(first, 'j F Y')} – {date_format(last, 'j F Y')}"


def period_text(question: ReportQuestion) -> str:
    first, last = question.first_day, question.last_day
    if first and last:
        return days_text(first, last)
    if first:
        return _("from %(day)s on") % {"day": date_format(first, "j F Y")}
    return _("up to and including %(day)s") % {"day": date_format(last, "j F Y")} if last else _("all the time")


def source_text() -> str:
    return _("Occasions kept here; an occasion belongs to the day on which it begins")


def small_text() -> str:
    return _(
        "Occasions with fewer than %(number)d participants are in no number of participants that you see; a number "
        "that leaves some out says “at least”."
    ) % {"number": SMALLEST_GROUP}
