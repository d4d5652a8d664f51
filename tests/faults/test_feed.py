"""The order of the feed while many write, readers hurry and transactions break.

The classical fault: a number is taken, a later one commits first, a reader goes on after it, and the earlier one is
never read. Here numbers are taken under a lock that is held to the commit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import suspend
from competence.copying import NewRows
from competence.feed import announcing
from competence.feed.background import announce_due
from competence.models.feed import EligibilityChange
from competence.models.ordering_system import OrderingRight
from competence.models.outbox import OutboxEvent, Revision
from competence.outbox import deliver_waiting
from competence.queries.changes import Sight, changes_after
from tests.competence.test_rebuilding import publish_without_courses
from tests.factories.competence import Prescriber, make_prescriber, make_world
from tests.faults.test_recording import HEALTH_CARE, MACHINE, in_threads

WRITERS, ROUNDS = 8, 6
EVERYTHING = Sight(frozenset({"websesam", "sesamlmn"}), None)


class Follower:
    """Reads the feed as fast as it can, and keeps what it was told."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.seen_at: dict[int, float] = {}
        self.number = 0

    def read(self) -> bool:
        page = changes_after(self.number, EVERYTHING, 3)
        for change in page.changes:
            self.seen.append(change.number)
            self.seen_at[change.number] = time.monotonic()
        self.number = page.last
        return page.has_more

    def follow(self, done: threading.Event) -> None:
        while True:
            is_over = done.is_set()
            while self.read():
                pass
            if is_over:
                return


def toggle(one: Prescriber, rounds: int, slowly: Callable[[], None] = lambda: None) -> None:
    """Take a right back and give it again, so many times, each as a change of its own."""
    held = one.authorisation
    assert held
    for _round in range(rounds):
        with transaction.atomic():
            revoke_authorisation(authorisation=held, reason="Prov", by=MACHINE)
            slowly()
        right = OrderingRight.objects.get(key=HEALTH_CARE)
        held = grant_authorisation(employment=one.employment, right=right, by=MACHINE)


def everything() -> list[int]:
    return [change.number for change in changes_after(0, EVERYTHING, 100_000).changes]


def skip_and_be_found() -> tuple[list[int], list[int]]:
    """Eight writers, some of whom commit long after they have written, and a reader; what it saw, and what there is."""
    world = make_world()
    people = [make_prescriber(world.clinic) for _number in range(WRITERS)]
    follower, done = Follower(), threading.Event()

    def write(number: int) -> None:
        toggle(people[number], ROUNDS, lambda: time.sleep(0.01 * (number % 3)))

    def write_all() -> None:
        try:
            assert in_threads(*[lambda number=number: write(number) for number in range(WRITERS)]) == []
        finally:
            done.set()

    assert in_threads(write_all, lambda: follower.follow(done)) == []
    return follower.seen, everything()


@pytest.mark.django_db(transaction=True)
def test_no_change_is_skipped_though_a_transaction_with_a_lower_number_commits_later() -> None:
    seen, there = skip_and_be_found()

    assert seen == there
    assert len(there) >= WRITERS * ROUNDS * 2
    numbers = list(EligibilityChange.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)) == list(range(1, Revision.objects.get().events + 1))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the test above would see it: numbers from a sequence, as one would take them without thinking, and changes
    of people who do not wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE careless_numbers START 1000000")
    try:

        def careless(number: int, *event: Any) -> tuple[object, ...]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('careless_numbers')")
                return (cursor.fetchone()[0], *written(number, *event)[1:])

        written = announcing._event
        world = make_world()
        slow, quick = make_prescriber(world.clinic), make_prescriber(world.clinic)
        monkeypatch.setattr(announcing, "_event", careless)
        Revision.objects.update(events=2_000_000)
        follower, is_written, is_read = Follower(), threading.Event(), threading.Event()

        def write_slowly() -> None:
            with transaction.atomic():
                walked(slow)
                is_written.set()
                is_read.wait(60)

        def write_quickly() -> None:
            is_written.wait(60)
            with transaction.atomic():
                walked(quick)
            while follower.read():
                pass
            is_read.set()

        def walked(one: Prescriber) -> None:
            """What announcing does, without the row's lock."""
            last = EligibilityChange.objects.filter(hsa_id=one.hsa_id).order_by("-number")[0]
            row = NewRows(EligibilityChange, announcing._EVENT)
            row.values = [careless(0, one.person.pk, one.hsa_id, _difference(last))]
            row.write(revision=1, recorded_at=timezone.now())

        assert in_threads(write_slowly, write_quickly) == []
        while follower.read():
            pass
        assert follower.seen != everything()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE careless_numbers")


def _difference(last: EligibilityChange) -> Any:
    from competence.feed.outcomes import Key
    from competence.feed.walk import Cause, Difference

    return Difference(timezone.now(), Key(0, last.right, ""), {"vgr": 0}, {}, 1, Cause.FACTS)


@pytest.mark.django_db(transaction=True)
def test_a_committed_change_is_read_at_once() -> None:
    world = make_world()
    one = make_prescriber(world.clinic)
    follower, done = Follower(), threading.Event()
    follower.number = Revision.objects.get().events
    committed: list[tuple[int, float]] = []

    def write() -> None:
        held = one.authorisation
        assert held
        try:
            for _round in range(5):
                revoke_authorisation(authorisation=held, reason="Prov", by=MACHINE)
                committed.append((Revision.objects.get().events, time.monotonic()))
                right = OrderingRight.objects.get(key=HEALTH_CARE)
                held = grant_authorisation(employment=one.employment, right=right, by=MACHINE)
        finally:
            done.set()

    assert in_threads(write, lambda: follower.follow(done)) == []
    # A second on a machine of its own; what is waited for (a lock, the timetable's minute) takes longer than this.
    assert all(follower.seen_at[number] - at <= 20 for number, at in committed)


