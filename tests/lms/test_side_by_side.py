"""Work in several processes: all of it once, what a part raises, and a process that is killed in its part."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
from django.db import connection

from lms.lib.errors import Refusal
from lms.lib.side_by_side import ProcessLost, side_by_side, side_by_side_in_order


def doubled(number: int) -> tuple[int, int]:
    """Twice the number, and who says so: a process with a connection of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 2 * %s", [number])
        return int(cursor.fetchone()[0]), os.getpid()


def refuse_seven(number: int) -> int:
    if number == 7:
        raise Refusal("not seven")
    return number


def first_when_the_third_is_done(part: tuple[int, str]) -> int:
    number, name = part
    path = Path(name)
    if number == 2:
        path.touch()
    while number == 0 and not path.exists():
        time.sleep(0.01)
    return number


def killed_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.django_db(transaction=True)
def test_one_process_does_one_part_after_the_other_here() -> None:
    assert list(side_by_side(doubled, range(3), 1)) == [(0, os.getpid()), (2, os.getpid()), (4, os.getpid())]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_do_each_part_once() -> None:
    answers = list(side_by_side(doubled, range(40), 3))
    assert sorted(answer for answer, _process in answers) == [2 * number for number in range(40)]
    processes = {process for _answer, process in answers}
    assert os.getpid() not in processes
    assert 1 < len(processes) <= 3
    assert gc.get_freeze_count() == 0
    assert list(side_by_side(doubled, [], 3)) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_ready_before_its_turn_waits_for_it(tmp_path: Path) -> None:
    parts = [(number, str(tmp_path / "third")) for number in range(6)]
    assert list(side_by_side_in_order(first_when_the_third_is_done, parts, 2)) == list(range(6))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_a_part_raises_is_raised_here() -> None:
    with pytest.raises(Refusal, match="not seven"):
        list(side_by_side(refuse_seven, range(20), 3))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_is_told_of_instead_of_waited_for() -> None:
    with pytest.raises(ProcessLost, match="-9"):
        list(side_by_side(killed_at_seven, range(20), 3))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_whoever_stops_listening_leaves_no_process_behind() -> None:
    before = set(multiprocessing.active_children())
    work = side_by_side(doubled, range(1000), 3)
    next(work)
    assert len(set(multiprocessing.active_children()) - before) == 3
    work.close()
    assert set(multiprocessing.active_children()) == before


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_transaction_is_not_shared() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        list(side_by_side(doubled, range(3), 3))
