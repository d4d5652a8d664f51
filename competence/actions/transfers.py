"""Who administers an ordering system, and what they have entered in it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.actions.endings import end_fact
from competence.groups import SYSTEM_ADMINISTRATORS
from competence.models.ending import Ending
from competence.models.ordering_system import OrderingSystem
from competence.models.transfer import SystemAdministrator, TransferDone, TransferUndone
from competence.queries.eligibility import current_moment
from competence.queries.transfers import authorisations_in, transfers_waiting
from competence.system_permissions import current_system_administrators, systems_administered_by
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import User


@transaction.atomic
def assign_system_administrator(
    *, person: User, system: OrderingSystem, by: Actor, starts_on: date | None = None, ends_on: date | None = None
) -> SystemAdministrator:
    """`person` administers `system`, from today unless said otherwise, and gets the group that lets them work.

    Raises PermissionDenied unless `by` may say so, and Refusal when the days are reversed.
    """
    _require_may_assign(by)
    change = begin_change(by=by)
    starts_on = starts_on or change.today
    if ends_on is not None and ends_on < starts_on:
        raise Refusal(_("The last day is before the first."))
    assignment = change.record(SystemAdministrator(person=person, system=system, starts_on=starts_on, ends_on=ends_on))
    person.groups.add(Group.objects.get(name=SYSTEM_ADMINISTRATORS))
    record_write("assign_system_administrator", by=by, subject=f"system:{system.key}", person=person)
    change.announce("system_administrator.assigned", person=person, system=system.key)
    return assignment


@transaction.atomic
def end_system_administrator(*, assignment: SystemAdministrator, by: Actor, reason: str = "") -> Ending:
    """The person no longer administers the system, at once."""
    _require_may_assign(by)
    person, system = assignment.person, assignment.system
    change = begin_change(by=by)
    ending = end_fact(assignment, change, kind=Ending.Kind.ENDED, at=change.at, reason=reason)
    if not current_system_administrators(change.at).filter(person=person).exists():
        person.groups.remove(Group.objects.get(name=SYSTEM_ADMINISTRATORS))
    record_write("end_system_administrator", by=by, subject=f"system:{system.key}", person=person)
    change.announce("system_administrator.ended", person=person, system=system.key)
    return ending


@transaction.atomic
def mark_transferred(*, keys: Sequence[str], carried_out_on: date, by: User) -> list[TransferDone]:
    """Note that the entries with `keys` were carried out in the ordering system on `carried_out_on`.

    What is not waiting, or is another system's, is left out without a word: nothing about it is told. Raises Refusal
    for a day ahead.
    """
    if carried_out_on > local_day(timezone.now()):
        raise Refusal(_("The day lies ahead. Enter the day on which it was carried out."))
    change = begin_change(by=by)
    asked = set(keys)
    systems = systems_administered_by(by)
    waiting = transfers_waiting(systems, current_moment(), among=authorisations_in(keys))
    done = []
    for entry in waiting:
        if entry.key not in asked:
            continue
        mark = TransferDone(authorisation=entry.authorisation, step=entry.step, carried_out_on=carried_out_on)
        done.append(change.record(mark))
        if entry.replaces is not None and entry.step == TransferDone.Step.START:
            # Who enters a change removes what it replaces.
            change.record(
                TransferDone(authorisation=entry.replaces, step=TransferDone.Step.STOP, carried_out_on=carried_out_on)
            )
        record_write(
            "mark_transferred",
            by=by,
            subject=f"authorisation:{entry.authorisation.public_id}",
            person=entry.authorisation.employment.person,
            step=str(entry.step),
        )
    if done:
        change.announce("transfer.done", person=None, transfers=[str(mark.public_id) for mark in done])
    return done


@transaction.atomic
def undo_transfer(*, done: TransferDone, reason: str, by: User) -> TransferUndone:
    """Take a mark back, for a reason: the entry waits again. Raises PermissionDenied for another system's."""
    if not systems_administered_by(by).filter(pk=done.authorisation.right.system_id).exists():
        raise PermissionDenied("undo a transfer in this system")
    if not reason.strip():
        raise Refusal(_("Say why the mark is taken back."))
    if TransferUndone.objects.filter(done=done).exists():
        raise Refusal(_("The mark has already been taken back."))
    change = begin_change(by=by)
    undone = change.record(TransferUndone(done=done, reason=reason.strip()))
    person = done.authorisation.employment.person
    record_write("undo_transfer", by=by, subject=f"transfer:{done.public_id}", person=person)
    change.announce("transfer.undone", person=None, transfer=str(done.public_id))
    return undone


def _require_may_assign(by: Actor) -> None:
    if not isinstance(by, Machine) and not by.has_perm("competence.assign_system_administrators"):
        raise PermissionDenied("say who administers an ordering system")