@pytest.mark.django_db(transaction=True)
def test_writers_rules_time_and_many_announcers_at_once_tell_everything_once() -> None:
    world = make_world()
    people = [make_prescriber(world.clinic, courses=[] if number % 2 else None) for number in range(4)]
    today = timezone.localdate()
    for one in people:
        suspend(
            employment=one.employment,
            starts_on=today + timedelta(days=2),
            ends_on=today + timedelta(days=3),
            by=MACHINE,
        )
    publish_without_courses()
    Revision.objects.update(at=timezone.now() + timedelta(days=10))
    from competence.rebuilding import open_ranges, start_rebuild, work_on

    def announce() -> None:
        for _turn in range(20):
            announce_due(2, is_reader=True)

    def rebuild() -> None:
        start_rebuild()
        for range_id in open_ranges():
            for _written in work_on(range_id):
                pass

    assert in_threads(announce, announce, announce, rebuild, lambda: toggle(people[0], 3)) == []
    rebuild()
    while announce_due():
        pass

    told: dict[tuple[str, str], list[EligibilityChange]] = {}
    for change in EligibilityChange.objects.order_by("number"):
        told.setdefault((change.hsa_id, change.right), []).append(change)
    for several in told.values():
        assert all(a.after == b.before and a.at <= b.at for a, b in zip(several, several[1:], strict=False)), several
    times = EligibilityChange.objects.filter(cause="time", right=HEALTH_CARE).values_list("hsa_id", flat=True)
    assert sorted(times) == sorted([one.hsa_id for one in people] * 2)
    from django.core.management import call_command

    call_command("verify_feed", all=True)


# --- The outbox -----------------------------------------------------------------------------------------------------
def fill_outbox(people: list[Any], events: int) -> None:
    """So many events that wait, by turns of these people."""
    first = (OutboxEvent.objects.order_by("-revision").values_list("revision", flat=True).first() or 0) + 1
    OutboxEvent.objects.bulk_create(
        (
            OutboxEvent(revision=first + number, kind="test.drained", person=people[number % len(people)], payload={})
            for number in range(events)
        ),
        batch_size=5_000,
    )


class Effects:
    """What a listener makes of events: the last one by person, and whether they came in order."""

    def __init__(self) -> None:
        self.last: dict[int | None, int] = {}
        self.count = 0
        self.is_in_order = True
        self.fails = 0

    def __call__(self, event: OutboxEvent) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("not now")
        self.is_in_order = self.is_in_order and self.last.get(event.person_id, 0) <= event.revision
        self.count += event.revision > self.last.get(event.person_id, 0)  # the same again has no effect
        self.last[event.person_id] = max(event.revision, self.last.get(event.person_id, 0))


def drain(events: int, people: int) -> Effects:
    from tests.factories.competence import make_person

    OutboxEvent.objects.all().delete()
    fill_outbox([make_person() for _number in range(people)], events)
    effects = Effects()
    from competence import outbox

    outbox._listeners["test.drained"] = [effects]
    try:
        while OutboxEvent.objects.filter(delivered_at__isnull=True).exists():
            deliver_waiting()
    finally:
        del outbox._listeners["test.drained"]
    return effects


@pytest.mark.django_db
def test_f16_thousands_in_the_outbox_drain_in_order_per_person() -> None:
    effects = drain(3_000, 20)

    assert (effects.count, effects.is_in_order) == (3_000, True)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)  # each delivery is a transaction, as with the worker: one would be slow
def test_f16_a_million_in_the_outbox_drains_in_order_per_person() -> None:
    effects = drain(1_000_000, 5_000)

    assert (effects.count, effects.is_in_order) == (1_000_000, True)


@pytest.mark.django_db
def test_f05_f06_events_that_come_three_times_and_shuffled_make_the_same_feed() -> None:
    """What is told follows from the facts: neither the events' number nor their order makes a difference."""
    world = make_world()
    people = [make_prescriber(world.clinic, courses=[] if number % 2 else None) for number in range(3)]
    publish_without_courses()
    toggle(people[0], 1)
    from competence.tasks import announce_changes, go_on_rebuilding

    events = list(OutboxEvent.objects.order_by("-revision"))
    from competence import outbox

    for event in events * 3:
        for listener in outbox._listeners.get(event.kind, []):
            listener(event)
    go_on_rebuilding()
    announce_changes()
    from competence.rebuilding import open_ranges, work_on

    for range_id in open_ranges():
        for _written in work_on(range_id):
            pass
    told = list(EligibilityChange.objects.filter(right=HEALTH_CARE).order_by("number").values_list("hsa_id", "after"))
    for event in events * 3:
        for listener in outbox._listeners.get(event.kind, []):
            listener(event)
    announce_changes()

    assert [after for hsa_id, after in told if hsa_id == people[1].hsa_id] == [0]
    assert [after for hsa_id, after in told if hsa_id == people[0].hsa_id] == [0, 2, 0]
    again = EligibilityChange.objects.filter(right=HEALTH_CARE).order_by("number").values_list("hsa_id", "after")
    assert list(again) == told
