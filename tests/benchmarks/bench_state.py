"""Bringing everybody's stored outcomes to new rules: against PostgreSQL reading and writing those rows alone.

Twice: after the publication of rules in which one role's requirement is another, as the product does it, and with
nothing believed, so that everything is made anew. The rate is people a second, all processes together. The baseline
copies the same prepared facts out and the same outcomes in, into a table of the same shape with the same indexes, and
evaluates nothing. STATE_PEOPLE says how many people (100,000; a million takes a while to make), STATE_ROUNDS how often.
CPU time is that of a person, with PostgreSQL's. Memory is that of all processes of the command, what they share counted
once.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.benchmarks.harness import Figure, Load, Stage, Target
from tools.steps import BIN, ROOT

PEOPLE = int(os.environ.get("STATE_PEOPLE", "100000"))
PROCESSES = os.cpu_count() or 1
ROUNDS = int(os.environ.get("STATE_ROUNDS", "3"))
RULES = ROOT / "competence" / "rules" / "vastra_gotaland.yaml"


Round = tuple[float, float, float]
"""Seconds, the most memory in megabytes, and seconds of CPU time, PostgreSQL's among them."""
nothing = float("nan")
_NOTHING = (nothing, nothing, nothing, 0)


def figures(stage: Stage) -> Iterator[Figure]:
    stage.manage("load_organisation")
    stage.manage("register_courses")
    stage.manage("publish_rule_versions", "competence/rules/vastra_gotaland/versions.yaml")
    began = time.monotonic()
    stage.manage("generate_population", f"--people={PEOPLE}", f"--processes={PROCESSES}", "--yes-really")
    made = time.monotonic() - began
    published, anew, baselines = list[Round](), list[Round](), list[float]()
    with psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
        total = _count(database, "competence_preparedfacts")
        for turn in range(ROUNDS):
            _publish(stage, months=24 + turn)
            published.append(_rebuild(stage))
            database.execute("DELETE FROM competence_outcomesmade")  # nothing is believed
            anew.append(_rebuild(stage))
            baselines.append(_baseline(database))
        stage.manage("verify_state", "--people=2000")
        rows = _count(database, "competence_storedoutcome")
    baseline = Load(total / statistics.median(baselines), *_NOTHING)
    yield Figure(
        f"{PEOPLE:,} invented people made by {PROCESSES} processes: {made:.0f} s",
        Load(PEOPLE / made, *_NOTHING),
        "copying facts and outcomes out and in",
        baseline,
    )
    for words, rounds in (("after a publication about one role", published), ("everything anew", anew)):
        seconds, memory, cpu = (statistics.median(one[part] for one in rounds) for part in range(3))
        yield Figure(
            f"state of {total:,} people rebuilt by {PROCESSES} processes, {words}: {seconds:.1f} s, {rows:,} outcomes, "
            f"{memory:,.0f} MB at most",
            Load(total / seconds, nothing, nothing, cpu / total * 1000, 0),
            "copying them out and in",
            baseline,
        )


def _publish(stage: Stage, months: int) -> None:
    """Rules in which the regional course of those who prescribe mobility aids is valid for so many months."""
    text = RULES.read_text(encoding="utf-8")
    place = text.index("    gate: block\n", text.index("  - key: regional-mobility\n"))
    file = stage.media / "rules.yaml"
    file.write_text(f"{text[:place]}    validity_months: {months}\n{text[place:]}", encoding="utf-8")
    stage.manage("publish_rules", str(file))


def _count(database: psycopg.Connection, table: str) -> int:
    row = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def _rebuild(stage: Stage) -> Round:
    cpu = _cpu(stage)
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
    return seconds, most, _cpu(stage) - cpu


def _cpu(stage: Stage) -> float:
    """Seconds of CPU time of PostgreSQL and of every command that has ended, so far."""
    return _cpu_of_commands() + _cpu_of_postgres(stage)


def _cpu_of_commands() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _cpu_of_postgres(stage: Stage) -> float:
    postgres = Target("PostgreSQL", stage.postgres.url, stage.postgres.process)
    return postgres.cpu_seconds() + _reaped(stage.postgres.process.pid)


def _reaped(pid: int) -> float:
    """Seconds of CPU time of the process's children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Megabytes of a process and its children."""
    return sum(_memories(pid))


def _memories(pid: int) -> list[float]:
    """Megabytes of a process, and of each of its children: what several share is divided among them."""
    found = []
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                found.append(int(line.split()[1]) / 1024)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    return [*found, *(one for child in children for one in _memories(int(child)))]


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
