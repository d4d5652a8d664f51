"""Background work."""

from __future__ import annotations

from celery import shared_task

from competence.actions.reminders import remind_of_lapses
from competence.notices import send_waiting
from competence.outbox import deliver_waiting


@shared_task(ignore_result=True)
def deliver_outbox() -> int:
    """Deliver what waits in the outbox, and send the e-mail that comes of it; returns how many events were delivered.

    Safe to run at any time.
    """
    delivered = deliver_waiting()
    send_waiting()
    return delivered


@shared_task(ignore_result=True)
def send_reminders() -> int:
    """Tell those whose ordering rights will become inactive; returns how many. Safe to run at any time."""
    return len(remind_of_lapses())
