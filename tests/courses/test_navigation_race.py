"""Moving and saving at once, from tabs, double presses and lost lines: one goes through, and nothing is done twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from courses.actions.navigation import Fenced, Move, move
from courses.models import Attempt
from courses.scorm.commit import CommitRefused, read_commit, save_commit
from tests.courses.sequenced import part, sequenced_package
from tests.factories.courses import make_attempt, make_course, sit_down

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TIMES = 6


def all_at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that start together; what each gave, or raised, in their order."""
    gate = threading.Barrier(len(jobs))
    came: list[Any] = [None] * len(jobs)

    def run(number: int) -> None:
        gate.wait()
        try:
            came[number] = jobs[number]()
        except Exception as error:
            came[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def attempt_of_many_parts() -> Attempt:
    return make_attempt(make_course(sequenced_package(*(part(f"a{number}") for number in range(10)))))


def test_f08_many_presses_of_next_at_once_go_one_part_on() -> None:
    attempt = attempt_of_many_parts()
    sitting = sit_down(attempt)
    asked = Move("continue", launch=sitting.launch)
    came = all_at_once(*[lambda: move(attempt=attempt, asked=asked, by=attempt.person)] * TIMES)
    assert sum(isinstance(one, Fenced) for one in came) == TIMES - 1
    attempt.refresh_from_db()
    assert attempt.current_item == "a1"
    assert set(attempt.runtimes.values_list("item", flat=True)) == {"a0", "a1"}


def test_f08_a_tab_that_opens_the_course_while_another_moves_leaves_one_that_may_write() -> None:
    attempt = attempt_of_many_parts()
    sitting = sit_down(attempt)
    came = all_at_once(
        lambda: move(attempt=attempt, asked=Move("continue", launch=sitting.launch), by=attempt.person),
        lambda: move(attempt=attempt, asked=Move("open"), by=attempt.person),
    )
    attempt.refresh_from_db()
    sittings = [one.sitting for one in came if not isinstance(one, Exception)]
    assert [one.launch for one in sittings].count(attempt.launch_id) == 1
    for one in sittings:
        commit = read_commit({"sequence": 1, "trigger": "commit", "changes": {"cmi.location": one.item}})
        if one.launch == attempt.launch_id:
            save_commit(one, commit)
        else:
            with pytest.raises(CommitRefused):
                save_commit(one, commit)


def test_f02_the_same_farewell_many_times_at_once_counts_once() -> None:
    attempt = attempt_of_many_parts()
    sitting = sit_down(attempt)
    said = {"cmi.completion_status": "completed", "cmi.session_time": "PT1M"}
    commit = read_commit({"sequence": 7, "trigger": "terminate", "changes": said})
    came = all_at_once(*[lambda: save_commit(sitting, commit)] * TIMES)
    assert {(one.sequence, one.is_late) for one in came} == {(7, False)}
    runtime = attempt.runtimes.get()
    assert (runtime.sequence, runtime.session_seconds, len(runtime.recent.split())) == (7, 60, 1)


def test_f02_of_commits_that_come_at_once_none_that_was_taken_is_lost() -> None:
    attempt = attempt_of_many_parts()
    sitting = sit_down(attempt)
    elements = [f"cmi.comments_from_learner.{number}.comment" for number in range(TIMES)]

    def saving(number: int) -> Callable[[], Any]:
        changes = {elements[number]: "x", "cmi.completion_status": "incomplete"}
        commit = read_commit({"sequence": number + 1, "trigger": "commit", "changes": changes})
        return lambda: save_commit(sitting, commit)

    came = all_at_once(*map(saving, range(TIMES)))
    stored = json.loads(attempt.runtimes.get().data)
    taken = {elements[number] for number, one in enumerate(came) if not one.is_late}
    assert taken == {element for element in elements if element in stored}
