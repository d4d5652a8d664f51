"""Many at once: never more than the seats, never past the line, and never one person twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from courses.actions.places import cancel_place, register
from courses.models import Message, Occasion, Place
from lms.users.models import User
from tests.factories.competence import make_person
from tests.factories.occasions import make_occasion, make_place

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, SEATS = 24, 5


def all_at_once(*jobs: Callable[[], Any]) -> None:
    """Run the jobs in threads that start together; raises what the first to fail raised."""
    gate, errors = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        try:
            gate.wait()
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def registering(occasion: Occasion, person: User) -> Callable[[], Any]:
    return lambda: register(occasion=occasion, person=person, by=person)


def assert_is_right(occasion: Occasion) -> None:
    """No more than the seats; nobody waits while one is free; nobody who waits came before somebody who sits and never
    waited, nor before somebody who was called from the line."""
    places = list(occasion.places.exclude(status=Place.Status.CANCELLED))
    seated = [place.turn for place in places if place.holds_a_seat]
    waiting = [place.turn for place in places if place.status == Place.Status.WAITING]
    assert len(seated) <= occasion.seats
    assert not waiting or len(seated) == occasion.seats
    assert not waiting or max(seated) < min(waiting)


def test_a_crowd_registers_at_once_and_exactly_the_seats_are_taken() -> None:
    occasion = make_occasion(seats=SEATS)
    people = [make_person() for _number in range(PEOPLE)]
    all_at_once(*(registering(occasion, person) for person in people))
    assert occasion.places.filter(status=Place.Status.REGISTERED).count() == SEATS
    assert occasion.places.filter(status=Place.Status.WAITING).count() == PEOPLE - SEATS
    assert_is_right(occasion)


def test_one_person_in_many_tabs_has_one_place() -> None:
    occasion, person = make_occasion(seats=SEATS), make_person()
    all_at_once(*(registering(occasion, person) for _tab in range(8)))
    assert occasion.places.get().turn == 1


def test_while_some_cancel_and_others_come_the_line_is_kept() -> None:
    occasion = make_occasion(seats=SEATS)
    seated = [make_place(occasion) for _number in range(SEATS)]
    waiting = [make_place(occasion) for _number in range(SEATS)]
    newcomers = [make_person() for _number in range(8)]
    all_at_once(
        *(lambda place=place: cancel_place(place=place, by=place.person) for place in seated),
        *(registering(occasion, person) for person in newcomers),
    )
    assert_is_right(occasion)
    # Everybody who waited has a seat, before any newcomer.
    found = {place.pk for place in occasion.places.filter(status=Place.Status.REGISTERED)}
    assert found == {place.pk for place in waiting}
    assert Message.objects.filter(kind="occasion.promoted").count() == SEATS


def test_one_seat_given_up_in_two_tabs_calls_one_person() -> None:
    occasion = make_occasion(seats=1)
    seated = make_place(occasion)
    for _number in range(3):
        make_place(occasion)
    all_at_once(*[lambda: cancel_place(place=seated, by=seated.person)] * 4)
    assert_is_right(occasion)
    assert occasion.places.filter(status=Place.Status.WAITING).count() == 2
