"""Occasions as iCalendar (RFC 5545), for one occasion and for a person's subscribed calendar.

One event for each session. Its UID never changes and its SEQUENCE rises when the occasion is moved, so a calendar
program moves the event rather than adding another; a cancelled occasion stays, as cancelled. Times are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Occasion, OccasionSession, Place
from lms.lib.mailing import address_of
from lms.users.models import User, same_person

CONTENT_TYPE = "text/calendar; charset=utf-8"
# A calendar that is subscribed to keeps this much of what is over.
_KEPT = timedelta(days=180)
_ASK_AGAIN = timedelta(hours=4)


def occasion_calendar(occasion: Occasion, *, with_video_link: bool) -> bytes:
    """The occasion as a file. The video link is for those who have a place."""
    calendar = _calendar(occasion.course.title)
    _add(calendar, occasion.sessions.all(), occasion, with_video_link=with_video_link)
    return bytes(calendar.to_ical())


def calendar_of(person: User) -> bytes:
    """The occasions where `person` has a seat and those they teach, from half a year back on. Two queries."""
    seats = Place.objects.filter(same_person(person), status__in=Place.HOLDS_A_SEAT)
    sessions = (
        OccasionSession.objects.filter(
            Q(occasion__in=seats.values("occasion")) | same_person(person, "occasion__teacher")
        )
        .exclude(occasion__status=Occasion.Status.DRAFT)
        .filter(ends_at__gte=timezone.now() - _KEPT)
        .select_related("occasion__course")
    )
    calendar = _calendar(_("Courses: medical aids in Västra Götaland"))
    calendar.add("REFRESH-INTERVAL", _ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", _ASK_AGAIN)
    for session in sessions:
        _add(calendar, [session], session.occasion, with_video_link=True)
    return bytes(calendar.to_ical())


def _calendar(name: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//Hjalpmedel i Vastra Gotaland//Kurser//SV")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", _one_line(name))
    return calendar


def _add(
    calendar: icalendar.Calendar, sessions: Iterable[OccasionSession], occasion: Occasion, *, with_video_link: bool
) -> None:
    host, page = urlsplit(settings.BASE_URL).hostname, address_of("courses:occasion", occasion.public_id)
    for session in sessions:
        event = icalendar.Event()
        event.add("UID", f"{session.public_id}@{host}")
        event.add("SEQUENCE", occasion.revision)
        event.add("DTSTAMP", timezone.now().astimezone(UTC))
        event.add("DTSTART", _utc(session.starts_at))
        event.add("DTEND", _utc(session.ends_at))
        title = f"{occasion.course.title}: {session.topic}" if session.topic else occasion.course.title
        event.add(
            "SUMMARY", _one_line(_("Cancelled: %(title)s") % {"title": title} if occasion.is_cancelled else title)
        )
        event.add("LOCATION", _one_line(", ".join(part for part in (session.room, occasion.where) if part)))
        lines = [occasion.note] if with_video_link and occasion.note else []
        if with_video_link and occasion.video_url:
            lines.append(occasion.video_url)
        event.add("DESCRIPTION", "\n".join([*lines, page]).replace("\r", ""))
        event.add("URL", page)
        event.add("STATUS", "CANCELLED" if occasion.is_cancelled else "CONFIRMED")
        calendar.add_component(event)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _one_line(text: str) -> str:
    return " ".join(text.split())
