"""What waits for somebody's decision."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from competence.models.authorisation import AuthorisationApplication
from competence.models.change_report import ChangeReport
from competence.models.completion import CompletionClaim
from competence.permissions import Reach
from competence.queries.employments import current_employments
from lms.lib.clock import local_day
from lms.users.models import User


@dataclass(frozen=True)
class WaitingDecision:
    """Something sent in at `at` that nobody has decided. `unit` is where the person works, `unit_id` its public id.

    `kind`: claim, application or report. `public_id` is that of what is decided; of a report, which is seen to on the
    member's page, that of the employment.
    """

    kind: str
    public_id: Any
    person: User
    what: str
    at: datetime
    days: int
    unit: str
    unit_id: str
    is_flagged: bool = False


def claims_to_decide(reach: Reach, at: datetime) -> QuerySet[CompletionClaim]:
    """Claims of people about whom one may decide, decided or not."""
    works_there = current_employments(at).filter(reach.decidable(), person=OuterRef("person"))
    return CompletionClaim.objects.filter(Exists(works_there))


def applications_to_decide(reach: Reach) -> QuerySet[AuthorisationApplication]:
    """Applications within employments about which one may decide, once sent in."""
    return AuthorisationApplication.objects.filter(reach.decidable("employment__"), submitted_at__isnull=False)


def reports_to_handle(reach: Reach) -> QuerySet[ChangeReport]:
    """Reported changes within employments about which one may decide, that nobody has seen to."""
    return ChangeReport.objects.filter(reach.decidable("employment__"), handled__isnull=True)


def decisions_waiting(reach: Reach, at: datetime) -> list[WaitingDecision]:
    """Everything that waits for who decides within `reach`, the oldest first. Three queries."""
    works_there = current_employments(at).filter(reach.decidable(), person=OuterRef("person")).order_by("pk")
    found = [
        WaitingDecision(
            kind="claim",
            public_id=claim.public_id,
            person=claim.person,
            what=(_("Certificate: %(course)s") if claim.evidence else _("Course to attest: %(course)s"))
            % {"course": claim.course},
            at=claim.created_at,
            days=_days(claim.created_at, at),
            unit=claim.unit_name,
            unit_id=str(claim.unit_id),
            is_flagged=bool(claim.flags),
        )
        for claim in claims_to_decide(reach, at)
        .filter(status=CompletionClaim.Status.WAITING)
        .select_related("person", "course")
        .annotate(
            unit_name=Subquery(works_there.values("unit__name")[:1]),
            unit_id=Subquery(works_there.values("unit__public_id")[:1]),
        )
    ]
    submitted = applications_to_decide(reach).filter(status=AuthorisationApplication.Status.SUBMITTED)
    for application in submitted.select_related("employment__person", "employment__unit", "right"):
        sent_at = application.submitted_at or application.created_at
        found.append(
            WaitingDecision(
                kind="application",
                public_id=application.public_id,
                person=application.employment.person,
                what=_("Application %(number)s: %(right)s")
                % {"number": application.case_number, "right": application.right},
                at=sent_at,
                days=_days(sent_at, at),
                unit=application.employment.unit.name,
                unit_id=str(application.employment.unit.public_id),
            )
        )
    for report in reports_to_handle(reach).select_related("employment__person", "employment__unit"):
        found.append(
            WaitingDecision(
                kind="report",
                public_id=report.employment.public_id,
                person=report.employment.person,
                what=_("Reported change: %(what)s") % {"what": report.get_kind_display()},
                at=report.recorded_at,
                days=_days(report.recorded_at, at),
                unit=report.employment.unit.name,
                unit_id=str(report.employment.unit.public_id),
            )
        )
    return sorted(found, key=lambda one: one.at)


def units_waiting(waiting: list[WaitingDecision]) -> list[tuple[str, str, int]]:
    """Public id, name and number of decisions of each unit at which something waits, the most first."""
    counts = Counter((one.unit_id, one.unit) for one in waiting)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0][1]))
    return [(unit_id, name, count) for (unit_id, name), count in ordered]


def count_waiting(reach: Reach, at: datetime) -> int:
    """How many decisions wait. Three queries."""
    claims = claims_to_decide(reach, at).filter(status=CompletionClaim.Status.WAITING)
    submitted = applications_to_decide(reach).filter(status=AuthorisationApplication.Status.SUBMITTED)
    return claims.count() + submitted.count() + reports_to_handle(reach).count()


def people_waiting(reach: Reach, at: datetime) -> dict[int, int]:
    """How many decisions wait, by the primary key of the person concerned. Three queries."""
    found: dict[int, int] = {}
    claims = claims_to_decide(reach, at).filter(status=CompletionClaim.Status.WAITING)
    submitted = applications_to_decide(reach).filter(status=AuthorisationApplication.Status.SUBMITTED)
    for person in (
        *claims.values_list("person", flat=True),
        *submitted.values_list("employment__person", flat=True),
        *reports_to_handle(reach).values_list("employment__person", flat=True),
    ):
        found[person] = found.get(person, 0) + 1
    return found


def _days(since: datetime, now: datetime) -> int:
    return (local_day(now) - local_day(since)).days
