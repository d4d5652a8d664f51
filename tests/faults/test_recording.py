"""What holds when replies are lost, writers crowd, transactions break and readers hurry."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from competence.actions.authorisations import grant_authorisation, report_login, revoke_authorisation
from competence.actions.completions import CompletionConflict, record_completion
from competence.models.authorisation import SystemLogin
from competence.models.completion import Completion
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.models.outbox import OutboxEvent, Revision
from competence.policy.decision import Outcome
from competence.queries.eligibility import current_moment, decide_for
from lms.audit.models import AuditEvent
from lms.lib.actors import Machine
from tests.factories.competence import COMPLETED, NATIONAL, REGIONAL, make_prescriber, make_world

MACHINE = Machine("client:test")
HEALTH_CARE = "websesam.health-care"
WRITERS, ROUNDS = 8, 15


def record(person: Any, key: str = "1", **changes: Any) -> Completion:
    words = {"course_key": NATIONAL, "completed_at": COMPLETED, "source": "elsewhere", **changes}
    return record_completion(person=person, source_id=key, by=MACHINE, **words)


def in_threads(*jobs: Callable[[], None]) -> list[BaseException]:
    """Run the jobs at once, each with a database connection of its own; returns what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            start.wait(60)
            job()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert not any(thread.is_alive() for thread in threads), "a writer hangs"
    return raised


@pytest.mark.django_db
def test_f02_a_retry_with_the_same_key_gets_the_same_answer() -> None:
    prescriber = make_prescriber(make_world().clinic, courses=())
    first = record(prescriber.person)
    events = OutboxEvent.objects.count()
    again = record(prescriber.person)
    assert again.pk == first.pk
    assert again.recorded_at == first.recorded_at
    assert Completion.objects.filter(source="elsewhere").count() == 1
    assert OutboxEvent.objects.count() == events, "nobody hears of it twice"


@pytest.mark.django_db
def test_f02_the_same_key_with_other_content_is_a_conflict() -> None:
    prescriber = make_prescriber(make_world().clinic, courses=())
    record(prescriber.person)
    with pytest.raises(CompletionConflict):
        record(prescriber.person, course_key=REGIONAL)
    with pytest.raises(CompletionConflict):
        record(prescriber.person, completed_at=COMPLETED + timedelta(seconds=1))


@pytest.mark.django_db
def test_p09_a_log_in_reported_twice_is_one_log_in() -> None:
    prescriber = make_prescriber(make_world().clinic)
    system = OrderingSystem.objects.get(key="websesam")
    at = timezone.now()
    for _time in range(2):
        report_login(person=prescriber.person, system=system, logged_in_at=at, by=MACHINE)
    assert SystemLogin.objects.filter(person=prescriber.person).count() == 1


@pytest.mark.django_db(transaction=True)
def test_p09_the_same_completion_from_eight_callers_at_once_is_one_completion() -> None:
    person = make_prescriber(make_world().clinic, courses=()).person
    before = OutboxEvent.objects.filter(kind="completion.recorded").count()
    found: list[int] = []
    assert in_threads(*([lambda: found.append(record(person).pk)] * WRITERS)) == []
    assert len(found) == WRITERS
    assert len(set(found)) == 1
    assert Completion.objects.filter(source="elsewhere").count() == 1
    assert OutboxEvent.objects.filter(kind="completion.recorded").count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_f31_eight_writers_at_once_all_get_through() -> None:
    """On SQLite none meets "database is locked"; everywhere each change has a number and an instant of its own."""
    unit = make_world().clinic
    people = [make_prescriber(unit, courses=(), is_authorised=False).person for _writer in range(WRITERS)]
    before = Revision.objects.get().number

    def write(writer: int) -> None:
        for turn in range(ROUNDS):
            record(people[writer], f"{writer}-{turn}")

    assert in_threads(*[lambda writer=writer: write(writer) for writer in range(WRITERS)]) == []
    recorded = Completion.objects.filter(source="elsewhere")
    assert recorded.count() == WRITERS * ROUNDS
    assert recorded.values("recorded_at").distinct().count() == WRITERS * ROUNDS
    numbers = list(OutboxEvent.objects.filter(revision__gt=before).order_by("revision").values_list("revision"))
    assert numbers == [(number,) for number in range(before + 1, before + 1 + WRITERS * ROUNDS)]


