"""Whom machine clients were given in lists: of holders, and of the change feed where they do not merely go on.

The feed is there to be copied. Going on from where one had come to is what a follower does all day, after a stop of a
week, too, and what somebody who took the client's secret could not do without the client's noticing a gap. To begin at
the beginning, or to read again what one has read, is what a new copy looks like, whoever makes it: legitimate once,
and then somebody says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max

from competence.models.client_activity import LookUpHour
from competence.models.machine_client import MachineClient
from lms.audit.api import listed_since

HOLDERS, FEED = "list_right_holders", "list_changes"


@dataclass
class Listing:
    """What lists gave a client in an hour: whom, how far in the feed it came, and when it asked last."""

    last_at: datetime
    people: set[int] = field(default_factory=set)
    feed_number: int = 0


def listed_by_hour(since: datetime, clients: Mapping[str, MachineClient]) -> dict[tuple[str, datetime], Listing]:
    """What the lists from the hour `since` on gave these clients (by their actors' names), by client and hour."""
    found: dict[tuple[str, datetime], Listing] = {}
    before = _read_before(since, clients)
    so_far = dict(before)
    current: datetime | None = None
    for action, at, actor, details in listed_since((HOLDERS, FEED), since):
        if actor not in clients:
            continue
        hour = hour_of(at)
        if hour != current:
            current, before = hour, dict(so_far)
        listing = found.setdefault((actor, hour), Listing(at))
        listing.last_at = at
        if action == HOLDERS or not _goes_on(_number(details["after"]), before.get(actor, 0)):
            listing.people.update(details["people"])
        if action == FEED:
            listing.feed_number = max(listing.feed_number, _number(details["next"]))
            so_far[actor] = max(so_far.get(actor, 0), listing.feed_number)
    return found


def hour_of(instant: datetime) -> datetime:
    """The hour in which `instant` lies."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _read_before(since: datetime, clients: Mapping[str, MachineClient]) -> dict[str, int]:
    """How far in the feed each client had come before `since`."""
    rows = LookUpHour.objects.filter(starts_at__lt=since, feed_number__gt=0).values("client")
    furthest: dict[Any, int] = {row["client"]: row["furthest"] for row in rows.annotate(furthest=Max("feed_number"))}
    return {actor: furthest[client.pk] for actor, client in clients.items() if client.pk in furthest}


def _goes_on(after: int, before: int) -> bool:
    """Whether a page after that number is new to a client that had come to `before` at the beginning of the hour."""
    return before > 0 and after >= before


def _number(cursor: str) -> int:
    """The number in a cursor of the feed; 0: from the beginning."""
    last = cursor.rpartition(".")[2]
    return int(last) if last.isdecimal() else 0
