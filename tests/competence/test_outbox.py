"""Delivery of events: in order for each person, and one that fails for good stands aside for all others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from competence import outbox
from competence.models.outbox import OutboxEvent
from competence.outbox import ATTEMPTS_BEFORE_PARKING, deliver_waiting
from tests.factories.competence import make_person

KIND = "test.poisoned"


@pytest.fixture
def heard(db: None) -> Iterator[list[int]]:
    """The numbers of the events that were heard; the first one cannot be borne."""
    OutboxEvent.objects.all().delete()
    found: list[int] = []

    def listener(event: OutboxEvent) -> None:
        if event.payload.get("poison"):
            raise RuntimeError("cannot be borne")
        found.append(event.revision)

    outbox._listeners[KIND] = [listener]
    yield found
    del outbox._listeners[KIND]


def test_f15_an_event_that_always_fails_is_parked_and_told_and_the_others_go_on(heard: list[int]) -> None:
    one, other = make_person(), make_person()
    for revision, (person, poison) in enumerate([(one, True), (one, False), (other, False)], 1):
        OutboxEvent.objects.create(revision=revision, kind=KIND, person=person, payload={"poison": poison})

    deliver_waiting()
    assert heard == [3], "the same person's next waits, another's does not"
    for _attempt in range(ATTEMPTS_BEFORE_PARKING - 1):
        deliver_waiting()
    deliver_waiting()

    parked = OutboxEvent.objects.get(revision=1)
    assert (parked.attempts, parked.delivered_at) == (ATTEMPTS_BEFORE_PARKING, None)
    assert parked.parked_at is not None
    assert "cannot be borne" in parked.last_error
    assert heard == [3, 2]


def test_f06_a_persons_events_are_heard_in_their_order_although_one_failed_at_first(heard: list[int]) -> None:
    person = make_person()
    for revision in (1, 2, 3):
        OutboxEvent.objects.create(revision=revision, kind=KIND, person=person, payload={"poison": revision == 1})
    deliver_waiting()
    assert heard == []

    OutboxEvent.objects.filter(revision=1).update(payload={})
    deliver_waiting()

    assert heard == [1, 2, 3]
