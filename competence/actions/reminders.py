"""Telling people in advance that an ordering right becomes inactive unless they log in."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from competence.actions.change import begin_change
from competence.models.transfer import LapseWarning
from competence.policy.rules import NoRules
from competence.queries.eligibility import current_moment
from competence.queries.lapses import Lapse, lapses_ahead, lapses_of
from lms.audit.api import record_write
from lms.lib.actors import Machine

DISTANCES = (30, 7)
"""How many days beforehand. When more than one has passed, only the nearest is told."""
BY = Machine("job:send_reminders")


def reminders_due() -> list[tuple[Lapse, int]]:
    """Whom to tell now: the lapse, and at which of DISTANCES. Nobody twice at the same."""
    moment = current_moment()
    try:
        found = list(lapses_ahead(timedelta(days=max(DISTANCES)), moment))
    except NoRules:
        return []
    told = set(
        LapseWarning.objects.filter(authorisation__in=[lapse.authorisation.pk for lapse in found]).values_list(
            "authorisation", "lapses_at", "days_before"
        )
    )
    due = [(lapse, min(d for d in DISTANCES if lapse.at <= moment.now + timedelta(days=d))) for lapse in found]
    return [(lapse, days) for lapse, days in due if (lapse.authorisation.pk, lapse.at, days) not in told]


def remind_of_lapses() -> list[Lapse]:
    """Tell everybody who is to be told now, each in a transaction of its own. May be run at any time, and twice."""
    return [lapse for lapse, days in reminders_due() if _remind(lapse, days)]


@transaction.atomic
def _remind(lapse: Lapse, days: int) -> bool:
    """Put the message into the outbox, once. False: somebody told it meanwhile, or a log-in has come."""
    authorisation, person = lapse.authorisation, lapse.authorisation.employment.person
    change = begin_change(by=BY)
    if lapse not in lapses_of([authorisation], timedelta(days=days), current_moment()):
        return False
    _warning, is_new = LapseWarning.objects.get_or_create(
        authorisation=authorisation, lapses_at=lapse.at, days_before=days
    )
    if is_new:
        subject = f"authorisation:{authorisation.public_id}"
        record_write("remind_of_lapse", by=BY, subject=subject, person=person, days=days)
        change.announce(
            "authorisation.lapsing",
            person=person,
            authorisation=str(authorisation.public_id),
            lapses_at=lapse.at.isoformat(),
            days=days,
        )
    return is_new
