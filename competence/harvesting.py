"""Watching for harvesting: a client that asks about unusually many people, or about many HSA-IDs that nobody has.

The look-up log is counted by client and hour. What is unusual is measured by the client's own past: more than a floor,
and more than some times its busiest hour of the last weeks. A number that nobody here has tells of guessing; an
ordering system asks about people who have logged in there. An alarm stops nothing: that is the quota's business.

Lists are counted too. A list of holders names people whom nobody asked about one by one. The change feed is meant to be
read whole and followed: who goes on from where they had come to is counted nowhere, however much there is to read. Who
begins it, or reads again what they have read, takes a copy of everybody, and is counted (`competence.listing`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import TruncHour, Upper
from django.utils import timezone

from competence.actions.harvesting import raise_alarm
from competence.listing import hour_of, listed_by_hour
from competence.models.client_activity import HarvestAlarm, LookUpHour
from competence.models.machine_client import MachineClient
from competence.queries.machine_clients import logged_since

log = structlog.get_logger(__name__)
HOUR = timedelta(hours=1)
LATE = timedelta(minutes=5)  # rows of an hour may still be written so long after it
FURTHEST_BACK = timedelta(days=2)  # a watch that stood still longer than this does not count what it missed
PAST = timedelta(weeks=4)


@dataclass(frozen=True)
class Limits:
    """What a client may ask in an hour before somebody hears of it."""

    people: int
    unknown: int
    listed: int


def watch() -> int:
    """Count what has been asked since the last time and raise the alarms that are due; returns how many.

    Safe to run at any time, twice, and by several workers.
    """
    counted = count_look_ups()
    return sum(_alarms_about(hour) for hour in counted)


def count_look_ups() -> list[LookUpHour]:
    """Count the hours that are not counted for good yet; returns those of clients that are there."""
    now = timezone.now()
    latest = LookUpHour.objects.aggregate(latest=Max("starts_at"))["latest"]
    since = hour_of(now - LATE)
    if latest is not None:
        since = max(min(since, latest), hour_of(now - FURTHEST_BACK))
    clients = {client.actor_name: client for client in MachineClient.objects.all()}
    found: dict[tuple[str, datetime], LookUpHour] = {}

    def hour(actor: str, starts_at: datetime) -> LookUpHour:
        empty = LookUpHour(client=clients[actor], starts_at=starts_at, answers=0, people=0, unknown=0)
        return found.setdefault((actor, starts_at), empty)

    for row in _asked_since(since):
        if row["asked_by"] in clients:
            one = hour(row["asked_by"], row["hour"])
            one.answers, one.people, one.unknown = row["answers"], row["people"], row["unknown"]
            one.last_at = row["last_at"]
    for (actor, starts_at), listing in listed_by_hour(since, clients).items():
        one = hour(actor, starts_at)
        one.listed, one.feed_number = len(listing.people), listing.feed_number
        one.last_at = max(one.last_at or listing.last_at, listing.last_at)
    counted = sorted(found.values(), key=lambda one: one.starts_at)
    LookUpHour.objects.bulk_create(
        counted,
        update_conflicts=True,
        unique_fields=["client", "starts_at"],
        update_fields=["answers", "people", "unknown", "listed", "feed_number", "last_at"],
    )
    return counted


def _asked_since(since: datetime) -> Iterable[dict[str, Any]]:
    """What was asked one by one or in batches, by client and hour."""
    rows: Iterable[Any] = (
        logged_since(since)
        .annotate(hour=TruncHour("asked_at", tzinfo=UTC))
        .values("asked_by", "hour")
        .annotate(
            answers=Count("pk"),
            people=Count(Upper("hsa_id"), distinct=True),
            unknown=Count(Upper("hsa_id"), distinct=True, filter=Q(person__isnull=True)),
            last_at=Max("asked_at"),
        )
    )
    return rows


def limits_for(client: MachineClient, hour: datetime) -> Limits:
    """What the client may ask in this hour, by what it has asked before. Hours that alarmed are no measure, unless
    somebody has said that they are ordinary."""
    times = settings.HARVEST_TIMES_USUAL
    alarmed = HarvestAlarm.objects.filter(client=client, starts_at=OuterRef("starts_at"), is_ordinary=False)
    past = LookUpHour.objects.filter(
        ~Exists(alarmed), client=client, starts_at__lt=hour, starts_at__gte=hour - PAST
    ).aggregate(people=Max("people"), unknown=Max("unknown"), listed=Max("listed"))
    return Limits(
        people=max(settings.HARVEST_PEOPLE_PER_HOUR, times * (past["people"] or 0)),
        unknown=max(settings.HARVEST_UNKNOWN_PER_HOUR, times * (past["unknown"] or 0)),
        listed=max(settings.HARVEST_PEOPLE_PER_HOUR, times * (past["listed"] or 0)),
    )


def _alarms_about(hour: LookUpHour) -> int:
    floor = min(settings.HARVEST_PEOPLE_PER_HOUR, settings.HARVEST_UNKNOWN_PER_HOUR)
    if max(hour.people, hour.listed) <= floor:  # the usual case needs no look at the past
        return 0
    limits = limits_for(hour.client, hour.starts_at)
    found: Iterable[tuple[HarvestAlarm.Kind, int, int]] = (
        (HarvestAlarm.Kind.PEOPLE, hour.people, limits.people),
        (HarvestAlarm.Kind.UNKNOWN, hour.unknown, limits.unknown),
        (HarvestAlarm.Kind.LISTED, hour.listed, limits.listed),
    )
    raised = 0
    for kind, counted, expected in found:
        if counted > expected and raise_alarm(
            client=hour.client, kind=kind, starts_at=hour.starts_at, counted=counted, expected=expected
        ):
            log.error(
                "api.harvesting", client=hour.client.client_id, kind=kind.value, counted=counted, expected=expected
            )
            raised += 1
    return raised
