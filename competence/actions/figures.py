"""Keeping figures that others have counted, without persons."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.models.course_reference import CourseReference
from competence.models.reported_figure import ReportedFigure
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal

PRINCIPAL_KINDS = ("total", "municipality", "vgr", "private")


@transaction.atomic
def report_figure(
    *,
    course_key: str,
    principal_kind: str,
    period_from: date | None,
    period_to: date,
    count: int,
    source: str,
    by: Actor,
) -> ReportedFigure:
    """Keep a count of completions as `source` gives it: a part (a kind of principal) or its own `total`.

    Days are local and both included; `period_from` None means since the beginning. The same figure again is the same
    fact. Raises Refusal for an unknown course or kind, reversed days, a negative count, no source, or when the source
    has said otherwise before; PermissionDenied unless `by` may manage rules (commands may).
    """
    if not isinstance(by, Machine) and not by.has_perm("competence.manage_rules"):
        raise PermissionDenied("report figures")
    source = source.strip()
    course = CourseReference.objects.filter(key=course_key).first()
    if course is None:
        raise Refusal(_("There is no course with the key %(key)s.") % {"key": course_key})
    if principal_kind not in PRINCIPAL_KINDS:
        raise Refusal(_("The principal must be one of: %(kinds)s.") % {"kinds": ", ".join(PRINCIPAL_KINDS)})
    if period_from and period_from > period_to:
        raise Refusal(_("The last day is before the first."))
    if count < 0:
        raise Refusal(_("A count cannot be less than 0."))
    if not source or len(source) > 250:
        raise Refusal(_("Name the source of the figure, in at most 250 characters."))
    change = begin_change(by=by)
    existing = ReportedFigure.objects.filter(
        course=course, principal_kind=principal_kind, period_from=period_from, period_to=period_to, source=source
    ).first()
    if existing is not None:
        if existing.count != count:
            raise Refusal(
                _("The source has reported %(before)d before, not %(count)d. Name the new statement as its own source.")
                % {"before": existing.count, "count": count}
            )
        return existing
    figure = change.record(
        ReportedFigure(
            course=course,
            principal_kind=principal_kind,
            period_from=period_from,
            period_to=period_to,
            count=count,
            source=source,
        )
    )
    record_write("report_figure", by=by, subject=f"figure:{figure.public_id}", course=course_key, count=count)
    change.announce("figure.reported", person=None, figure=str(figure.public_id), course=course_key)
    return figure
