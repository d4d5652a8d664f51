"""Background work."""

from __future__ import annotations

from celery import shared_task

from courses.actions import attendance, examinations
from courses.actions.evaluations import release_answers
from courses.messages import send_waiting
from courses.reminders import note_reminders
from lms.lib.actors import Machine


@shared_task(ignore_result=True)
def send_messages() -> int:
    """Send the e-mail about courses that waits; returns how many were sent. Safe to run at any time."""
    return send_waiting()


@shared_task(ignore_result=True)
def complete_places() -> int:
    """Record the courses of those who attended, and have done the web part since. Safe to run at any time."""
    return attendance.complete_places()


@shared_task(ignore_result=True)
def remind() -> int:
    """Note the reminders and digests that are due; returns how many. Safe to run at any time."""
    return len(note_reminders())


@shared_task(ignore_result=True)
def release_evaluations() -> int:
    """Let answers about courses be seen that wait together with enough others. Once a day is enough, and right."""
    return release_answers()


@shared_task(ignore_result=True)
def settle_examinations() -> int:
    """Mark the knowledge tests whose time is over; returns how many. Safe to run at any time."""
    return examinations.settle_overdue_examinations(by=Machine("schedule:settle_examinations"))
