"""Reminders: who is due to hear what today. Each is noted once (`courses.messages`), and worded when it is sent.

What is due is worked out from how things are, not from a calendar of jobs: after days without the timetable the same
is due, and what has been done meanwhile is not. Of several distances that have passed, only the nearest is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from competence import api as competence
from courses.messages import Topic, note
from courses.models import (
    Attempt,
    Course,
    CourseAssignment,
    Enrolment,
    Examination,
    LessonProgress,
    Message,
    MessageChoice,
    Occasion,
    OccasionSession,
    Place,
)
from lms.lib.clock import STOCKHOLM, day_ends_at, day_starts_at, local_day
from lms.users.models import User

START, UNFINISHED, EXPIRY = "reminder.start", "reminder.unfinished", "reminder.expiry"
DUE, OCCASION, DIGEST = "reminder.due", "reminder.occasion", "digest.team"
TOPICS = {
    START: Topic.START,
    UNFINISHED: Topic.UNFINISHED,
    DUE: Topic.UNFINISHED,
    EXPIRY: Topic.EXPIRY,
    OCCASION: Topic.OCCASION,
    DIGEST: Topic.DIGEST,
}
START_DAYS = (7, 21)
"""So many days after somebody got a place on a course that they have not begun."""
UNFINISHED_DAYS = (14, 42)
"""So many days after they last did something in a course that they have begun."""
DUE_DAYS = (7, 1)
"""So many days before a course that somebody has assigned is to be finished, unless it was assigned just now."""
EXPIRY_DAYS = (60, 30, 7)
"""So many days before something expires."""
LATE = timedelta(days=14)
"""A reminder that could not be sent for so long is left out: nobody wants all of last year's at once."""
BY_ONESELF = (Course.Kind.PACKAGE, Course.Kind.LESSONS)
MORNING, EVENING = time(7), time(18)


@dataclass(frozen=True)
class Due:
    """A reminder that is due now: of `kind`, about `key`, to `recipient`."""

    kind: str
    key: str
    recipient: User
    payload: dict[str, Any] = field(default_factory=dict)


def reminders_due() -> Iterator[Due]:
    """Everything that is due now and wanted, and has not been noted before."""
    for kind, find in FINDERS.items():
        yield from _unheard(kind, find(timezone.now()))


def note_reminders() -> list[Due]:
    """Note everything that is due, to be sent at a decent hour. May be run at any time, and twice."""
    noted = []
    not_before = decent_hour(timezone.now())
    for due in reminders_due():
        with transaction.atomic():
            note(kind=due.kind, key=due.key, recipient=due.recipient, payload=due.payload, not_before=not_before)
        noted.append(due)
    return noted


def decent_hour(now: datetime) -> datetime | None:
    """When a reminder may go: None (at once) by day, otherwise the next morning."""
    local = now.astimezone(STOCKHOLM)
    if MORNING <= local.time() < EVENING:
        return None
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, STOCKHOLM)


def _not_begun(now: datetime) -> Iterator[Due]:
    """Those who have a place on a course that they could begin, and have not."""
    begun = Attempt.objects.filter(enrolment=OuterRef("pk"))
    live = Course.objects.filter(
        pk=OuterRef("course"), editions__published_at__isnull=False, editions__withdrawn_at=None
    )
    rows = Enrolment.objects.filter(
        ~Exists(begun), Exists(live), course__kind__in=BY_ONESELF, course__is_published=True
    ).select_related("person__merged_into", "course")
    for days, enrolment in _passed(rows, "enrolled_at", START_DAYS, now):
        yield Due(START, f"{enrolment.public_id}:{days}", enrolment.person, {"course": enrolment.course.key})


def _not_finished(now: datetime) -> Iterator[Due]:
    """Those who have begun a course, and have not been there for a while."""
    lessons = LessonProgress.objects.filter(attempt=OuterRef("pk")).order_by().values("attempt")
    tests = Examination.objects.filter(attempt=OuterRef("pk")).order_by().values("attempt")
    in_lessons = lessons.annotate(latest=Max(Coalesce("done_at", "opened_at"))).values("latest")
    in_tests = tests.annotate(latest=Max(Coalesce("submitted_at", "saved_at", "started_at"))).values("latest")
    latest = Greatest(
        Coalesce("last_commit_at", "launched_at", "started_at"),
        Coalesce(Subquery(in_lessons), "started_at"),
        Coalesce(Subquery(in_tests), "started_at"),
    )
    rows = (
        Attempt.objects.filter(is_preview=False, finished_at=None, closed_at=None, edition__withdrawn_at=None)
        .annotate(latest=latest)
        .select_related("person__merged_into", "edition__course")
    )
    for days, attempt in _passed(rows, "latest", UNFINISHED_DAYS, now):
        key = f"{attempt.public_id}:{local_day(attempt.latest)}:{days}"
        yield Due(UNFINISHED, key, attempt.person, {"course": attempt.edition.course.key})


