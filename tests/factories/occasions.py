"""Occasions and places, made by the product's own actions."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from courses.actions.occasions import OccasionPlan, SessionPlan, announce_occasion, create_occasion
from courses.actions.places import register
from courses.models import Course, Occasion, Place
from courses.publish import publish_course
from lms.lib.clock import local_day
from lms.users.models import User
from tests.factories.competence import BUILDER, make_person

_numbers = itertools.count(1)


def make_occasion_course(**fields: Any) -> Course:
    """A published course that is held on site."""
    number = next(_numbers)
    values = {"key": f"pa-plats-{number}", "title": f"Kurs på plats {number}", "minutes": 240, "level": "supplier"}
    course = Course.objects.create(**{**values, **fields, "kind": Course.Kind.OCCASION, "is_published": True})
    publish_course(course, by=BUILDER)
    return course


def plan(*, begins: datetime | None = None, hours: float = 4, sessions: int = 1, **fields: Any) -> OccasionPlan:
    """In three weeks unless told; each further session a day later. Ten seats in Skövde."""
    begins = begins or (timezone.now() + timedelta(days=21)).replace(minute=0, second=0, microsecond=0)
    times = [begins + timedelta(days=number) for number in range(sessions)]
    values: dict[str, Any] = {
        "sessions": [SessionPlan(time, time + timedelta(hours=hours)) for time in times],
        "seats": 10,
        "register_by": local_day(begins) - timedelta(days=2),
        "town": "Skövde",
        "venue": "Hjälpmedelscentralen, sal 2",
    }
    return OccasionPlan(**{**values, **fields})


def make_occasion(course: Course | None = None, *, is_announced: bool = True, **fields: Any) -> Occasion:
    occasion = create_occasion(course=course or make_occasion_course(), plan=plan(**fields), by=BUILDER)
    return announce_occasion(occasion=occasion, by=BUILDER) if is_announced else occasion


def make_held_occasion(course: Course | None = None, *, people: int = 0, **fields: Any) -> Occasion:
    """One that was over yesterday, with `people` registered."""
    begins = (timezone.now() - timedelta(days=1 + fields.get("sessions", 1))).replace(minute=0, second=0, microsecond=0)
    occasion = make_occasion(course, **{"begins": begins, **fields})
    for _person in range(people):
        make_place(occasion)
    return occasion


def make_place(occasion: Occasion, person: User | None = None) -> Place:
    """Whatever the occasion has: a seat, or a turn in the line. By the organiser, so at any time."""
    return register(occasion=occasion, person=person or make_person(email="test@example.se"), by=BUILDER)
