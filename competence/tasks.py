"""Background work."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.db import transaction

from competence.actions.names import name_after_rules_in_force
from competence.actions.reminders import remind_of_lapses
from competence.feed.background import announce_due, begin_feed
from competence.harvesting import watch
from competence.imports.completions.runner import go_on_with, waiting_imports
from competence.models.outbox import OutboxEvent
from competence.notices import send_waiting
from competence.outbox import deliver_waiting, listens_to
from competence.rebuilding import open_ranges, start_rebuild, work_on
from competence.simulation.background import carry_out
from competence.webhooks.delivery import deliver_to, due_webhooks

log = structlog.get_logger(__name__)
ANNOUNCE_SECONDS = 30


@shared_task(ignore_result=True)
def deliver_outbox() -> int:
    """Deliver what waits in the outbox, and send the e-mail that comes of it; returns how many events were delivered.

    Safe to run at any time.
    """
    delivered = deliver_waiting()
    send_waiting()
    wake_webhooks()
    return delivered


@shared_task(ignore_result=True)
def follow_rules_in_force() -> int:
    """Name roles, rights and systems after the rules in force; returns their version. Safe to run at any time.

    Names only: what the rules demand follows their time by itself.
    """
    return name_after_rules_in_force()


@shared_task(ignore_result=True)
def send_reminders() -> int:
    """Tell those whose ordering rights will become inactive; returns how many. Safe to run at any time."""
    return len(remind_of_lapses())


@shared_task(ignore_result=True)
def wake_webhooks() -> int:
    """Put every webhook that something is to be sent to into the queue, each by itself; returns how many.

    Safe to run at any time.
    """
    due = due_webhooks()
    for pk in due:
        deliver_webhook.delay(pk)
    return len(due)


@shared_task(ignore_result=True)
def deliver_webhook(pk: int) -> None:
    """Send what waits for one webhook. What remains when its time is up goes behind the others in the queue.

    Safe to run at any time, twice, and to be broken off.
    """
    if deliver_to(pk):
        deliver_webhook.delay(pk)


@shared_task(ignore_result=True)
def watch_for_harvesting() -> int:
    """Count what machine clients have asked, and raise the alarms that are due; returns how many."""
    return watch()


@shared_task(ignore_result=True)
def rebuild_range(range_id: int) -> int:
    """Bring the stored state of a range of people to the latest rules; returns how many were written.

    Safe to run at any time, twice, and to be broken off.
    """
    return sum(work_on(range_id))


@shared_task(ignore_result=True)
def go_on_rebuilding() -> int:
    """Put the ranges that nobody is at into the queue; returns how many. Safe to run at any time."""
    ranges = open_ranges()
    for range_id in ranges:
        rebuild_range.delay(range_id)
    return len(ranges)


@shared_task(ignore_result=True)
def announce_changes() -> int:
    """Announce in the feed what time has brought; returns of how many people. Safe to run at any time.

    Where not everybody has been told of yet, have that begun.
    """
    if not begin_feed():
        start_rebuild()
        go_on_rebuilding.delay()
    announced, until = 0, time.monotonic() + ANNOUNCE_SECONDS
    while (more := announce_due()) and time.monotonic() < until:
        announced += more
    return announced


@listens_to("rules.published")
def rebuild_for_published_rules(event: OutboxEvent) -> None:
    """Every stored outcome is of earlier rules now: have them made anew. Told twice, it finds that work begun."""
    start_rebuild()
    transaction.on_commit(_ask_to_go_on, robust=True)


def _ask_to_go_on() -> None:
    """Wake the workers. A broker that is down costs only time: what is left is put into the queue at intervals."""
    try:
        go_on_rebuilding.delay()
    except Exception as error:  # the broker's client raises what it likes
        log.warning("rebuild.broker_unreachable", error=repr(error))


@shared_task(ignore_result=True)
def run_simulation(public_id: str) -> None:
    """Carry out a simulation that somebody started on a page."""
    carry_out(public_id)


@shared_task(ignore_result=True)
def go_on_importing() -> int:
    """Work on the lists that wait to be checked or recorded, one after the other; returns how many there were.

    Safe to run at any time, twice, and to be broken off.
    """
    waiting = waiting_imports()
    for pk in waiting:
        for _part in go_on_with(pk):
            pass
    return len(waiting)
