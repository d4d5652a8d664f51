"""Noting who came, and what follows: who was at every session, and has done the web part, has completed the course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.actions.places import locked
from courses.models import Attendance, Occasion, Place
from courses.permissions import sees_participants
from courses.publish import publish_attendance, told_of
from courses.queries.places import web_parts_of
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine, name_of
from lms.lib.errors import Refusal

log = structlog.get_logger(__name__)

# Of a place and a session, by their public ids: there, not there, or (None) not noted after all.
Marks = Mapping[tuple[UUID, UUID], bool | None]
Marked = Mapping[tuple[UUID, UUID], Attendance]


@transaction.atomic
def note_attendance(*, occasion: Occasion, marks: Marks, by: Actor) -> list[Place]:
    """Note who was at which session; returns the places that completed the course by it.

    A place of which every session is noted becomes attended or absent; attended, and its web part completed, is a
    completion; a further one, where that was withdrawn and the marks are corrected since. Raises PermissionDenied
    unless `by` teaches the occasion or edits courses; Refusal for a session that has not begun, somebody without a
    seat, or a mark that would take back a completion that stands.
    """
    if not sees_participants(by, occasion):
        raise PermissionDenied("note attendance")
    occasion = locked(occasion)
    if not occasion.is_announced:
        raise Refusal(_("Attendance is noted for occasions that are held."))
    sessions = {session.public_id: session for session in occasion.sessions.all()}
    holding = occasion.places.filter(status__in=Place.HOLDS_A_SEAT).select_related("person")
    places = {place.public_id: place for place in holding}
    now, noted = timezone.now(), _noted(occasion)
    standing = {key for key, (_number, stands) in _told(places.values()).items() if stands}
    changed: dict[tuple[UUID, UUID], Attendance] = {}
    for (place_id, session_id), was_there in marks.items():
        if noted.get((place_id, session_id)) == was_there:
            continue
        if place_id not in places or session_id not in sessions:
            raise Refusal(_("Somebody in the list has no place any more. Load the page again."))
        place, session = places[place_id], sessions[session_id]
        if session.starts_at > now:
            raise Refusal(_("Attendance can be noted once the session has begun."))
        if place.completed_at is not None and place_id in standing:
            raise Refusal(
                _(
                    "%(person)s has already been recorded as having completed the course. Ask the course office to "
                    "correct it first."
                )
                % {"person": place.person}
            )
        changed[place_id, session_id] = Attendance(
            place=place, session=session, was_there=bool(was_there), noted_at=now, noted_by_name=name_of(by)[:150]
        )
    _write({key: row for key, row in changed.items() if marks[key] is not None}, changed)
    noted, concerned = _noted(occasion), {place_id for place_id, _session in changed}
    settled = [places[place_id] for place_id in concerned]
    for place in settled:
        place.status = _settled([noted.get((place.public_id, session_id)) for session_id in sessions])
        place.completed_at = None  # what was recorded by it no longer stands, or the mark would have been refused
    Place.objects.bulk_update(settled, ["status", "completed_at"])
    if changed:
        record_write("note_attendance", by=by, subject=f"occasion:{occasion.public_id}", places=len(settled))
    return _complete(occasion, settled, by=by)


def complete_places() -> int:
    """Complete the courses of those who were there and have done the web part since. Safe to run at any time.

    Returns how many. Each occasion in a transaction of its own.
    """
    by, completed = Machine("job:complete_places"), 0
    waiting = Place.objects.filter(status=Place.Status.ATTENDED, completed_at=None)
    for occasion in Occasion.objects.filter(pk__in=waiting.values("occasion")).select_related("course"):
        try:
            with transaction.atomic():
                held = locked(occasion)
                places = list(waiting.filter(occasion=held).select_related("person"))
                completed += len(_complete(held, places, by=by))
        except Refusal as refusal:  # one that cannot be told stops no other
            log.error("occasion.not_completed", occasion=str(occasion.public_id), reason=str(refusal))
    return completed


def _noted(occasion: Occasion) -> dict[tuple[UUID, UUID], bool]:
    rows = Attendance.objects.filter(place__occasion=occasion)
    return {
        (place, session): was_there
        for place, session, was_there in rows.values_list("place__public_id", "session__public_id", "was_there")
    }


def _write(noted: Marked, changed: Marked) -> None:
    """Put the changed marks in place of what was noted, in a few queries. Those not in `noted` are taken away."""
    places = {row.place_id for row in changed.values()}
    sessions = {row.session_id for row in changed.values()}
    before = Attendance.objects.filter(place__in=places, session__in=sessions).select_related("place", "session")
    gone = [row.pk for row in before if (row.place.public_id, row.session.public_id) in changed]
    Attendance.objects.filter(pk__in=gone).delete()
    Attendance.objects.bulk_create(noted.values())


def _settled(marks: list[bool | None]) -> Place.Status:
    """What the marks of all sessions make of a place: absent once one was missed, attended when all are noted."""
    if any(mark is False for mark in marks):
        return Place.Status.ABSENT
    return Place.Status.ATTENDED if all(marks) else Place.Status.REGISTERED


def _complete(occasion: Occasion, places: list[Place], *, by: Actor) -> list[Place]:
    """Tell competence of those whose attendance and web part are fulfilled. The occasion is locked."""
    attended = [place for place in places if place.status == Place.Status.ATTENDED and place.completed_at is None]
    if not attended:
        return []
    web_parts = web_parts_of(occasion, [place.person_id for place in attended])
    told = told_of(attended)
    completed = []
    for place in attended:
        web_part_at = web_parts.get(place.person_id)
        if occasion.web_part is not None and web_part_at is None:
            continue
        place.occasion = occasion
        place.completed_at = max(occasion.ends_at, web_part_at or occasion.ends_at)
        # Noted in the middle of the last session: it is over when the teacher says so.
        place.completed_at = min(place.completed_at, timezone.now())
        place.save(update_fields=["completed_at"])
        number, stands = told.get(place.public_id, (0, False))
        publish_attendance(place, place.completed_at, number=number if stands else number + 1, by=by)
        completed.append(place)
    return completed


def _told(places: Iterable[Place]) -> Mapping[UUID, tuple[int, bool]]:
    return told_of([place for place in places if place.completed_at is not None])
