"""Making everybody's stored outcomes anew, as after new rules: against PostgreSQL reading and writing those rows alone.

The rate is people a second, all processes together. The baseline copies the same prepared facts out and the same
outcomes in, into a table of the same shape with the same indexes, and evaluates nothing. STATE_PEOPLE says how many
people (100,000; a million takes a while to make). Memory is that of all processes of the command, what they share
counted once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.benchmarks.harness import Figure, Load, Stage
from tools.steps import BIN, ROOT

PEOPLE = int(os.environ.get("STATE_PEOPLE", "100000"))
PROCESSES = os.cpu_count() or 1
ROUNDS = 3


def figures(stage: Stage) -> Iterator[Figure]:
    stage.manage("load_organisation")
    stage.manage("register_courses")
    stage.manage("publish_rule_versions", "competence/rules/vastra_gotaland/versions.yaml")
    stage.manage("generate_population", f"--people={PEOPLE}", f"--processes={os.cpu_count() or 1}", "--yes-really")
    with psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
        total = _count(database, "competence_preparedfacts")
        rounds = []
        for _round in range(ROUNDS):
            database.execute("DELETE FROM competence_outcomesmade")  # as good as new rules: nothing is believed
            rounds.append((*_rebuild(stage), _baseline(database)))
        stage.manage("verify_state", "--people=2000")
        rows = _count(database, "competence_storedoutcome")
    seconds, memory, baseline = (statistics.median(one[part] for one in rounds) for part in range(3))
    nothing = float("nan")
    yield Figure(
        f"state of {total:,} people rebuilt by {PROCESSES} processes: {seconds:.1f} s, {rows:,} outcomes, "
        f"{memory:,.0f} MB at most",
        Load(total / seconds, nothing, nothing, nothing, 0),
        "copying them out and in",
        Load(total / baseline, nothing, nothing, nothing, 0),
    )


def _count(database: psycopg.Connection, table: str) -> int:
    row = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def _rebuild(stage: Stage) -> tuple[float, float]:
    """Seconds, and the most memory in megabytes."""
    process = subprocess.Popen(
        [BIN / "python", "manage.py", "rebuild_state", f"--processes={PROCESSES}"],
        cwd=ROOT,
        env={**os.environ, **stage.environment()},
        stdout=subprocess.DEVNULL,
    )
    most = 0.0

    def watch() -> None:
        nonlocal most
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(0.25)

    watcher = threading.Thread(target=watch)
    began = time.monotonic()
    watcher.start()
    assert process.wait() == 0, "rebuild_state failed"
    seconds = time.monotonic() - began
    watcher.join()
    return seconds, most


def _memory(pid: int) -> float:
    """Megabytes of a process and its children."""
    total = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return total
    return total + sum(_memory(int(child)) for child in children)


def _baseline(database: psycopg.Connection) -> float:
    """Seconds for copying the prepared facts out, and the outcomes out and in again, indexes and all."""
    database.execute("CREATE TABLE bare (LIKE competence_storedoutcome INCLUDING ALL)")
    try:
        began = time.monotonic()
        with database.cursor() as cursor:
            with cursor.copy("COPY competence_preparedfacts TO STDOUT") as facts:
                for _block in facts:
                    pass
            with cursor.copy("COPY competence_storedoutcome TO STDOUT") as outcomes:
                kept = [bytes(block) for block in outcomes]
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for block in kept:
                    copy.write(block)
        return time.monotonic() - began
    finally:
        database.execute("DROP TABLE bare")