@pytest.mark.django_db(transaction=True)
def test_f31_a_reader_that_then_writes_does_not_fail_beside_another() -> None:
    """The case that deferred transactions cannot serve on SQLite: read, then write, in one transaction."""
    people = [make_prescriber(make_world().clinic, courses=(), is_authorised=False).person]
    people += [make_prescriber(people[0].employments.get().unit, courses=()).person]

    def read_then_write(index: int) -> None:
        for turn in range(ROUNDS):
            with transaction.atomic():
                list(Completion.objects.values_list("pk", flat=True))
                record(people[index], f"{index}-{turn}")

    assert in_threads(lambda: read_then_write(0), lambda: read_then_write(1)) == []
    assert Completion.objects.filter(source="elsewhere").count() == 2 * ROUNDS


@pytest.mark.django_db(transaction=True)
def test_f01_a_transaction_that_breaks_leaves_neither_completion_nor_event() -> None:
    person = make_prescriber(make_world().clinic, courses=()).person
    tables = (Completion, OutboxEvent, AuditEvent)
    before = [model.objects.count() for model in tables]
    revision = Revision.objects.get().number

    class PowerCut(Exception):
        pass

    @transaction.atomic
    def break_off() -> None:
        record(person)
        raise PowerCut

    with pytest.raises(PowerCut):
        break_off()
    assert [model.objects.count() for model in tables] == before
    assert Revision.objects.get().number == revision, "no number is lost to a change that never was"
    assert record(person).pk, "and the same key is free to be tried again"


@pytest.mark.django_db(transaction=True)
def test_f01_a_completion_whose_event_cannot_be_written_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls, and in no transaction of the caller's."""
    person = make_prescriber(make_world().clinic, courses=()).person
    before, revision = Completion.objects.count(), Revision.objects.get().number

    def fail(**_values: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("competence.actions.change.OutboxEvent.objects.create", fail)
        with pytest.raises(OSError, match="disk full"):
            record(person)
    assert (Completion.objects.count(), Revision.objects.get().number) == (before, revision)
    assert record(person).pk, "and the same key is free to be tried again"


@pytest.mark.django_db(transaction=True)
def test_f01_a_connection_that_dies_before_the_commit_leaves_nothing() -> None:
    person = make_prescriber(make_world().clinic, courses=()).person
    before = [Completion.objects.count(), OutboxEvent.objects.count()]

    def die() -> None:
        with transaction.atomic():
            record(person)
            # What the server sees of a process that is killed: the connection is gone, nothing was committed.
            assert connection.connection is not None
            connection.connection.close()

    raised = in_threads(die)
    assert len(raised) == 1, "the caller is told that it failed"
    assert [Completion.objects.count(), OutboxEvent.objects.count()] == before


@pytest.mark.django_db(transaction=True)
def test_p14_no_answer_is_older_than_an_acknowledged_revocation() -> None:
    """While rights are given and taken, four readers ask: who has seen revision n acknowledged is told so."""
    prescriber = make_prescriber(make_world().clinic, is_authorised=False)
    right = OrderingRight.objects.get(key=HEALTH_CARE)
    acknowledged: list[tuple[int, Outcome]] = []
    wrong: list[str] = []
    done = threading.Event()

    def write() -> None:
        try:
            for _turn in range(ROUNDS):
                granted = grant_authorisation(employment=prescriber.employment, right=right, by=MACHINE)
                acknowledged.append((Revision.objects.get().number, Outcome.ALLOWED))
                revoke_authorisation(authorisation=granted, reason="Provas", by=MACHINE)
                acknowledged.append((Revision.objects.get().number, Outcome.DENIED))
        finally:
            done.set()

    def read() -> None:
        while not done.is_set():
            seen = len(acknowledged)
            answer = decide_for(prescriber.person, HEALTH_CARE, moment=(moment := current_moment()))
            if seen and moment.revision < acknowledged[seen - 1][0]:
                wrong.append(f"revision {moment.revision} after {acknowledged[seen - 1][0]} was acknowledged")
            expected = dict(acknowledged).get(moment.revision)
            if expected is not None and answer.outcome is not expected:
                wrong.append(f"{answer.outcome} at revision {moment.revision}, where it is {expected}")

    assert in_threads(write, *([read] * 4)) == []
    assert wrong == []


@pytest.mark.django_db
def test_p14_the_answer_after_a_revocation_denies_at_once() -> None:
    prescriber = make_prescriber(make_world().clinic)
    assert decide_for(prescriber.person, HEALTH_CARE, moment=current_moment()).outcome is Outcome.ALLOWED
    assert prescriber.authorisation is not None
    revoke_authorisation(authorisation=prescriber.authorisation, reason="Provas", by=MACHINE)
    assert decide_for(prescriber.person, HEALTH_CARE, moment=current_moment()).outcome is Outcome.DENIED
