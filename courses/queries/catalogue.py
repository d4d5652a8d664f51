"""The courses for anybody to read about. Nothing about a person is in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from courses.models import Course, CourseEdition


@dataclass(frozen=True)
class CatalogueCourse:
    """What a visitor may know of a course before logging in. `level` is the translated word.

    `is_held`: on site or by video, at occasions that anybody may look for.
    """

    key: str
    title: str
    description: str
    level: str
    minutes: int
    is_held: bool


def catalogue() -> list[CatalogueCourse]:
    """The published courses that are open to everybody, and have an edition to take or are held on occasions.

    By title, in one query.
    """
    live = CourseEdition.objects.filter(course=OuterRef("pk"), published_at__isnull=False, withdrawn_at=None)
    held = Q(kind=Course.Kind.OCCASION)
    rows = Course.objects.filter(held | Exists(live), is_open=True, is_published=True).order_by("title", "key")
    return [
        CatalogueCourse(
            key=row.key,
            title=row.title,
            description=row.description,
            level=str(row.get_level_display()),
            minutes=row.minutes,
            is_held=row.kind == Course.Kind.OCCASION,
        )
        for row in rows
    ]
