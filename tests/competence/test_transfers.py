"""What is to be entered in the ordering systems by hand follows from the facts, so that nothing is missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from competence.actions.applications import approve_application
from competence.actions.authorisations import (
    end_authorisation,
    grant_authorisation,
    report_login,
    revoke_authorisation,
)
from competence.actions.change import begin_change
from competence.actions.employments import end_employment
from competence.actions.endings import end_fact
from competence.actions.transfers import (
    assign_system_administrator,
    end_system_administrator,
    mark_transferred,
    undo_transfer,
)
from competence.models.authorisation import Authorisation
from competence.models.ending import Ending
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.models.transfer import TransferDone
from competence.queries.eligibility import current_moment
from competence.queries.transfers import transfers_waiting
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.competence.views.helpers import make_application
from tests.factories.competence import BUILDER, CONSUMABLES, Prescriber, World, make_person, make_prescriber


def today() -> date:
    return local_day(timezone.now())


@pytest.fixture
def administrator(world: World) -> User:
    person = make_person()
    for system in OrderingSystem.objects.all():
        assign_system_administrator(person=person, system=system, by=BUILDER)
    return person


def waiting() -> list[tuple[str, str]]:
    """Step and kind of everything that waits, the oldest first."""
    return [(t.step, t.kind) for t in transfers_waiting(OrderingSystem.objects.all(), current_moment())]


def mark_all(by: User) -> None:
    entries = transfers_waiting(OrderingSystem.objects.all(), current_moment())
    mark_transferred(keys=[one.key for one in entries], carried_out_on=today(), by=by)


def grant(holder: Prescriber, starts_on: date, ends_on: date | None = None) -> Authorisation:
    right = OrderingRight.objects.get(key="websesam.health-care")
    return grant_authorisation(
        employment=holder.employment, right=right, starts_on=starts_on, ends_on=ends_on, by=BUILDER
    )


def stop_revoked(holder: Prescriber, right: Authorisation) -> None:
    revoke_authorisation(authorisation=right, reason="Skäl", by=BUILDER)


def stop_ended(holder: Prescriber, right: Authorisation) -> None:
    end_authorisation(authorisation=right, first_day_without=today(), by=BUILDER)


def stop_left(holder: Prescriber, right: Authorisation) -> None:
    end_employment(employment=holder.employment, last_day=today() - timedelta(days=1), by=BUILDER)


def stop_corrected(holder: Prescriber, right: Authorisation) -> None:
    change = begin_change(by=BUILDER)
    end_fact(right, change, kind=Ending.Kind.CORRECTED, at=change.at, reason="Fel person")
    change.announce("authorisation.corrected", person=holder.person)


@pytest.mark.parametrize(
    ("stop", "kind"),
    [(stop_revoked, "revoked"), (stop_ended, "ended"), (stop_left, "left"), (stop_corrected, "corrected")],
)
def test_what_was_entered_and_stops_is_to_be_removed(
    world: World, administrator: User, stop: Callable[[Prescriber, Authorisation], None], kind: str
) -> None:
    holder = make_prescriber(world.clinic, is_authorised=False)
    right = grant(holder, today() - timedelta(days=30))
    assert waiting() == [("start", "granted")]
    mark_all(administrator)
    assert waiting() == []
    stop(holder, right)
    assert waiting() == [("stop", kind)]
    mark_all(administrator)
    assert waiting() == []


def test_a_right_that_runs_out_by_itself_is_to_be_removed_from_that_day_on(world: World, administrator: User) -> None:
    holder = make_prescriber(world.clinic, is_authorised=False)
    grant(holder, today() - timedelta(days=30), ends_on=today())
    mark_all(administrator)
    assert waiting() == [], "today it holds"
    other = make_prescriber(world.clinic, is_authorised=False)
    grant(other, today() - timedelta(days=30), ends_on=today() + timedelta(days=3))
    mark_all(administrator)
    ended = make_prescriber(world.clinic, is_authorised=False)
    grant(ended, today() - timedelta(days=30), ends_on=today() - timedelta(days=1))
    assert waiting() == [("stop", "ended")], "if it was entered without a mark, it must be removed"


def test_an_end_that_lies_ahead_is_told_beforehand(world: World, administrator: User) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    mark_all(administrator)
    end_authorisation(authorisation=right, first_day_without=today() + timedelta(days=5), by=BUILDER)
    [entry] = transfers_waiting(OrderingSystem.objects.all(), current_moment())
    assert (entry.step, entry.is_ahead, entry.due_on) == ("stop", True, today() + timedelta(days=5))


def test_a_lapse_is_to_be_removed_and_a_login_reported_late_brings_it_back(world: World, administrator: User) -> None:
    holder = make_prescriber(world.clinic, is_authorised=False)
    start = today() - timedelta(days=420)
    grant(holder, start)
    mark_transferred(keys=[f"{Authorisation.objects.get().public_id}:start"], carried_out_on=today(), by=administrator)
    assert waiting() == [("stop", "lapsed")], "nobody marked it, and it may be there"
    mark_all(administrator)
    assert waiting() == []
    system = OrderingSystem.objects.get(key="websesam")
    then = datetime.combine(start + timedelta(days=200), datetime.min.time(), UTC)
    report_login(person=holder.person, system=system, logged_in_at=then, by=BUILDER)
    assert waiting() == [("start", "restored")]
    mark_all(administrator)
    assert waiting() == []


def test_who_logs_in_every_month_is_never_asked_about(world: World, administrator: User) -> None:
    holder = make_prescriber(world.clinic, is_authorised=False)
    start = today() - timedelta(days=800)
    grant(holder, start)
    system = OrderingSystem.objects.get(key="websesam")
    for days in range(20, 800, 40):
        then = datetime.combine(start + timedelta(days=days), datetime.min.time(), UTC)
        report_login(person=holder.person, system=system, logged_in_at=then, by=BUILDER)
    mark_all(administrator)
    assert waiting() == []


def test_a_lapse_followed_by_a_log_in_is_still_a_lapse(world: World, administrator: User) -> None:
    holder = make_prescriber(world.clinic, is_authorised=False)
    grant(holder, today() - timedelta(days=500))
    system = OrderingSystem.objects.get(key="websesam")
    report_login(person=holder.person, system=system, logged_in_at=timezone.now(), by=BUILDER)
    assert waiting() == [("stop", "lapsed")]


def test_a_change_is_one_entry_and_takes_the_old_one_with_it(world: World, administrator: User) -> None:
    holder = make_prescriber(world.clinic, role=CONSUMABLES, customer_number="111111")
    mark_all(administrator)
    application = make_application(
        holder,
        right="sesamlmn.order",
        concerns="change",
        changes=holder.authorisation,
        customer_number="222222",
        starts_on=today(),
    )
    approve_application(application=application, by=world.manager)
    [entry] = transfers_waiting(OrderingSystem.objects.all(), current_moment())
    assert (entry.step, entry.kind) == ("start", "changed")
    assert entry.replaces is not None
    assert entry.replaces.customer_number == "111111"
    mark_all(administrator)
    assert waiting() == []


def test_a_change_that_came_to_nothing_leaves_the_old_one_to_be_removed(world: World, administrator: User) -> None:
    holder = make_prescriber(world.clinic, role=CONSUMABLES, customer_number="111111")
    mark_all(administrator)
    application = make_application(
        holder,
        right="sesamlmn.order",
        concerns="change",
        changes=holder.authorisation,
        customer_number="222222",
        starts_on=today(),
    )
    new = approve_application(application=application, by=world.manager).authorisation
    assert new is not None
    revoke_authorisation(authorisation=new, reason="Skäl", by=BUILDER)
    assert sorted(waiting()) == [("stop", "ended"), ("stop", "revoked")]


def test_a_mark_can_be_taken_back_with_a_reason_and_the_entry_waits_again(world: World, administrator: User) -> None:
    make_prescriber(world.clinic)
    mark_all(administrator)
    done = TransferDone.objects.get()
    with pytest.raises(Refusal):
        undo_transfer(done=done, reason=" ", by=administrator)
    undo_transfer(done=done, reason="Fel person", by=administrator)
    assert waiting() == [("start", "granted")]
    with pytest.raises(Refusal):
        undo_transfer(done=done, reason="Igen", by=administrator)
    mark_all(administrator)
    assert waiting() == []


def test_a21_marking_what_does_not_wait_marks_nothing(world: World, administrator: User) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    keys = [f"{right.public_id}:stop", "nonsense", "00000000-0000-4000-8000-000000000000:start", ""]
    assert mark_transferred(keys=keys, carried_out_on=today(), by=administrator) == []
    assert not TransferDone.objects.exists()
    once = mark_transferred(keys=[f"{right.public_id}:start"] * 3, carried_out_on=today(), by=administrator)
    again = mark_transferred(keys=[f"{right.public_id}:start"], carried_out_on=today(), by=administrator)
    assert (len(once), len(again)) == (1, 0)


def test_a22_another_systems_entry_cannot_be_marked_or_taken_back(world: World, administrator: User) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    other = make_person()
    assign_system_administrator(person=other, system=OrderingSystem.objects.get(key="sesamlmn"), by=BUILDER)
    assert mark_transferred(keys=[f"{right.public_id}:start"], carried_out_on=today(), by=other) == []
    mark_all(administrator)
    with pytest.raises(PermissionDenied):
        undo_transfer(done=TransferDone.objects.get(), reason="Skäl", by=other)


def test_nothing_is_carried_out_tomorrow(world: World, administrator: User) -> None:
    right = make_prescriber(world.clinic).authorisation
    assert right
    with pytest.raises(Refusal):
        mark_transferred(
            keys=[f"{right.public_id}:start"], carried_out_on=today() + timedelta(days=1), by=administrator
        )


def test_a18_nobody_makes_themselves_administrator_of_a_system(world: World) -> None:
    system = OrderingSystem.objects.get(key="websesam")
    for person in (world.manager, make_person()):
        with pytest.raises(PermissionDenied):
            assign_system_administrator(person=person, system=system, by=person)


def test_the_group_comes_and_goes_with_the_assignment(world: World) -> None:
    person = make_person()
    system = OrderingSystem.objects.get(key="websesam")
    assignment = assign_system_administrator(person=person, system=system, by=BUILDER)
    assert User.objects.get(pk=person.pk).has_perm("competence.transfer_rights")
    end_system_administrator(assignment=assignment, by=BUILDER)
    assert not User.objects.get(pk=person.pk).has_perm("competence.transfer_rights")


def test_the_command_says_who_administers_what(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    person = make_person()
    call_command("assign_system_administrator", "--person", person.username, "--system", "websesam")
    call_command("assign_system_administrator")
    assert person.username in capsys.readouterr().out
    call_command("assign_system_administrator", "--person", person.username, "--system", "websesam", "--end")
    assert "1 ended" in capsys.readouterr().out
    call_command("assign_system_administrator")
    assert person.username not in capsys.readouterr().out
