"""E-mail about occasions: who is told of what, and in which words.

The words are made when it is sent, of what holds then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from courses.messages import cancel, note, note_all, speaks_of
from courses.models import Message, Occasion, Place
from courses.occasion_words import session_lines, time_text
from courses.queries.places import number_in_line, place_of
from lms.lib.mailing import Words, address_of
from lms.users.models import User

PLACE, PROMOTED, PLACE_CANCELLED = "occasion.place", "occasion.promoted", "occasion.place_cancelled"
GIVEN_UP, MOVED, CANCELLED = "occasion.given_up", "occasion.moved", "occasion.cancelled"


def tell_of_place(place: Place) -> None:
    """A seat, or a turn in the line. Nothing of what is over: that is entered afterwards."""
    if _is_coming(place.occasion):
        note(kind=PLACE, key=str(place.public_id), recipient=place.person)


def tell_of_promotion(place: Place) -> None:
    note(kind=PROMOTED, key=str(place.public_id), recipient=place.person)


def tell_of_cancelled_place(place: Place) -> None:
    for kind in (PLACE, PROMOTED):
        cancel(kind=kind, key=str(place.public_id))
    if _is_coming(place.occasion):
        note(kind=PLACE_CANCELLED, key=str(place.public_id), recipient=place.person)


def tell_teacher_of_cancelled_place(place: Place) -> None:
    if place.occasion.teacher is not None:
        note(kind=GIVEN_UP, key=str(place.public_id), recipient=place.occasion.teacher)


def tell_of_cancelled_occasion(occasion: Occasion) -> None:
    if _is_coming(occasion):
        note_all(kind=CANCELLED, key=str(occasion.public_id), recipients=_concerned(occasion))


def tell_of_move(occasion: Occasion, before: Sequence[tuple[datetime, datetime, str]], where: Sequence[str]) -> None:
    """`before`: start, end and room of each session as they were; `where`: town, room and video link as they were."""
    if not _is_coming(occasion):
        return
    town, venue, _video_url = where
    note_all(
        kind=MOVED,
        key=f"{occasion.public_id}:{occasion.revision}",
        recipients=_concerned(occasion),
        payload={
            "sessions": [[start.isoformat(), end.isoformat()] for start, end, _room in before],
            "where": ", ".join(part for part in (venue, town) if part),
        },
    )


def _concerned(occasion: Occasion) -> list[User]:
    """Those with a seat or a turn, and the teacher."""
    places = occasion.places.exclude(status=Place.Status.CANCELLED).select_related("person")
    return [*(place.person for place in places), *([occasion.teacher] if occasion.teacher else [])]


def _is_coming(occasion: Occasion) -> bool:
    return occasion.ends_at > timezone.now()


@speaks_of(PLACE, PROMOTED)
def _of_place(message: Message) -> Words | None:
    place = _place(message)
    if place is None or not place.occasion.is_announced or not _is_coming(place.occasion):
        return None
    course = place.occasion.course.title
    if place.status == Place.Status.WAITING:
        subject = _("You are on the waiting list: %(course)s") % {"course": course}
        text = _(
            "The occasion is full. You have number %(number)d in the line. If a seat becomes free it is yours at once, "
            "and we write to you."
        ) % {"number": number_in_line(place)}
    elif place.status == Place.Status.REGISTERED and (message.kind == PROMOTED or place.promoted_at):
        # Who was called from the line before the first message left needs to hear of it once.
        if message.kind == PLACE:
            return None
        subject = _("You have a seat: %(course)s") % {"course": course}
        text = _("A seat became free, and you were first in the line. Cancel it if you cannot come: others wait.")
    elif place.status == Place.Status.REGISTERED:
        subject = _("You are registered: %(course)s") % {"course": course}
        text = _("You have a seat. Cancel it if you cannot come, so that somebody else can have it.")
    else:
        return None
    return _words(place.occasion, subject, text, has_a_seat=place.holds_a_seat)


@speaks_of(PLACE_CANCELLED)
def _of_cancelled_place(message: Message) -> Words | None:
    place = _place(message)
    if place is None or place.status != Place.Status.CANCELLED or not place.occasion.is_announced:
        return None
    if place_of(message.recipient, place.occasion) is not None:
        return None  # registered again in the meantime
    subject = _("Your place is cancelled: %(course)s") % {"course": place.occasion.course.title}
    if place.cancelled_by == Place.CancelledBy.PARTICIPANT:
        text = _("You have cancelled, and somebody else can have the seat. You are welcome at another occasion.")
    else:
        text = _("The organiser has cancelled your place. Ask them if you do not know why.")
    return _words(place.occasion, subject, text)


@speaks_of(GIVEN_UP)
def _of_given_up(message: Message) -> Words | None:
    place = _place(message)
    if place is None or place.status != Place.Status.CANCELLED or not place.occasion.is_announced:
        return None
    subject = _("A participant has cancelled: %(course)s") % {"course": place.occasion.course.title}
    text = _("A seat was given up. If anybody waited in the line, they have it now.")
    return _words(place.occasion, subject, text, page="courses:occasion_participants", link=_("See the participants"))


@speaks_of(MOVED)
def _of_move(message: Message) -> Words | None:
    key, _colon, revision = message.key.rpartition(":")
    occasion = _occasion(key)
    if occasion is None or not occasion.is_announced or str(occasion.revision) != revision or not _is_coming(occasion):
        return None  # cancelled, over, or moved again: then another message tells where to
    place, teaches = place_of(message.recipient, occasion), _is_teacher(message.recipient, occasion)
    if place is None and not teaches:
        return None
    subject = _("New time or place: %(course)s") % {"course": occasion.course.title}
    before = "\n".join(
        f"– {time_text(datetime.fromisoformat(start), datetime.fromisoformat(end))}"
        for start, end in message.payload["sessions"]
    )
    where = message.payload["where"]
    text = _("The occasion has been moved. It was to be:") + f"\n{before}" + (f"\n{where}" if where else "")
    text += "\n\n" + _("You keep your place. Cancel it if the new time does not suit you.")
    has_a_seat = teaches or (place is not None and place.holds_a_seat)
    return _words(occasion, subject, text, heading=_("It is now:"), has_a_seat=has_a_seat)


@speaks_of(CANCELLED)
def _of_cancelled(message: Message) -> Words | None:
    occasion = _occasion(message.key)
    if occasion is None or not occasion.is_cancelled:
        return None
    subject = _("The occasion is cancelled: %(course)s") % {"course": occasion.course.title}
    text = _("The occasion is not held. The reason: %(reason)s") % {"reason": occasion.cancelled_reason}
    return _words(occasion, subject, text, heading=_("It was to be:"))


def _words(
    occasion: Occasion,
    subject: str,
    text: str,
    *,
    heading: str = "",
    has_a_seat: bool = False,
    page: str = "courses:occasion",
    link: str = "",
) -> Words:
    when = session_lines(occasion.sessions.all())
    parts = [text, f"{heading or _('When and where:')}\n{when}\n{occasion.where}"]
    if occasion.note and has_a_seat:  # for those who come: it may say the code of a door
        parts.append(occasion.note)
    # A title may hold a line break, which must not become another header.
    return Words(
        " ".join(subject.split()),
        "\n\n".join(parts),
        address_of(page, occasion.public_id),
        link or _("See the occasion"),
    )


def _place(message: Message) -> Place | None:
    return Place.objects.select_related("occasion__course", "person").filter(public_id=message.key).first()


def _occasion(key: str) -> Occasion | None:
    return Occasion.objects.select_related("course", "teacher").filter(public_id=key).first()


def _is_teacher(person: Any, occasion: Occasion) -> bool:
    return occasion.teacher is not None and person.is_same_as(occasion.teacher)
