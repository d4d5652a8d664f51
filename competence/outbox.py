"""Delivering events: at least once, in order per person, and one that fails for good does not stop the others."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import connection, transaction
from django.utils import timezone

from competence.models.outbox import OutboxEvent

log = structlog.get_logger(__name__)

Listener = Callable[[OutboxEvent], None]
_listeners: dict[str, list[Listener]] = {}
ATTEMPTS_BEFORE_PARKING = 8
BATCH = 200


def listens_to(*kinds: str) -> Callable[[Listener], Listener]:
    """Register a function to be called with each event of `kinds`.

    It may be called more than once with the same event, so it must make sure itself that the effect comes once.
    """

    def register(listener: Listener) -> Listener:
        for kind in kinds:
            _listeners.setdefault(kind, []).append(listener)
        return listener

    return register


def deliver_waiting() -> int:
    """Deliver every event that waits. Several workers may run it: each event is held by one of them at a time."""
    delivered = 0
    after = 0
    held_back: set[int] = set()
    while True:
        revisions = list(
            OutboxEvent.objects.filter(delivered_at__isnull=True, parked_at__isnull=True, revision__gt=after)
            .order_by("revision")
            .values_list("revision", "person_id")[:BATCH]
        )
        if not revisions:
            return delivered
        for revision, person_id in revisions:
            after = revision
            if person_id in held_back:
                continue  # an earlier event of the same person is still to come
            if _deliver(revision):
                delivered += 1
            elif person_id is not None:
                held_back.add(person_id)


def _deliver(revision: int) -> bool:
    """Deliver one event, or note why not. False when it is to be tried again, or another worker has it."""
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(pk=revision, delivered_at__isnull=True, parked_at__isnull=True)
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        event = waiting.first()
        if event is None:
            return False
        try:
            with transaction.atomic():
                for listener in _listeners.get(event.kind, []):
                    listener(event)
        except Exception as error:  # a listener's fault must not stop the others' events
            event.attempts += 1
            event.last_error = repr(error)
            if event.attempts >= ATTEMPTS_BEFORE_PARKING:
                event.parked_at = timezone.now()
                log.error("outbox.parked", revision=revision, kind=event.kind, error=event.last_error)
            event.save(update_fields=["attempts", "last_error", "parked_at"])
            return False
        event.delivered_at = timezone.now()
        event.save(update_fields=["delivered_at"])
        return True
