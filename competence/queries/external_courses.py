"""The courses that are taken elsewhere, for those who show people their way to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from competence.models.course_reference import CourseReference
from lms.lib.clock import local_day


@dataclass(frozen=True)
class ExternalCourse:
    """A course taken outside this service. `level` is the translated word; `minutes` None: nobody says."""

    key: str
    title: str
    level: str
    minutes: int | None
    url: str


def external_courses() -> list[ExternalCourse]:
    """Those that can be taken today, by title. One query."""
    rows = CourseReference.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gte=local_day(timezone.now())), is_external=True
    )
    return [
        ExternalCourse(row.key, row.title, str(row.get_level_display()), row.minutes, row.url)
        for row in rows.order_by("title", "key")
    ]
