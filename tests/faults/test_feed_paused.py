"""The order of the feed and of the outbox while one transaction stands still between writing and its commit.

What would go wrong only now and then when many write at once goes wrong here each time: the pause is as long as it
takes for the others to have come to whatever they wait for, or past it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from competence.actions.authorisations import revoke_authorisation
from competence.actions.employments import suspend
from competence.actions.prepared import prepare_anew
from competence.feed.background import announce_due
from competence.models.feed import AnnouncedOutcomes, EligibilityChange
from competence.models.outbox import OutboxEvent, Revision
from competence.outbox import deliver_waiting
from tests.factories.competence import Prescriber, World, make_person, make_prescriber, make_world
from tests.faults.test_feed import Follower, everything, fill_outbox
from tests.faults.test_recording import MACHINE, in_threads

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PATIENCE = 60.0


def revoke(one: Prescriber) -> None:
    assert one.authorisation
    revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=MACHINE)


def waiters() -> int:
    """How many in this database wait for a lock that another transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def by_facts(world: World, other: Prescriber) -> Callable[[], None]:
    """Somebody else's right is taken back."""
    return lambda: revoke(other)


def by_time(world: World, other: Prescriber) -> Callable[[], None]:
    """Time has brought something about somebody else, which is announced."""
    today = timezone.localdate()
    starts, ends = today + timedelta(days=2), today + timedelta(days=30)
    suspend(employment=other.employment, starts_on=starts, ends_on=ends, by=MACHINE)
    Revision.objects.update(at=timezone.now() + timedelta(days=7))
    return lambda: assert_some(announce_due())


def by_the_background(world: World, other: Prescriber) -> Callable[[], None]:
    """Somebody of whom nothing was told is told of."""
    EligibilityChange.objects.filter(person=other.person).delete()
    AnnouncedOutcomes.objects.filter(person=other.person).delete()
    return lambda: prepare_anew([other.person.pk])


def assert_some(count: int) -> None:
    assert count


@pytest.mark.parametrize("second", [by_facts, by_time, by_the_background])
def test_nobody_passes_a_writer_who_stands_still_and_no_reader_goes_on_past_it(
    second: Callable[[World, Prescriber], Callable[[], None]],
) -> None:
    world = make_world()
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    write = second(world, other)
    follower = Follower()
    follower.number = before = Revision.objects.get().events
    has_written, may_commit, has_passed = threading.Event(), threading.Event(), threading.Event()
    while_it_stood: list[bool] = []

    def stand_still() -> None:
        with transaction.atomic():
            revoke(one)
            has_written.set()
            assert may_commit.wait(PATIENCE)

    def come_second() -> None:
        assert has_written.wait(PATIENCE)
        write()
        has_passed.set()

    def read() -> None:
        try:
            assert has_written.wait(PATIENCE)
            until(lambda: waiters() > 0 or has_passed.is_set())
            while follower.read():
                pass
            while_it_stood.append(has_passed.is_set())
        finally:
            may_commit.set()

    assert in_threads(stand_still, come_second, read) == []
    assert while_it_stood == [False], "the second did not wait for the first"
    assert follower.seen == [], "nothing was committed yet"
    while follower.read():
        pass
    assert follower.seen == [number for number in everything() if number > before]
    rows = EligibilityChange.objects.filter(number__gt=before).order_by("number")
    assert list(dict.fromkeys(rows.values_list("person", flat=True))) == [one.person.pk, other.person.pk]
    assert [row.number for row in rows] == list(range(before + 1, Revision.objects.get().events + 1))


def test_f06_a_worker_who_stands_still_with_one_event_holds_back_that_persons_others_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_world()
    held, free = make_person(), make_person()
    deliver_waiting()
    fill_outbox([held, free], 6)
    heard: list[tuple[int | None, int]] = []
    stands, may_go_on = threading.Event(), threading.Event()
    slow = threading.local()

    def listen(event: OutboxEvent) -> None:
        if getattr(slow, "is_me", False) and not stands.is_set():
            stands.set()
            assert may_go_on.wait(PATIENCE)
        heard.append((event.person_id, event.revision))

    monkeypatch.setattr("competence.outbox._listeners", {"test.drained": [listen]})

    def work_slowly() -> None:
        slow.is_me = True
        deliver_waiting()

    def work() -> None:
        try:
            assert stands.wait(PATIENCE)
            deliver_waiting()
            assert {person for person, _revision in heard} == {free.pk}, "the other went past the one that is held"
            assert len(heard) == 3
        finally:
            may_go_on.set()

    assert in_threads(work_slowly, work) == []
    deliver_waiting()
    for person in (held.pk, free.pk):
        revisions = [revision for who, revision in heard if who == person]
        assert revisions == sorted(set(revisions))
        assert len(revisions) == 3
    assert not OutboxEvent.objects.filter(delivered_at__isnull=True).exists()
