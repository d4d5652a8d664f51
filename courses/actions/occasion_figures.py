"""Keeping figures about occasions that others have counted, without persons."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import ReportedOccasionFigure
from courses.permissions import require_organiser
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal


@transaction.atomic
def report_occasion_figure(
    *,
    period_from: date,
    period_to: date,
    measure: str,
    count: int,
    source: str,
    by: Actor,
    town: str = "",
    is_approximate: bool = False,
) -> ReportedOccasionFigure:
    """Keep a figure as `source` gives it. The same again changes nothing.

    Raises Refusal for an unknown measure, reversed days, no source, or when the source has said otherwise before.
    """
    require_organiser(by)
    source = source.strip()
    if measure not in ReportedOccasionFigure.Measure.values:
        known = ", ".join(ReportedOccasionFigure.Measure.values)
        raise Refusal(_("The measure must be one of: %(measures)s.") % {"measures": known})
    if period_from > period_to:
        raise Refusal(_("The last day is before the first."))
    if count < 0:
        raise Refusal(_("A count cannot be less than 0."))
    if not source or len(source) > 250:
        raise Refusal(_("Name the source of the figure, in at most 250 characters."))
    figure, is_new = ReportedOccasionFigure.objects.get_or_create(
        period_from=period_from,
        period_to=period_to,
        measure=measure,
        town=town.strip(),
        source=source,
        defaults={"count": count, "is_approximate": is_approximate},
    )
    if (figure.count, figure.is_approximate) != (count, is_approximate):
        raise Refusal(
            _("The source has reported %(before)d before, not %(count)d. Name the new statement as its own source.")
            % {"before": figure.count, "count": count}
        )
    if is_new:
        record_write("report_occasion_figure", by=by, subject=f"figure:{figure.pk}", measure=measure, count=count)
    return figure
