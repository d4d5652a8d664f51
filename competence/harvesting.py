"""Watching for harvesting: a client that asks about unusually many people, or about many HSA-IDs that nobody has.

The look-up log is counted by client and hour. What is unusual is measured by the client's own past: more than a floor,
and more than some times its busiest hour of the last weeks. A number that nobody here has tells of guessing; an
ordering system asks about people who have logged in there. An alarm stops nothing: that is the quota's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import TruncHour, Upper
from django.utils import timezone

from competence.actions.harvesting import raise_alarm
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
    since = _hour_of(now - LATE)
    if latest is not None:
        since = max(min(since, latest), _hour_of(now - FURTHEST_BACK))
    rows = (
        logged_since(since)
        .annotate(hour=TruncHour("asked_at", tzinfo=UTC))
        .values("asked_by", "hour")
        .annotate(
            answers=Count("pk"),
            people=Count(Upper("hsa_id"), distinct=True),
            unknown=Count(Upper("hsa_id"), distinct=True, filter=Q(person__isnull=True)),
        )
        .order_by("hour")
    )
    clients = {client.actor_name: client for client in MachineClient.objects.all()}
    counted = [
        LookUpHour(
            client=clients[row["asked_by"]],
            starts_at=row["hour"],
            answers=row["answers"],
            people=row["people"],
            unknown=row["unknown"],
        )
        for row in rows
        if row["asked_by"] in clients
    ]
    LookUpHour.objects.bulk_create(
        counted,
        update_conflicts=True,
        unique_fields=["client", "starts_at"],
        update_fields=["answers", "people", "unknown"],
    )
    return counted


def limits_for(client: MachineClient, hour: datetime) -> Limits:
    """What the client may ask in this hour, by what it has asked before. Hours that alarmed are no measure, unless
    somebody has said that they are ordinary."""
    times = settings.HARVEST_TIMES_USUAL
    alarmed = HarvestAlarm.objects.filter(client=client, starts_at=OuterRef("starts_at"), is_ordinary=False)
    past = LookUpHour.objects.filter(
        ~Exists(alarmed), client=client, starts_at__lt=hour, starts_at__gte=hour - PAST
    ).aggregate(people=Max("people"), unknown=Max("unknown"))
    return Limits(
        people=max(settings.HARVEST_PEOPLE_PER_HOUR, times * (past["people"] or 0)),
        unknown=max(settings.HARVEST_UNKNOWN_PER_HOUR, times * (past["unknown"] or 0)),
    )


def _alarms_about(hour: LookUpHour) -> int:
    floor = min(settings.HARVEST_PEOPLE_PER_HOUR, settings.HARVEST_UNKNOWN_PER_HOUR)
    if hour.people <= floor:  # the usual case needs no look at the past
        return 0
    limits = limits_for(hour.client, hour.starts_at)
    found: Iterable[tuple[HarvestAlarm.Kind, int, int]] = (
        (HarvestAlarm.Kind.PEOPLE, hour.people, limits.people),
        (HarvestAlarm.Kind.UNKNOWN, hour.unknown, limits.unknown),
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


def _hour_of(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
