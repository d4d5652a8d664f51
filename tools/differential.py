"""Asks the decision and its plain reference the same, for as long as you like: `make differential`.

A history is a random set of published rules, a person's facts and questions about them (tests/reference/histories.py).
The product answers by `competence.policy`, the reference by `tests/reference`, which is written from the page alone
(docs/eligibility.md). At the first difference it stops, prints the smallest history that still shows it, and exits
with 1.

A history is known by its seed and number: `--seed 7 --start 41 --histories 1` makes the 42nd of seed 7 again.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import multiprocessing.pool
import os
import pprint
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from tests.reference.comparison import differences, minimised
from tests.reference.histories import History, make_history

CHUNK = 200


@dataclass
class Chunk:
    """What came of some histories: how many, and the number of the first in which the two differ."""

    histories: int = 0
    differs: int | None = None
    mix: Counter[str] = field(default_factory=Counter)


def try_chunk(job: tuple[int, int, int, int]) -> Chunk:
    """Ask both about `size` histories from number `start` on."""
    seed, start, size, questions = job
    done = Chunk()
    gc.disable()  # there is little rubbish in circles, and looking for it costs a tenth of the time
    for number in range(start, start + size):
        done.histories += 1
        if differences(make_history(seed, number, questions), done.mix):
            done.differs = number
            break
    gc.collect()
    return done


def jobs(options: argparse.Namespace) -> Iterator[tuple[int, int, int, int]]:
    """Chunks until the number of histories or the seconds are up."""
    began = time.monotonic()
    for start in itertools.count(options.start, CHUNK):
        left = CHUNK if options.histories is None else options.start + options.histories - start
        if left <= 0 or (options.seconds is not None and time.monotonic() - began >= options.seconds):
            return
        yield options.seed, start, min(CHUNK, left), options.questions


def run(options: argparse.Namespace) -> int:
    total, began, said = Chunk(), time.monotonic(), 0.0
    # Jobs are handed out as they are asked for, so that time can be up; a few wait for each process.
    with multiprocessing.get_context("fork").Pool(options.processes) as pool:
        waiting: list[multiprocessing.pool.AsyncResult[Chunk]] = []
        coming = jobs(options)
        while True:
            for job in itertools.islice(coming, 3 * options.processes - len(waiting)):
                waiting.append(pool.apply_async(try_chunk, (job,)))
            if not waiting:
                break
            done = waiting.pop(0).get()
            total.histories += done.histories
            total.mix += done.mix
            if done.differs is not None:
                pool.terminate()
                total.differs = done.differs
                break
            if time.monotonic() - said > 2:
                said = time.monotonic()
                progress(total, said - began, end="\r")
    progress(total, time.monotonic() - began, end="\n")
    if total.differs is not None:
        tell(options, total.differs)
        return 1
    for what, number in sorted(total.mix.items(), key=lambda item: -item[1]) if options.mix else []:
        print(f"{number:>12,}  {what}")
    print("No difference.")
    return 0


def progress(total: Chunk, seconds: float, end: str) -> None:
    answers = total.mix["allowed"] + total.mix["allowed_with_warning"]
    rate = total.histories / max(seconds, 1e-9)
    line = f"{total.histories:,} histories in {seconds:,.0f} s, {rate:,.0f} per second, {answers:,} answers that allow"
    print(f"{line:<90}", end=end, flush=True, file=sys.stderr if end == "\r" else sys.stdout)


def tell(options: argparse.Namespace, number: int) -> None:
    """Print the difference, small and reproducible."""
    print(f"\nThe two differ: --seed {options.seed} --start {number} --histories 1 --questions {options.questions}")
    print(shown(minimised(make_history(options.seed, number, options.questions))))


def shown(history: History) -> str:
    """Rules, facts, questions, and what the two say differently."""
    lines = []
    for version in history.versions:
        lines.append(f"\nversion {version.version}, in force {version.in_force_from}, published {version.published_at}")
        lines.append(yaml.safe_dump(version.document, sort_keys=False, allow_unicode=True))
    lines.append(pprint.pformat(history.facts, width=120))
    lines.append(pprint.pformat(history.questions, width=120))
    return "\n".join([*lines, *differences(history)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, help="stop after so long (without either limit: 60)")
    parser.add_argument("--histories", type=int, help="stop after so many")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other histories (default 1)")
    parser.add_argument("--start", type=int, default=0, help="the number of the first history (default 0)")
    parser.add_argument("--questions", type=int, default=1, help="questions about each history (default 1)")
    parser.add_argument("--mix", action="store_true", help="print how often each outcome, code and turn was met")
    options = parser.parse_args()
    if options.seconds is None and options.histories is None:
        options.seconds = 60
    sys.exit(run(options))


if __name__ == "__main__":
    main()
