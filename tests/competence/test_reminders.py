"""A right that becomes inactive for lack of log-ins is told of in advance: 30 and 7 days, never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from competence.actions.authorisations import grant_authorisation, report_login, revoke_authorisation
from competence.actions.employments import end_employment
from competence.actions.reminders import remind_of_lapses
from competence.models.authorisation import Authorisation
from competence.models.notice import Notice
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.models.transfer import LapseWarning
from competence.outbox import deliver_waiting
from competence.queries.eligibility import current_moment, decide_for
from competence.tasks import deliver_outbox, send_reminders
from lms.lib.clock import add_months, local_day
from tests.factories.competence import BUILDER, Prescriber, World, make_person, make_prescriber

TICK = timedelta(microseconds=1)


def silent(world: World, *, days_left: int, **fields: Any) -> Prescriber:
    """Somebody whose right becomes inactive in so many days: nobody has logged in since it began."""
    person = make_person(email="person@example.se")
    holder = make_prescriber(world.clinic, person=person, is_authorised=False)
    start = add_months(local_day(timezone.now()) + timedelta(days=days_left - 1), -12)
    right = OrderingRight.objects.get(key="websesam.health-care")
    grant_authorisation(employment=holder.employment, right=right, starts_on=start, by=BUILDER, **fields)
    deliver_outbox()
    return holder


def log_in(holder: Prescriber) -> None:
    system = OrderingSystem.objects.get(key="websesam")
    report_login(person=holder.person, system=system, logged_in_at=timezone.now(), by=BUILDER)


@pytest.mark.parametrize(("days_left", "told"), [(32, []), (30, [30]), (12, [30]), (7, [7]), (3, [7]), (-5, [])])
def test_it_is_told_thirty_and_seven_days_before(
    world: World, mailoutbox: Any, days_left: int, told: list[int]
) -> None:
    silent(world, days_left=days_left)
    for _time in range(3):
        send_reminders()
        deliver_outbox()
    assert [warning.days_before for warning in LapseWarning.objects.all()] == told
    assert len(mailoutbox) == len(told)


def test_the_day_that_is_told_is_the_last_on_which_one_may_order(world: World, mailoutbox: Any) -> None:
    holder = silent(world, days_left=20)
    send_reminders()
    deliver_outbox()
    lapse = LapseWarning.objects.get().lapses_at
    moment = current_moment()
    may = [
        decide_for(holder.person, "websesam.health-care", moment=moment, valid_at=at).allowed
        for at in (lapse - TICK, lapse)
    ]
    assert may == [True, False]
    last_day = local_day(lapse) - timedelta(days=1)
    assert f"senast den {last_day.day} " in mailoutbox[0].subject
    assert "websesam" in mailoutbox[0].subject.lower()


def test_after_a_log_in_nothing_is_told(world: World, mailoutbox: Any) -> None:
    holder = silent(world, days_left=5)
    log_in(holder)
    send_reminders()
    deliver_outbox()
    assert mailoutbox == []


def test_a_log_in_between_the_note_and_the_mail_stops_the_mail(world: World, mailoutbox: Any) -> None:
    holder = silent(world, days_left=5)
    send_reminders()
    deliver_waiting()
    assert Notice.objects.get().sent_at is None
    log_in(holder)
    deliver_outbox()
    assert mailoutbox == []
    assert Notice.objects.get().dropped_at is not None


def test_what_is_revoked_or_left_is_not_told_of(world: World, mailoutbox: Any) -> None:
    silent(world, days_left=5)
    revoke_authorisation(authorisation=Authorisation.objects.get(), reason="Skäl", by=BUILDER)
    other = silent(world, days_left=5)
    end_employment(employment=other.employment, last_day=local_day(timezone.now()) + timedelta(days=1), by=BUILDER)
    silent(world, days_left=5, ends_on=local_day(timezone.now()) + timedelta(days=2))
    deliver_outbox()
    mailoutbox.clear()
    send_reminders()
    deliver_outbox()
    assert mailoutbox == []


def test_f20_a_scheduler_that_was_down_tells_only_the_nearest(world: World, mailoutbox: Any) -> None:
    silent(world, days_left=4)
    send_reminders()
    assert [warning.days_before for warning in LapseWarning.objects.all()] == [7]


def test_the_command_can_be_tried_without_telling_anybody(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    holder = silent(world, days_left=12)
    call_command("send_reminders", "--dry-run")
    said = capsys.readouterr().out
    assert holder.person.username in said
    assert "1 would be told" in said
    assert not LapseWarning.objects.exists()
    call_command("send_reminders")
    assert "1 told" in capsys.readouterr().out


def test_the_work_does_not_grow_with_those_who_log_in(world: World, django_assert_num_queries: Any) -> None:
    for _number in range(3):
        holder = silent(world, days_left=5)
        log_in(holder)
    with django_assert_num_queries(3):
        assert remind_of_lapses() == []
    assert local_day(datetime.now(UTC))
