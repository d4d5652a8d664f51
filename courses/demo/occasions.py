"""The demonstration's occasions, from `courses/data_files/demo_occasions.yaml`, dated from today: none of it grows old.

Everything goes through the actions, so that seats, lines, completions and the audit agree.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from courses.actions.attendance import note_attendance
from courses.actions.occasion_courses import create_occasion_course
from courses.actions.occasions import (
    OccasionPlan,
    SessionPlan,
    announce_occasion,
    cancel_occasion,
    create_occasion,
)
from courses.actions.places import register
from courses.models import Course, Message, Occasion, Place
from lms.lib.actors import Machine
from lms.lib.clock import STOCKHOLM, local_day
from lms.users.models import User

FILE = Path(__file__).parent.parent / "data_files" / "demo_occasions.yaml"
BY = Machine("command:load_demo_occasions")
SATURDAY = 5
HOLIDAYS = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}


def load_demo_occasions() -> int:
    """Make the courses that are not there yet, with their occasions. Returns how many occasions were made."""
    today = local_day(timezone.now())
    colleagues = itertools.cycle(_colleagues())
    made = 0
    for entry in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        if Course.objects.filter(key=entry["key"]).exists():
            continue
        course = create_occasion_course(
            key=entry["key"],
            title=entry["title"],
            minutes=entry["minutes"],
            description=entry["description"],
            by=BY,
        )
        web_part = Course.objects.filter(key=entry.get("web_part", ""), is_published=True).first()
        for one in entry["occasions"]:
            _make(course, one, web_part, today, colleagues)
            made += 1
    # The people are invented and have long known: nobody is to have two hundred letters on the first day.
    Message.objects.filter(kind__startswith="occasion.", sent_at=None).update(dropped_at=timezone.now())
    return made


def _make(
    course: Course, said: Mapping[str, Any], web_part: Course | None, today: date, colleagues: Iterator[User]
) -> None:
    first = working_day(today + timedelta(days=said["days"]))
    sessions = [
        SessionPlan(_at(first + timedelta(days=after), begins), _at(first + timedelta(days=after), ends), about)
        for after, begins, ends, about in said["sessions"]
    ]
    plan = OccasionPlan(
        sessions=sessions,
        seats=said["seats"],
        register_by=first - timedelta(days=5),
        town=said.get("town", ""),
        venue=said.get("venue", ""),
        video_url=said.get("video_url", ""),
        teacher=_person(said["teacher"]) if "teacher" in said else None,
        commissioned_by=said.get("commissioned_by", ""),
        prerequisites=said.get("prerequisites", ()),
        web_part=web_part,
        note=said.get("note", ""),
    )
    occasion = create_occasion(course=course, plan=plan, by=BY)
    if said.get("draft"):
        return
    announce_occasion(occasion=occasion, by=BY)
    named = [_person(handle) for handle in said.get("who", ())]
    line = [_person(handle) for handle in said.get("line", ())]
    others = list(itertools.islice(colleagues, said["people"]))
    for person in [*named, *others, *line]:
        if person is not None:
            register(occasion=occasion, person=person, by=BY)
    if "cancelled" in said:
        cancel_occasion(occasion=occasion, reason=said["cancelled"], by=BY)
    if "attend" in said and said.get("noted", True):
        _note(occasion, said["attend"])


def _note(occasion: Occasion, number: int) -> None:
    """The first `number` were there, the rest were not."""
    places = occasion.places.filter(status=Place.Status.REGISTERED).order_by("turn")
    marks: dict[Any, bool | None] = {
        (place.public_id, session.public_id): counted < number
        for counted, place in enumerate(places)
        for session in occasion.sessions.all()
    }
    note_attendance(occasion=occasion, marks=marks, by=BY)


def _colleagues() -> list[User]:
    """The people around the cast, in a fixed order; without them (a small demonstration) the cast itself."""
    found = list(User.objects.filter(username__startswith="kollega_", is_active=True).order_by("username"))
    return found or list(User.objects.filter(is_active=True).order_by("username"))


def _person(handle: str) -> User | None:
    return User.objects.filter(username=handle).first()


def working_day(day: date) -> date:
    """`day`, or the first day after it that is neither of a weekend nor one of the holidays with a fixed date."""
    while day.weekday() >= SATURDAY or (day.month, day.day) in HOLIDAYS:
        day += timedelta(days=1)
    return day


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), STOCKHOLM)
