"""Making, announcing, changing, cancelling and copying occasions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from competence import api as competence
from courses.actions.places import locked, promote
from courses.models import Attendance, Course, Occasion, OccasionSession
from courses.occasion_messages import tell_of_cancelled_occasion, tell_of_move
from courses.permissions import require_organiser
from courses.publish import publish_course
from courses.queries.places import seats_taken
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.clock import STOCKHOLM, local_day
from lms.lib.errors import Refusal
from lms.users.models import User

MOST_SESSIONS = 60
_AS_THEY_ARE = ("seats", "register_by", "town", "venue", "video_url", "teacher", "prerequisites", "web_part", "note")


@dataclass(frozen=True)
class SessionPlan:
    """A session as it is to be. `public_id`: of the one that it changes; None for a new one."""

    starts_at: datetime
    ends_at: datetime
    topic: str = ""
    room: str = ""
    public_id: UUID | None = None


@dataclass(frozen=True)
class OccasionPlan:
    """All that an organiser says of an occasion. `commissioned_by`: the key of a unit; `prerequisites`: of courses."""

    sessions: Sequence[SessionPlan]
    seats: int
    register_by: date
    town: str = ""
    venue: str = ""
    video_url: str = ""
    teacher: User | None = None
    commissioned_by: str = ""
    prerequisites: Sequence[str] = field(default=())
    web_part: Course | None = None
    note: str = ""


@transaction.atomic
def create_occasion(*, course: Course, plan: OccasionPlan, by: Actor) -> Occasion:
    """A draft: nobody but editors sees it until it is announced. Raises Refusal for a plan that cannot be held."""
    require_organiser(by)
    if course.kind != Course.Kind.OCCASION:
        raise Refusal(_("“%(course)s” is taken on the web, so it has no occasions.") % {"course": course})
    occasion = Occasion(course=course, **_checked(plan, course))
    occasion.save()
    OccasionSession.objects.bulk_create(_session(occasion, one) for one in plan.sessions)
    record_write("create_occasion", by=by, subject=f"occasion:{occasion.public_id}", course=course.key)
    return occasion


@transaction.atomic
def announce_occasion(*, occasion: Occasion, by: Actor) -> Occasion:
    """Let people find the occasion and register. Makes its course known too. Announcing it again changes nothing."""
    require_organiser(by)
    occasion = locked(occasion)
    if occasion.is_cancelled:
        raise Refusal(_("The occasion is cancelled. Copy it to hold it at another time."))
    if occasion.is_announced:
        return occasion
    occasion.status, occasion.announced_at = Occasion.Status.ANNOUNCED, timezone.now()
    occasion.save(update_fields=["status", "announced_at"])
    course = occasion.course
    course.is_published = True
    course.save(update_fields=["is_published"])
    publish_course(course, by=by)
    record_write("announce_occasion", by=by, subject=f"occasion:{occasion.public_id}", course=course.key)
    return occasion


@transaction.atomic
def change_occasion(*, occasion: Occasion, plan: OccasionPlan, by: Actor) -> Occasion:
    """Change what is said of the occasion; more seats go to those who wait, in their order.

    When time or place becomes another, everybody with a place or in the line has an e-mail. Raises Refusal for fewer
    seats than are taken, for a session to be taken away or moved whose attendance is noted, and for a cancelled
    occasion.
    """
    require_organiser(by)
    occasion = locked(occasion)
    if occasion.is_cancelled:
        raise Refusal(_("The occasion is cancelled. Copy it to hold it at another time."))
    taken = seats_taken(occasion)
    if plan.seats < taken:
        raise Refusal(
            ngettext(
                "%(taken)d seat is taken, so there cannot be fewer. Take away places first.",
                "%(taken)d seats are taken, so there cannot be fewer. Take away places first.",
                taken,
            )
            % {"taken": taken}
        )
    before = _time_and_place(occasion)
    for name, value in _checked(plan, occasion.course).items():
        setattr(occasion, name, value)
    _change_sessions(occasion, plan.sessions)
    after = _time_and_place(occasion)
    if before != after:
        occasion.revision += 1
    occasion.save()
    if before != after and occasion.is_announced:
        tell_of_move(occasion, before["sessions"], before["where"])
    promote(occasion, by=by)
    record_write("change_occasion", by=by, subject=f"occasion:{occasion.public_id}", moved=before != after)
    return occasion


@transaction.atomic
def cancel_occasion(*, occasion: Occasion, reason: str, by: Actor) -> Occasion:
    """It is not held. Everybody with a place or in the line hears so, with the reason; their places stay as they were.

    Raises Refusal without a reason, for a draft, and for one that is over or has attendance.
    """
    require_organiser(by)
    occasion = locked(occasion)
    if occasion.is_cancelled:
        return occasion
    if not reason.strip():
        raise Refusal(_("Give the reason: those who have registered are told it."))
    if not occasion.is_announced:
        raise Refusal(_("Only an announced occasion is cancelled. A draft can be removed."))
    if Attendance.objects.filter(place__occasion=occasion).exists():
        raise Refusal(_("Attendance is noted, so the occasion has been held and cannot be cancelled."))
    now = timezone.now()
    occasion.status, occasion.cancelled_at = Occasion.Status.CANCELLED, now
    occasion.cancelled_reason = reason.strip()[:500]
    occasion.revision += 1
    occasion.save(update_fields=["status", "cancelled_at", "cancelled_reason", "revision"])
    tell_of_cancelled_occasion(occasion)
    record_write("cancel_occasion", by=by, subject=f"occasion:{occasion.public_id}", reason=occasion.cancelled_reason)
    return occasion


@transaction.atomic
def copy_occasion(*, occasion: Occasion, first_day: date, by: Actor) -> Occasion:
    """A draft like `occasion` with its first session on `first_day`: same clock times, seats, room and conditions.

    The days between its sessions, and from the last day to register, are the same; the people are not copied.
    """
    require_organiser(by)
    shift = first_day - local_day(occasion.starts_at)
    sessions = [
        SessionPlan(_shifted(s.starts_at, shift), _shifted(s.ends_at, shift), s.topic, s.room)
        for s in occasion.sessions.all()
    ]
    plan = plan_of(occasion, sessions=sessions, register_by=occasion.register_by + shift)
    copy = create_occasion(course=occasion.course, plan=plan, by=by)
    record_write("copy_occasion", by=by, subject=f"occasion:{copy.public_id}", of=str(occasion.public_id))
    return copy


@transaction.atomic
def remove_draft(*, occasion: Occasion, by: Actor) -> None:
    """Take away an occasion that was never announced. Raises Refusal for any other."""
    require_organiser(by)
    occasion = locked(occasion)
    if occasion.status != Occasion.Status.DRAFT:
        raise Refusal(_("Only a draft can be removed. Cancel the occasion instead."))
    record_write("remove_draft", by=by, subject=f"occasion:{occasion.public_id}", course=occasion.course.key)
    occasion.sessions.all().delete()
    occasion.delete()


def plan_of(occasion: Occasion, **changes: Any) -> OccasionPlan:
    """What the occasion says now, with `changes`."""
    values: dict[str, Any] = {
        "sessions": [
            SessionPlan(s.starts_at, s.ends_at, s.topic, s.room, s.public_id) for s in occasion.sessions.all()
        ],
        "commissioned_by": occasion.commissioned_by.key if occasion.commissioned_by else "",
        **{name: getattr(occasion, name) for name in _AS_THEY_ARE},
    }
    return OccasionPlan(**{**values, **changes})


def _shifted(instant: datetime, shift: timedelta) -> datetime:
    """The same clock time in Stockholm, days later: right across the change to summer time."""
    return instant.astimezone(STOCKHOLM) + shift


def _session(occasion: Occasion, plan: SessionPlan) -> OccasionSession:
    return OccasionSession(
        occasion=occasion, starts_at=plan.starts_at, ends_at=plan.ends_at, topic=plan.topic, room=plan.room
    )


def _change_sessions(occasion: Occasion, plans: Sequence[SessionPlan]) -> None:
    """Bring the sessions in line with the plan, keeping those that stay. Those with attendance stay as they are."""
    kept = {session.public_id: session for session in occasion.sessions.all()}
    noted = set(Attendance.objects.filter(session__occasion=occasion).values_list("session__public_id", flat=True))
    named = {plan.public_id for plan in plans if plan.public_id}
    if named - set(kept):
        raise Refusal(_("One of the sessions is no longer there. Load the page again."))
    moved = {
        plan.public_id
        for plan in plans
        if plan.public_id
        and (plan.starts_at, plan.ends_at) != (kept[plan.public_id].starts_at, kept[plan.public_id].ends_at)
    }
    if noted & (moved | (set(kept) - named)):
        raise Refusal(_("Attendance is noted for a session that you move or take away. Clear the attendance first."))
    for public_id in set(kept) - named:
        kept[public_id].delete()
    for plan in plans:
        session = kept[plan.public_id] if plan.public_id else OccasionSession(occasion=occasion)
        session.starts_at, session.ends_at, session.topic, session.room = (
            plan.starts_at,
            plan.ends_at,
            plan.topic,
            plan.room,
        )
        session.save()


def _time_and_place(occasion: Occasion) -> dict[str, Any]:
    """What people must hear of when it becomes another."""
    return {
        "sessions": [(s.starts_at, s.ends_at, s.room) for s in OccasionSession.objects.filter(occasion=occasion)],
        "where": (occasion.town, occasion.venue, occasion.video_url),
    }


def _checked(plan: OccasionPlan, course: Course) -> dict[str, Any]:
    """The fields of an occasion after `plan`. Raises Refusal for what cannot be held."""
    sessions = sorted(plan.sessions, key=lambda one: one.starts_at)
    if not sessions:
        raise Refusal(_("Give at least one session: when does the occasion begin and end?"))
    if len(sessions) > MOST_SESSIONS:
        raise Refusal(_("An occasion has at most %(number)d sessions.") % {"number": MOST_SESSIONS})
    for one in sessions:
        if one.ends_at <= one.starts_at:
            raise Refusal(_("A session must end after it begins."))
    if any(later.starts_at < earlier.ends_at for earlier, later in zip(sessions, sessions[1:], strict=False)):
        raise Refusal(_("Two sessions are at the same time."))
    if plan.seats < 1:
        raise Refusal(_("There must be at least one seat."))
    if not (plan.town.strip() or plan.video_url.strip()):
        raise Refusal(_("Say where it is: a town, a video link, or both."))
    if plan.register_by > local_day(sessions[0].starts_at):
        raise Refusal(_("The last day to register is after the occasion has begun."))
    known = dict(competence.course_titles())
    if unknown := [key for key in plan.prerequisites if key not in known]:
        raise Refusal(_("There is no course with the key %(key)s.") % {"key": unknown[0]})
    if course.key in plan.prerequisites:
        raise Refusal(_("A course cannot be its own prerequisite."))
    if plan.web_part is not None and plan.web_part.kind == Course.Kind.OCCASION:
        raise Refusal(_("The part on the web must be a web course."))
    unit = competence.unit_named(plan.commissioned_by) if plan.commissioned_by else None
    if plan.commissioned_by and unit is None:
        raise Refusal(_("There is no employer with the key %(key)s.") % {"key": plan.commissioned_by})
    return {
        "town": plan.town.strip(),
        "venue": plan.venue.strip(),
        "video_url": plan.video_url.strip(),
        "seats": plan.seats,
        "register_by": plan.register_by,
        "teacher": plan.teacher,
        "commissioned_by": unit,
        "prerequisites": list(dict.fromkeys(plan.prerequisites)),
        "web_part": plan.web_part,
        "note": plan.note.strip(),
        "starts_at": sessions[0].starts_at,
        "ends_at": max(one.ends_at for one in sessions),
    }
