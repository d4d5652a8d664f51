"""Registering for an occasion, waiting for a seat, and giving it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.actions.occasions import cancel_occasion, change_occasion, plan_of
from courses.actions.places import cancel_place, register
from courses.models import Occasion, Place
from courses.queries.occasions import shown, with_seats
from courses.queries.places import line_of, missing_prerequisites, number_in_line, seats_taken
from lms.audit.models import AuditEvent
from lms.lib.clock import day_ends_at, local_day
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.factories.competence import BUILDER, NATIONAL, REGIONAL, World, complete, make_person, make_prescriber
from tests.factories.courses import make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
S = Place.Status


def status_of(place: Place) -> str:
    return Place.objects.get(pk=place.pk).status


def test_one_registers_oneself_and_asking_again_gives_the_same_place() -> None:
    person, occasion = make_person(), make_occasion()
    place = register(occasion=occasion, person=person, by=person)
    assert place.status == S.REGISTERED
    assert register(occasion=occasion, person=person, by=person) == place
    assert AuditEvent.objects.filter(action="register", person=person).count() == 1


def test_when_it_is_full_one_waits_in_turn_and_a_free_seat_goes_to_the_first() -> None:
    occasion = make_occasion(seats=2)
    first, second, third, fourth = (make_place(occasion) for _person in range(4))
    assert [place.status for place in (first, second, third, fourth)] == [
        S.REGISTERED,
        S.REGISTERED,
        S.WAITING,
        S.WAITING,
    ]
    assert (number_in_line(third), number_in_line(fourth)) == (1, 2)
    cancel_place(place=first, by=first.person)
    assert (status_of(third), status_of(fourth)) == (S.REGISTERED, S.WAITING)
    assert Place.objects.get(pk=third.pk).promoted_at is not None


def test_who_leaves_the_line_takes_nobodys_seat() -> None:
    occasion = make_occasion(seats=1)
    seated, waiting, last = (make_place(occasion) for _person in range(3))
    cancel_place(place=waiting, by=waiting.person)
    assert (status_of(seated), status_of(last)) == (S.REGISTERED, S.WAITING)
    assert list(line_of(occasion)) == [last]


def test_who_comes_back_comes_last_in_the_line() -> None:
    occasion = make_occasion(seats=1)
    first, _second, _third = (make_place(occasion) for _person in range(3))
    cancel_place(place=first, by=first.person)
    again = register(occasion=occasion, person=first.person, by=first.person)
    assert again != first
    assert number_in_line(again) == 2


def test_nobody_is_called_from_the_line_once_it_has_begun() -> None:
    occasion = make_occasion(seats=1)
    seated, waiting = make_place(occasion), make_place(occasion)
    with time_machine.travel(occasion.starts_at + timedelta(minutes=1), tick=False):
        cancel_place(place=seated, by=BUILDER)
    assert status_of(waiting) == S.WAITING


def test_nobody_is_put_past_the_line_also_when_a_seat_stays_free_because_it_has_begun() -> None:
    occasion = make_occasion(seats=1)
    seated, waiting = make_place(occasion), make_place(occasion)
    with time_machine.travel(occasion.starts_at + timedelta(minutes=1), tick=False):
        cancel_place(place=seated, by=BUILDER)
        late = make_place(occasion)
    assert (late.status, number_in_line(waiting), number_in_line(late)) == (S.WAITING, 1, 2)


def test_who_may_no_longer_log_in_gets_no_seat_and_keeps_nobody_from_one() -> None:
    occasion = make_occasion(seats=1)
    seated, left, waiting = (make_place(occasion) for _person in range(3))
    left.person.is_active = False
    left.person.save()
    assert number_in_line(waiting) == 1
    cancel_place(place=seated, by=seated.person)
    assert (status_of(left), status_of(waiting)) == (S.WAITING, S.REGISTERED)
    change_occasion(occasion=occasion, plan=plan_of(occasion, seats=2), by=BUILDER)
    [shown_one] = shown(with_seats(Occasion.objects.all()), waiting.person)
    assert (shown_one.waiting, shown_one.free) == (0, 1)
    assert make_place(occasion).status == S.REGISTERED


def test_a_place_follows_the_person_whose_records_were_made_one() -> None:
    occasion, person, same = make_occasion(), make_person(), make_person()
    place = make_place(occasion, same)
    User.objects.filter(pk=same.pk).update(merged_into=person)
    person.refresh_from_db()
    assert register(occasion=occasion, person=person, by=person) == place
    assert [row.mine for row in shown(with_seats(Occasion.objects.all()), person)] == [place]
    assert cancel_place(place=Place.objects.get(), by=person).status == S.CANCELLED


@pytest.mark.parametrize(("seconds", "is_taken"), [(-1, True), (1, False)])
def test_one_registers_until_the_last_day_is_over_in_stockholm(seconds: int, is_taken: bool) -> None:
    person, occasion = make_person(), make_occasion()
    with time_machine.travel(day_ends_at(occasion.register_by) + timedelta(seconds=seconds), tick=False):
        if is_taken:
            register(occasion=occasion, person=person, by=person)
        else:
            with pytest.raises(Refusal, match="last day to register has passed"):
                register(occasion=occasion, person=person, by=person)
            assert register(occasion=occasion, person=person, by=make_editor()).status == S.REGISTERED


def test_one_does_not_register_for_a_draft_or_a_cancelled_one() -> None:
    person = make_person()
    draft, cancelled = make_occasion(is_announced=False), make_occasion()
    cancel_occasion(occasion=cancelled, reason="Sjukdom", by=BUILDER)
    for occasion in (draft, cancelled):
        with pytest.raises(Refusal):
            register(occasion=occasion, person=person, by=make_editor())
    assert not Place.objects.exists()


def test_prerequisites_are_demanded_of_the_participant_and_not_of_the_organiser(world: World) -> None:
    person, occasion = make_person(), make_occasion(prerequisites=[NATIONAL])
    with pytest.raises(Refusal, match="Förskrivning av hjälpmedel"):
        register(occasion=occasion, person=person, by=person)
    assert register(occasion=occasion, person=make_person(), by=make_editor()).status == S.REGISTERED
    complete(person, NATIONAL)
    assert register(occasion=occasion, person=person, by=person).status == S.REGISTERED


def test_what_counts_as_a_prerequisite_will_do(world: World) -> None:
    """The regional course counts as the three that it replaced, since 2025-01-22; none of them counts as it."""
    person, other = make_person(), make_person()
    complete(person, REGIONAL)
    complete(other, "regional-lmn")
    old, new = make_occasion(prerequisites=["regional-lmn"]), make_occasion(prerequisites=[REGIONAL])
    assert missing_prerequisites(old, person) == []
    assert register(occasion=old, person=person, by=person).status == S.REGISTERED
    assert missing_prerequisites(new, other) == ["Regional utbildning för förskrivare"]


def test_a_commissioned_occasion_takes_the_employers_people_only(world: World) -> None:
    occasion = make_occasion(commissioned_by=world.vgr.key)
    employee, elsewhere = make_prescriber(world.clinic).person, make_prescriber(world.home_care).person
    assert register(occasion=occasion, person=employee, by=employee).status == S.REGISTERED
    with pytest.raises(PermissionDenied):
        register(occasion=occasion, person=elsewhere, by=elsewhere)


def test_a13_a_place_is_ones_own_or_the_organisers_business() -> None:
    person, outsider, occasion = make_person(), make_person(), make_occasion()
    with pytest.raises(PermissionDenied):
        register(occasion=occasion, person=person, by=outsider)
    place = make_place(occasion, person)
    with pytest.raises(PermissionDenied):
        cancel_place(place=place, by=outsider)
    assert status_of(place) == S.REGISTERED
    assert cancel_place(place=place, by=make_editor()).cancelled_by == Place.CancelledBy.ORGANISER


def test_the_participant_cancels_until_it_begins() -> None:
    occasion = make_occasion()
    place = make_place(occasion)
    with (
        time_machine.travel(occasion.starts_at + timedelta(minutes=1), tick=False),
        pytest.raises(Refusal, match="has begun"),
    ):
        cancel_place(place=place, by=place.person)
    assert cancel_place(place=place, by=place.person).cancelled_by == Place.CancelledBy.PARTICIPANT
    assert cancel_place(place=place, by=place.person).status == S.CANCELLED


def test_a_held_occasion_is_filled_in_afterwards_by_the_organiser() -> None:
    assert make_held_occasion(people=2).places.filter(status=S.REGISTERED).count() == 2


def test_the_database_itself_refuses_a_second_place() -> None:
    occasion, person = make_occasion(), make_person()
    make_place(occasion, person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(occasion=occasion, person=person, status=S.WAITING, turn=99)


class AnyHistory(TestCase):
    """Whatever people and organisers do, in whatever order."""

    def setUp(self) -> None:
        self.people: list[User] = [make_person() for _number in range(5)]
        self.occasion: Occasion = make_occasion(seats=2)

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from(["register", "cancel", "seats"]), st.integers(min_value=0, max_value=4)),
            max_size=14,
        )
    )
    def test_never_more_than_the_seats_and_nobody_waits_while_one_is_free(self, steps: list[tuple[str, int]]) -> None:
        model_seated: list[int] = []
        model_line: list[int] = []
        seats = 2
        with transaction.atomic():
            for what, number in steps:
                person = self.people[number]
                if what == "register" and number not in model_seated + model_line:
                    (model_seated if len(model_seated) < seats and not model_line else model_line).append(number)
                    register(occasion=self.occasion, person=person, by=person)
                elif what == "cancel" and number in model_seated + model_line:
                    (model_seated if number in model_seated else model_line).remove(number)
                    place = self.occasion.places.exclude(status=S.CANCELLED).get(person=person)
                    cancel_place(place=place, by=person)
                elif what == "seats" and number + 1 >= len(model_seated):
                    seats = number + 1
                    change_occasion(
                        occasion=self.occasion, plan=replace(plan_of(self.occasion), seats=seats), by=BUILDER
                    )
                while model_line and len(model_seated) < seats:
                    model_seated.append(model_line.pop(0))
                assert seats_taken(self.occasion) == len(model_seated) <= seats
                assert [place.person for place in line_of(self.occasion)] == [self.people[n] for n in model_line]
            transaction.set_rollback(True)


def test_days_are_local() -> None:
    occasion = make_occasion()
    assert occasion.registration_ends_at <= occasion.starts_at
    assert local_day(timezone.now()) <= occasion.register_by
