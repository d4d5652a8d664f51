"""Background work."""

from __future__ import annotations

from celery import shared_task

from competence.outbox import deliver_waiting


@shared_task(ignore_result=True)
def deliver_outbox() -> int:
    """Deliver what waits in the outbox; returns how many events were delivered. Safe to run at any time."""
    return deliver_waiting()
