"""What holds of lists of completions when those who take them in are killed, or are two."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from competence.imports.completions import recording, runner
from competence.imports.completions.runner import go_on_with
from competence.models.completion import Completion
from competence.models.completion_import import CompletionImport, StagedCompletion
from competence.models.feed import EligibilityChange
from competence.models.outbox import OutboxEvent
from competence.verifying import verify_state
from lms.audit.models import AuditEvent
from tests.competence.imports.lists import codes, csv_bytes, start, work
from tests.factories.competence import NATIONAL, REGIONAL, Prescriber, World, make_prescriber, make_world
from tests.faults.test_recording import in_threads

POINTS = 20
PEOPLE = 6


def rows_for(people: list[Prescriber]) -> list[tuple[str, str, str]]:
    rows = [(one.hsa_id, course, "2024-03-01") for course in (NATIONAL, REGIONAL) for one in people]
    rows.insert(3, ("SE2321000131-NOBODYHERE", NATIONAL, "2024-03-01"))
    rows.insert(9, (people[0].hsa_id, NATIONAL, "i våras"))
    return [*rows, rows[0]]


def in_a_process(pk: int, kill_at: int | None) -> int:
    """Go on with the import in a process of its own, killed before its statement number `kill_at`; returns how many
    statements it came to."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    count = context.Value("i", 0)

    def go_on() -> None:
        def watch(execute: Any, *words: Any) -> Any:
            count.value += 1
            if count.value == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*words)

        with connection.execute_wrapper(watch):
            for _part in go_on_with(pk):
                pass
        connections.close_all()
        os._exit(0)

    process = context.Process(target=go_on)
    process.start()
    process.join(600)
    assert process.exitcode == (0 if kill_at is None else -signal.SIGKILL)
    return int(count.value)


def end_state(one: CompletionImport, people: list[Prescriber]) -> dict[str, Any]:
    """Everything that an import leaves behind, with the people by their place in the list."""
    place = {made.person.pk: number for number, made in enumerate(people)}
    those = Completion.objects.filter(person__in=place)
    changes = EligibilityChange.objects.filter(person__in=place, recorded_at__gte=one.created_at)
    subject = f"import:{one.public_id}"
    told = [event.payload["completions"] for event in OutboxEvent.objects.filter(payload__subject=subject)]
    return {
        "counts": (one.status, one.rows_read, one.staged, one.faulty, one.done, one.recorded, one.known),
        "under way": (one.is_under_way, bool(one.file)),
        "completions": Counter(
            (place[p], c, at) for p, c, at in those.values_list("person", "course__key", "completed_at")
        ),
        "faults": [(row, column, code) for row, column, _value, code in codes(one)],
        "staged": StagedCompletion.objects.filter(completion_import=one).count(),
        "changes": Counter(
            (place[p], right, after) for p, right, after in changes.values_list("person", "right", "after")
        ),
        "audit": Counter(
            place[pk]
            for pk in AuditEvent.objects.filter(subject=subject, person__isnull=False).values_list("person", flat=True)
        ),
        "told": Counter(one for several in told for one in several) == Counter(str(c.public_id) for c in those),
    }


@pytest.mark.django_db(transaction=True)
def test_f09_killed_at_any_of_twenty_points_an_import_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 5)
    monkeypatch.setattr(recording, "ROWS", 4)
    world = make_world()

    def begin() -> tuple[CompletionImport, list[Prescriber]]:
        people = [make_prescriber(world.clinic, courses=()) for _number in range(PEOPLE)]
        return start(csv_bytes(rows_for(people)), tmp_path, goes_on=True), people

    one, people = begin()
    statements = in_a_process(one.pk, None)
    one.refresh_from_db()
    wanted = end_state(one, people)
    assert wanted["counts"] == (CompletionImport.Status.DONE, 15, 13, 2, 13, 12, 1)
    assert wanted["told"]
    assert statements > 3 * POINTS
    for point in range(POINTS):
        one, people = begin()
        in_a_process(one.pk, 1 + point * (statements - 2) // (POINTS - 1))
        # A minute later the claim of the one that was killed has run out.
        CompletionImport.objects.filter(claimed_until__isnull=False).update(
            claimed_until=timezone.now() - timedelta(seconds=1)
        )
        one = work(one)
        assert end_state(one, people) == wanted, f"killed at point {point}"
    assert not any(part.differences for part in verify_state(None, 1))


@pytest.mark.django_db(transaction=True)
def test_f10_two_imports_of_the_same_list_at_once_record_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 5)
    monkeypatch.setattr(recording, "ROWS", 4)
    world: World = make_world()
    people = [make_prescriber(world.clinic, courses=()) for _number in range(PEOPLE)]
    both = [start(csv_bytes(rows_for(people)), tmp_path, goes_on=True) for _turn in range(2)]

    def go_on(one: CompletionImport) -> None:
        for _turn in range(400):
            for _part in go_on_with(one.pk):
                assert CompletionImport.objects.filter(is_under_way=True).count() <= 1
            if CompletionImport.objects.get(pk=one.pk).status == CompletionImport.Status.DONE:
                return

    assert in_threads(lambda: go_on(both[0]), lambda: go_on(both[1])) == []
    for one in both:
        one.refresh_from_db()
    assert sorted(one.recorded for one in both) == [0, 12]
    assert Completion.objects.filter(source__startswith="import:").count() == 12
