"""Who has a place on a course, and how far each has come: for those who may see persons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Attempt, Course, Enrolment
from courses.queries.lesson_stuck import stuck_lesson_attempts
from courses.queries.stuck import stuck_attempts
from lms.users.models import User, fold_name

NEW, STARTED, FINISHED, STUCK = "new", "started", "finished", "stuck"
STATES = [
    (NEW, _("Not begun")),
    (STARTED, _("Begun, not finished")),
    (STUCK, _("Stuck")),
    (FINISHED, _("Finished")),
]


FIND_STUCK: Mapping[str, Callable[[Course, datetime], QuerySet[Any]]] = {
    Course.Kind.PACKAGE: stuck_attempts,
    Course.Kind.LESSONS: stuck_lesson_attempts,
}


def participants_of(course: Course, *, state: str = "", search: str = "") -> QuerySet[Enrolment]:
    """The course's enrolments, the newest first, each with `is_finished`, its attempts in `runs`, the last first, and
    what its attempt is stuck for, if it is, in `stuck` (`stuck.CAUSES`, `lesson_stuck`).

    `state`: one of STATES. `search`: part of a name; people with protected identity are not found by it. Two queries,
    three of a course of lessons.
    """
    attempts = Attempt.objects.filter(enrolment=OuterRef("pk"))
    find = FIND_STUCK.get(course.kind)
    stuck = find(course, timezone.now()) if find else Attempt.objects.none().annotate(cause=Value(""))
    rows = (
        Enrolment.objects.filter(course=course)
        .select_related("person")
        .annotate(
            has_begun=Exists(attempts),
            is_finished=Exists(attempts.filter(finished_at__isnull=False)),
            stuck=Subquery(stuck.filter(enrolment=OuterRef("pk")).values("cause")[:1]),
        )
        .prefetch_related(
            Prefetch("attempts", Attempt.objects.select_related("edition").order_by("-number"), to_attr="runs")
        )
        .order_by("-enrolled_at", "-pk")
    )
    if search.strip():
        rows = rows.filter(person__search_name__contains=fold_name(search), person__is_protected=False)
    conditions = {
        NEW: Q(has_begun=False),
        STARTED: Q(has_begun=True, is_finished=False),
        STUCK: Q(stuck__isnull=False),
        FINISHED: Q(is_finished=True),
    }
    return rows.filter(conditions[state]) if state in conditions else rows


def shown_people(enrolments: Iterable[Enrolment]) -> list[User]:
    """Whose names a list of these tells: of people with protected identity it does not."""
    return [row.person for row in enrolments if not row.person.is_protected]
