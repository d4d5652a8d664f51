"""One change of the facts: its number, its instant, and what others must hear of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import structlog
from django.db import connection, transaction
from django.db.models.functions import Now

from competence.actions import prepared
from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation, SystemLogin
from competence.models.completion import Completion
from competence.models.deputy import DeputyAct
from competence.models.employment import Employment, Suspension
from competence.models.ending import Ending
from competence.models.fact import Fact
from competence.models.outbox import OutboxEvent, Revision
from lms.lib.actors import Actor, name_of, person_or_none
from lms.lib.clock import local_day
from lms.users.models import User

log = structlog.get_logger(__name__)
F = TypeVar("F", bound=Fact)
_TICK = timedelta(microseconds=1)
# The facts that decisions rest upon, and how each knows its person.
_OF_PERSON = (Employment, Attestation, Exemption, SystemLogin, Completion, Ending)
_OF_EMPLOYMENT = (Suspension, Appointment, LevelDecision, Authorisation)


@dataclass(frozen=True)
class Change:
    """A numbered change, made `by` somebody `at` an instant. Everything recorded in it bears that instant.

    First `record`, then `announce`: announcing also writes anew what is prepared for the people concerned.
    """

    number: int
    at: datetime
    by: Actor
    _concerned: set[int] = field(default_factory=set)

    @property
    def today(self) -> date:
        """The local day on which the change is made."""
        return local_day(self.at)

    def record(self, fact: F) -> F:
        """Save `fact` as part of this change."""
        fact.recorded_at = self.at
        fact.recorded_by = person_or_none(self.by)
        fact.recorded_by_name = name_of(self.by)
        fact.save(force_insert=True)
        if isinstance(fact, _OF_PERSON):
            self._concerned.add(fact.person_id)
        elif isinstance(fact, _OF_EMPLOYMENT):
            self._concerned.add(fact.employment.person_id)
        return fact

    def announce(self, kind: str, *, person: User | None, **payload: Any) -> OutboxEvent:
        """Put an event into the outbox, in this transaction. Delivery is asked for at the commit, and swept later."""
        if self._concerned:
            prepared.refresh(self._concerned)
            self._concerned.clear()
        event = OutboxEvent.objects.create(revision=self.number, kind=kind, person=person, payload=payload)
        # Once for each transaction: one that makes a thousand changes need not wake the worker a thousand times.
        if not any(_ask_for_delivery in entry for entry in connection.run_on_commit):
            transaction.on_commit(_ask_for_delivery, robust=True)
        return event


def begin_change(*, by: Actor, as_deputy: int | None = None) -> Change:
    """Take the next revision. Must be called in a transaction; other writers wait until it ends.

    Call it as late as the facts allow. The database's clock gives the instant, and never the same one twice.
    `as_deputy`: what `permissions.require_decider` answered, so that the change is known to be a deputy's.
    """
    revision = Revision.objects.select_for_update().filter(pk=1).annotate(now=Now()).first()
    if revision is None:  # a database emptied by hand or by a test
        Revision.objects.get_or_create(pk=1)
        return begin_change(by=by, as_deputy=as_deputy)
    number, at = revision.number + 1, max(revision.now, revision.at + _TICK)
    Revision.objects.filter(pk=1).update(number=number, at=at)
    change = Change(number=number, at=at, by=by)
    if as_deputy is not None:
        change.record(DeputyAct(deputy_assignment_id=as_deputy))
    return change


def _ask_for_delivery() -> None:
    """Wake the worker. A broker that is down costs nothing but time: the outbox is swept at intervals."""
    from competence.tasks import deliver_outbox

    try:
        deliver_outbox.delay()
    except Exception as error:  # the broker's client raises what it likes
        log.warning("outbox.broker_unreachable", error=repr(error))
