"""Telling of a change of name, workplace or task, and seeing to it."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.models.change_report import ChangeHandled, ChangeReport
from competence.models.employment import Employment
from competence.permissions import require_decider
from lms.audit.api import record_write
from lms.lib.actors import Actor, person_or_none
from lms.lib.errors import Refusal


@transaction.atomic
def report_change(
    *, employment: Employment, kind: ChangeReport.Kind, text: str, starts_on: date, by: Actor
) -> ChangeReport:
    """The employed person tells their manager of a change. Raises PermissionDenied for another's employment."""
    person = person_or_none(by)
    if person is None or not employment.person.is_same_as(person):
        raise PermissionDenied("report a change for another person")
    if not text.strip():
        raise Refusal(_("Write what changes."))
    change = begin_change(by=by)
    report = change.record(
        ChangeReport(person=employment.person, employment=employment, kind=kind, text=text.strip(), starts_on=starts_on)
    )
    record_write("report_change", by=by, subject=f"report:{report.public_id}", person=employment.person, kind=str(kind))
    change.announce("change.reported", person=employment.person, report=str(report.public_id))
    return report


@transaction.atomic
def handle_report(*, report: ChangeReport, by: Actor, comment: str = "") -> ChangeHandled:
    """The manager has seen to it. Raises PermissionDenied unless `by` may decide, Refusal when it is done already."""
    as_deputy = require_decider(by, report.employment)
    change = begin_change(by=by, as_deputy=as_deputy)
    if ChangeHandled.objects.filter(report=report).exists():
        raise Refusal(_("Somebody has seen to it already."))
    handled = change.record(ChangeHandled(report=report, comment=comment.strip()))
    record_write("handle_report", by=by, subject=f"report:{report.public_id}", person=report.person)
    change.announce("change.handled", person=report.person, report=str(report.public_id))
    return handled
