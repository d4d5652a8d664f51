"""Alarms about clients that ask too much: raised by the watch, handled by people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from competence.actions.change import begin_change
from competence.actions.client_secrets import require_admitter
from competence.models.client_activity import HarvestAlarm
from competence.models.machine_client import MachineClient
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine, person_or_none

WATCH = Machine("task:watch_for_harvesting")


@transaction.atomic
def raise_alarm(
    *,
    client: MachineClient,
    kind: HarvestAlarm.Kind,
    starts_at: datetime,
    counted: int,
    expected: int,
    by: Actor = WATCH,
) -> HarvestAlarm | None:
    """Raise an alarm and have it told to those who look after clients. None: it has been raised for this hour."""
    alarm, is_new = HarvestAlarm.objects.get_or_create(
        client=client, kind=kind, starts_at=starts_at, defaults={"counted": counted, "expected": expected}
    )
    if not is_new:
        return None
    record_write("raise_alarm", by=by, subject=f"machine_client:{client.client_id}", kind=str(kind), counted=counted)
    begin_change(by=by).announce("client.alarmed", person=None, alarm=str(alarm.public_id))
    return alarm


@transaction.atomic
def handle_alarm(*, alarm: HarvestAlarm, is_ordinary: bool, by: Actor) -> HarvestAlarm:
    """Somebody has looked into it. `is_ordinary`: such an hour is what the client does from now on."""
    require_admitter(by)
    alarm.handled_at, alarm.handled_by, alarm.is_ordinary = timezone.now(), person_or_none(by), is_ordinary
    alarm.save(update_fields=["handled_at", "handled_by", "is_ordinary"])
    record_write(
        "handle_alarm",
        by=by,
        subject=f"machine_client:{alarm.client.client_id}",
        alarm=str(alarm.public_id),
        is_ordinary=is_ordinary,
    )
    return alarm
