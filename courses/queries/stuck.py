"""Attempts at packages that seem to go nowhere, and why: for whoever helps, or mends the package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from courses.models import Attempt, AttemptEvent, Course, ScoRuntime
from courses.queries.figures import Cause, StuckLine

CLOSED, SILENT, LOSING, FAILED, LEFT, IDLE = "closed", "silent", "losing", "failed", "left", "idle"
# How long nothing must have happened before it is called stuck.
SOON, A_WEEK, A_MONTH = timedelta(hours=1), timedelta(days=7), timedelta(days=30)


CAUSES: Mapping[str, Cause] = {
    CLOSED: Cause(
        _("Begun on an edition that is withdrawn, or in a course that is hidden"),
        _("They can go on when the course is shown again; else they begin anew on the edition in use."),
    ),
    SILENT: Cause(
        _("Opened, but the package has saved nothing"),
        _("The package may not find the learning platform, or not start in their browser. Try it out yourself."),
    ),
    LOSING: Cause(
        _("The package writes what cannot be kept"),
        _("Their place in the course may be lost between sittings. Show the attempt to whoever made the package."),
    ),
    FAILED: Cause(
        _("Not passed, and not tried again for a week"),
        _("They may not know that they can try again. Their manager sees that the course is not done."),
    ),
    LEFT: Cause(
        _("Left in an orderly way a week ago, without being finished"),
        _("They may believe that they are done. Often something small remains, such as the last page."),
    ),
    IDLE: Cause(_("Nothing has happened for a month"), _("They may have forgotten the course.")),
}


def stuck_attempts(course: Course, now: datetime) -> QuerySet[Any]:
    """The course's open, unfinished attempts that are stuck, each with its `cause` (a key of CAUSES)."""
    runtimes = ScoRuntime.objects.filter(attempt=OuterRef("pk"))
    losing = AttemptEvent.objects.filter(
        attempt=OuterRef("pk"), kind=AttemptEvent.Kind.REFUSED, launch_id=OuterRef("launch_id"), details__is_losing=True
    )
    cause = Case(
        When(Q(edition__withdrawn_at__isnull=False) | Q(edition__course__is_published=False), then=Value(CLOSED)),
        When(~Exists(runtimes.filter(sequence__gt=0)), launched_at__lt=now - SOON, then=Value(SILENT)),
        When(Exists(losing), then=Value(LOSING)),
        When(status=Attempt.Status.FAILED, last_commit_at__lt=now - A_WEEK, then=Value(FAILED)),
        When(
            Exists(runtimes.filter(has_ended=True)) & ~Exists(runtimes.filter(has_ended=False)),
            last_commit_at__lt=now - A_WEEK,
            then=Value(LEFT),
        ),
        When(
            Q(last_commit_at__lt=now - A_MONTH)
            | Q(last_commit_at=None, launched_at__lt=now - A_MONTH)
            | Q(launched_at=None, started_at__lt=now - A_MONTH),
            then=Value(IDLE),
        ),
        default=Value(""),
        output_field=CharField(),
    )
    open_ones = Attempt.objects.filter(enrolment__course=course, finished_at=None, closed_at=None, is_preview=False)
    return open_ones.annotate(cause=cause).exclude(cause="")


def stuck_by_cause(course: Course, now: datetime) -> list[StuckLine]:
    """How many are stuck for each cause, in the order of CAUSES. One query."""
    counted = dict(stuck_attempts(course, now).order_by().values_list("cause").annotate(number=Count("pk")))
    return [StuckLine(cause, counted[name]) for name, cause in CAUSES.items() if name in counted]
