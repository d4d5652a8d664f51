"""The same work on many parts, in several processes: each is forked from this one, and has a connection of its own."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

from django.db import connection, connections

P = TypeVar("P")
R = TypeVar("R")


class ProcessLost(RuntimeError):
    """A process ended in the midst of its part: it was killed, or had no memory left."""


def side_by_side(work: Callable[[P], R], parts: Iterable[P], processes: int) -> Generator[R, None, None]:
    """What `work` gives for each of `parts`, in no order. Raises what a part raised, and ProcessLost.

    One process, or a database that is a file: one after the other, here. Otherwise there must be no transaction around.
    Whoever stops listening has the parts that are being worked on taken back.
    """
    if processes == 1 or connection.vendor != "postgresql":
        yield from map(work, parts)
        return
    if connection.in_atomic_block:
        raise RuntimeError("a transaction cannot be shared between processes")
    connections.close_all()
    # What is there already is left out of the search for circles, which would write to every page that all share.
    gc.collect()
    gc.freeze()
    context = multiprocessing.get_context("fork")
    workers: dict[Connection, ForkProcess] = {}
    try:
        for _number in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(work, theirs, [*workers, ours]), daemon=True)
            process.start()
            theirs.close()
            workers[ours] = process
        yield from _hand_out(parts, workers)
    finally:
        for pipe, process in workers.items():
            pipe.close()
            process.terminate()
            process.join()
        gc.unfreeze()


def side_by_side_in_order(work: Callable[[P], R], parts: Iterable[P], processes: int) -> Iterator[R]:
    """The same in the order of the parts: what is ready before its turn is kept until those before it have come."""
    early: dict[int, R] = {}
    turn = 0
    for number, answer in side_by_side(partial(_numbered, work), enumerate(parts), processes):
        early[number] = answer
        while turn in early:
            yield early.pop(turn)
            turn += 1


def _numbered(work: Callable[[P], R], part: tuple[int, P]) -> tuple[int, R]:
    number, one = part
    return number, work(one)


def _hand_out(parts: Iterable[Any], workers: dict[Connection, ForkProcess]) -> Iterator[Any]:
    """Each process has one part at a time."""
    waiting = iter(parts)
    busy = set[Connection]()

    def give(pipe: Connection) -> None:
        for part in waiting:
            pipe.send(part)
            busy.add(pipe)
            return

    for pipe in workers:
        give(pipe)
    while busy:
        for ready in wait(list(busy)):
            assert isinstance(ready, Connection)
            try:
                is_done, answer = ready.recv()
            except (EOFError, OSError) as error:
                workers[ready].join(5)
                raise ProcessLost(f"a process ended with {workers[ready].exitcode}") from error
            if not is_done:
                raise answer
            busy.discard(ready)
            give(ready)
            yield answer


def _serve(work: Callable[[Any], Any], parts: Connection, not_mine: list[Connection]) -> None:
    """What a process does: one part after the other, until nobody sends any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the one that hands out the parts decides
    for pipe in not_mine:
        pipe.close()
    while True:
        try:
            part = parts.recv()
        except EOFError:
            return
        try:
            answer = (True, work(part))
        except Exception as error:
            answer = (False, _to_be_sent(error))
        parts.send(answer)


def _to_be_sent(error: Exception) -> Exception:
    """The error itself, if it can be sent; otherwise what it says."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own, made in the line
    except Exception:
        return RuntimeError(repr(error))
    return error
