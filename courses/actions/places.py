"""Registering for an occasion, waiting for a seat, and giving it up.

Everything here holds the occasion's row locked: whoever comes at the same time waits. So there are never more seats
taken than there are, and a seat that becomes free goes to the first in the line before anybody else sees it.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from competence import api as competence
from courses.models import Occasion, Place
from courses.occasion_messages import (
    tell_of_cancelled_place,
    tell_of_place,
    tell_of_promotion,
    tell_teacher_of_cancelled_place,
)
from courses.permissions import is_editor, require_organiser
from courses.queries.places import line_of, missing_prerequisites, place_of, seats_taken
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal
from lms.users.models import User


@transaction.atomic
def register(*, occasion: Occasion, person: User, by: Actor) -> Place:
    """Give `person` a seat, or a turn in the line when none is free. Asking again gives the same place.

    People register themselves until the last day, when they have the prerequisites. An organiser registers anybody,
    later too and without the prerequisites, but not beyond the seats and not past the line. Raises Refusal with the
    reason; PermissionDenied when `by` is somebody else, or the occasion is not for the person.
    """
    if by != person and not is_editor(by):
        raise PermissionDenied("register somebody else")
    occasion = locked(occasion)
    if not occasion.is_announced:
        raise Refusal(_("The occasion is cancelled.") if occasion.is_cancelled else _("It is not announced yet."))
    existing = place_of(person, occasion)
    if existing is not None:
        return existing
    if not is_editor(by):
        _may_register(occasion, person)
    is_full = seats_taken(occasion) >= occasion.seats or line_of(occasion).exists()
    last = occasion.places.aggregate(last=Max("turn"))["last"] or 0
    place = Place.objects.create(
        occasion=occasion,
        person=person,
        status=Place.Status.WAITING if is_full else Place.Status.REGISTERED,
        turn=last + 1,
    )
    tell_of_place(place)
    record_write("register", by=by, person=person, subject=f"occasion:{occasion.public_id}", status=place.status)
    return place


@transaction.atomic
def cancel_place(*, place: Place, by: Actor) -> Place:
    """Give up a seat or a turn; the seat goes to the first in the line. Again changes nothing.

    The participant's own word until the occasion begins; an organiser's until attendance is noted.
    """
    is_own = isinstance(by, User) and by.is_same_as(place.person)
    if not is_own:
        require_organiser(by)
    occasion = locked(place.occasion)
    place = Place.objects.select_related("person").get(pk=place.pk)
    place.occasion = occasion
    if place.status == Place.Status.CANCELLED:
        return place
    if place.attendances.exists() or place.status in {Place.Status.ATTENDED, Place.Status.ABSENT}:
        raise Refusal(_("Attendance is noted, so the place can no longer be cancelled."))
    if is_own and not is_editor(by) and timezone.now() >= occasion.starts_at:
        raise Refusal(_("The occasion has begun, so you can no longer cancel. Talk to the teacher."))
    held_a_seat = place.holds_a_seat
    place.status, place.cancelled_at = Place.Status.CANCELLED, timezone.now()
    place.cancelled_by = Place.CancelledBy.PARTICIPANT if is_own else Place.CancelledBy.ORGANISER
    place.save(update_fields=["status", "cancelled_at", "cancelled_by"])
    tell_of_cancelled_place(place)
    if is_own and held_a_seat:
        tell_teacher_of_cancelled_place(place)
    record_write("cancel_place", by=by, person=place.person, subject=f"occasion:{occasion.public_id}")
    promote(occasion, by=by)
    return place


def promote(occasion: Occasion, *, by: Actor) -> list[Place]:
    """Give the free seats to those who wait, in their order, and tell them. Call it under the occasion's lock.

    Not once it has begun: nobody is called to what they have missed.
    """
    if not occasion.is_announced or timezone.now() >= occasion.starts_at:
        return []
    free = occasion.seats - seats_taken(occasion)
    promoted = list(line_of(occasion)[: max(0, free)])
    for place in promoted:
        place.occasion = occasion
        place.status, place.promoted_at = Place.Status.REGISTERED, timezone.now()
        place.save(update_fields=["status", "promoted_at"])
        tell_of_promotion(place)
        record_write("promote", by=by, person=place.person, subject=f"occasion:{occasion.public_id}")
    return promoted


def locked(occasion: Occasion) -> Occasion:
    """The occasion as it is now, held until the end of the transaction: whoever gives or takes seats waits."""
    return (
        Occasion.objects.select_for_update(of=("self",))
        .select_related("course", "teacher", "web_part", "commissioned_by")
        .get(pk=occasion.pk)
    )


def _may_register(occasion: Occasion, person: User) -> None:
    now = timezone.now()
    employer = occasion.commissioned_by_id
    if employer is not None and employer not in competence.units_worked_within(person, now):
        raise PermissionDenied("commissioned by another employer")
    if now >= occasion.registration_ends_at:
        raise Refusal(_("The last day to register has passed."))
    if missing := missing_prerequisites(occasion, person):
        raise Refusal(_("Before this course you take: %(courses)s.") % {"courses": ", ".join(missing)})