def _due(now: datetime) -> Iterator[Due]:
    """Those who are to have finished a course soon."""
    today = local_day(now)
    rows = CourseAssignment.objects.filter(
        due_on__gte=today, due_on__lte=today + timedelta(days=max(DUE_DAYS)), assigned_at__lte=now - timedelta(days=1)
    ).select_related("enrolment__person__merged_into", "enrolment__course")
    for row in rows.order_by("pk").iterator(chunk_size=500):
        if row.due_on is not None:
            days = min(days for days in DUE_DAYS if (row.due_on - today).days <= days)
            payload = {"course": row.enrolment.course.key, "due_on": row.due_on.isoformat()}
            yield Due(DUE, f"{row.enrolment.public_id}:{row.due_on}:{days}", row.enrolment.person, payload)


def _expiring(now: datetime) -> Iterator[Due]:
    """Those who may do something that they will not be allowed to later, unless they do something about it."""
    for expiry in competence.expiries_ahead(max(EXPIRY_DAYS)):
        left = (expiry.last_day - local_day(now)).days
        days = min(days for days in EXPIRY_DAYS if left <= days)
        yield Due(EXPIRY, f"{expiry.at.isoformat()}:{days}", expiry.person, {"at": expiry.at.isoformat()})


def _tomorrow(now: datetime) -> Iterator[Due]:
    """Those with a seat at an occasion that is held tomorrow; of one that is held on several days, before each."""
    day = local_day(now) + timedelta(days=1)
    held = OccasionSession.objects.filter(
        occasion=OuterRef("occasion"), starts_at__gte=day_starts_at(day), starts_at__lt=day_ends_at(day)
    )
    places = Place.objects.filter(
        Exists(held), status=Place.Status.REGISTERED, occasion__status=Occasion.Status.ANNOUNCED
    ).select_related("person__merged_into")
    for place in places.order_by("pk").iterator(chunk_size=500):
        yield Due(OCCASION, f"{place.public_id}:{day}", place.person)


def _digests(now: datetime) -> Iterator[Due]:
    """Managers, once a week, from Monday on."""
    year, week, _weekday = local_day(now).isocalendar()
    for manager in competence.managers():
        yield Due(DIGEST, f"{year}-W{week:02d}", manager)


FINDERS: dict[str, Callable[[datetime], Iterable[Due]]] = {
    START: _not_begun,
    UNFINISHED: _not_finished,
    DUE: _due,
    EXPIRY: _expiring,
    OCCASION: _tomorrow,
    DIGEST: _digests,
}


def _passed(rows: Any, since: str, distances: tuple[int, ...], now: datetime) -> Iterator[tuple[int, Any]]:
    """Each of `rows` whose `since` lies one of `distances` (days) back, but no more than LATE beyond it."""
    for index, days in enumerate(distances):
        oldest = now - timedelta(days=days) - LATE
        if index + 1 < len(distances):
            oldest = max(oldest, now - timedelta(days=distances[index + 1]))
        within = {f"{since}__lte": now - timedelta(days=days), f"{since}__gt": oldest}
        for row in rows.filter(**within).order_by("pk").iterator(chunk_size=500):
            yield days, row


def _unheard(kind: str, due: Iterable[Due]) -> Iterator[Due]:
    """Those of `due` that nobody has noted, to people who can be reached and have not chosen otherwise."""
    unwanted = set(
        MessageChoice.objects.filter(topic=TOPICS[kind], is_wanted=False).values_list("person_id", flat=True)
    )
    seen: set[tuple[str, int]] = set()
    part: list[Due] = []
    for one in due:
        person = one.recipient.merged_into or one.recipient
        if person.pk in unwanted or not person.is_active or not person.email or (one.key, person.pk) in seen:
            continue
        seen.add((one.key, person.pk))
        part.append(Due(one.kind, one.key, person, one.payload))
        if len(part) == 500:
            yield from _unnoted(kind, part)
            part = []
    yield from _unnoted(kind, part)


def _unnoted(kind: str, part: list[Due]) -> list[Due]:
    noted = set(Message.objects.filter(kind=kind, key__in={one.key for one in part}).values_list("key", "recipient_id"))
    return [one for one in part if (one.key, one.recipient.pk) not in noted]
