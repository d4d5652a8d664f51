"""Taking in lists of completions, with everything that follows from them: decisions, events, stored outcomes and sums.

A list of IMPORT_ROWS rows (100,000), 1 in 100 of them faulty in various ways, for IMPORT_PEOPLE invented people
(20,000) in no order; the same list again; and the same rows as a workbook, read alone. The rate is rows a second. The
baseline copies the same rows into a table like that of completions, indexes and all, and does nothing else. CPU time is
that of the command's processes, from their start on, and PostgreSQL's. Memory is the command's and its processes', what
they share divided among them; the most that all had at once.

A million rows, once: IMPORT_ROWS=1000000 IMPORT_ROUNDS=1 python -m tools.bench imports
"""

from __future__ import annotations

import contextlib
import csv
import os
import random
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg
import xlsxwriter

from competence.imports.completions.workbook import write_table
from tests.benchmarks.bench_state import _cpu_of_commands, _cpu_of_postgres, _memories
from tests.benchmarks.harness import Figure, Load, Stage
from tools.steps import BIN, ROOT

ROWS = int(os.environ.get("IMPORT_ROWS", "100000"))
PEOPLE = int(os.environ.get("IMPORT_PEOPLE", str(ROWS // 5)))
ROUNDS = int(os.environ.get("IMPORT_ROUNDS", "3"))
PROCESSES = os.cpu_count() or 1
WORKBOOK_ROWS = 100_000
COURSES = (
    "national-hjalpmedel",
    "national-forbrukningsartiklar",
    "regional-rorelse",
    "regional-lmn",
    "regional-forskrivare",
)
WRONG = (
    ("SE2321000131-NOBODYHERE", 0, None),
    ("anna", 0, None),
    (None, None, "finns-inte"),
    (None, 1, "1/3/2024"),
    (None, 1, "2024-02-30"),
    ("", 0, None),
)
_NOTHING = float("nan")


@dataclass(frozen=True)
class Round:
    """One import: seconds in all, seconds of CPU time, and megabytes of the command and of each of its processes."""

    seconds: float
    command_cpu: float
    postgres_cpu: float
    memories: list[float]

    @property
    def words(self) -> str:
        own, others = self.memories[0], self.memories[1:]
        return (
            f"{self.seconds:.1f} s, CPU {self.command_cpu:.1f} s and PostgreSQL's {self.postgres_cpu:.1f} s, "
            f"{sum(self.memories):.0f} MB at most ({own:.0f} + {len(others)} × {statistics.fmean(others or [0]):.0f})"
        )


def figures(stage: Stage) -> Iterator[Figure]:
    stage.manage("load_organisation")
    stage.manage("register_courses")
    stage.manage("publish_rule_versions", "competence/rules/vastra_gotaland/versions.yaml")
    words = (f"--people={PEOPLE}", f"--processes={PROCESSES}", "--completions-per-person=3", "--yes-really")
    stage.manage("generate_population", *words)
    folder = stage.media.parent
    with psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
        ids = [
            row[0]
            for row in database.execute("SELECT value FROM users_employeeidentity WHERE kind = 'hsa_id' ORDER BY id")
        ]
        rounds, again, baselines = [], [], []
        for turn in range(ROUNDS):
            path = folder / f"lista{turn}.csv"
            _write_list(path, ids, turn)
            rounds.append(_import(stage, path, f"Runda {turn}"))
            again.append(_import(stage, path, f"Runda {turn}"))
            baselines.append(_baseline(database, f"import:runda-{turn}"))
        stage.manage("verify_state", "--people=2000")
        recorded = database.execute(
            "SELECT count(*) FROM competence_completion WHERE source LIKE 'import:%'"
        ).fetchone()
    baseline = _rate(ROWS, statistics.median(baselines))
    assert recorded is not None
    yield Figure(
        f"{ROWS:,} rows for {PEOPLE:,} people taken in by {PROCESSES} processes: {_middle(rounds).words}, "
        f"{recorded[0] // ROUNDS:,} recorded",
        _load(rounds),
        "copying the rows in",
        baseline,
    )
    yield Figure(
        f"the same list again: {_middle(again).words}",
        _load(again),
        "copying the rows in",
        baseline,
    )
    took = _workbook(folder, ids)
    yield Figure(
        f"a workbook of {WORKBOOK_ROWS:,} rows read: {took:.1f} s",
        _rate(WORKBOOK_ROWS, took),
        "copying the rows in",
        baseline,
    )


def _middle(rounds: list[Round]) -> Round:
    return sorted(rounds, key=lambda one: one.seconds)[len(rounds) // 2]


def _load(rounds: list[Round]) -> Load:
    cpu = statistics.median(one.command_cpu + one.postgres_cpu for one in rounds)
    return _rate(ROWS, statistics.median(one.seconds for one in rounds), cpu * 1000 / ROWS)


def _rate(rows: int, seconds: float, cpu_ms: float = _NOTHING) -> Load:
    return Load(rows / seconds, _NOTHING, _NOTHING, cpu_ms, 0)


def _rows(ids: list[str], seed: int) -> Iterator[tuple[str, str, str]]:
    """Every hundredth row is wrong."""
    chance = random.Random(seed)
    first = date(2023, 1, 1)
    for number in range(ROWS):
        hsa_id, course = chance.choice(ids), chance.choice(COURSES)
        day = (first + timedelta(days=chance.randrange(1000))).isoformat()
        if number % 100 == 50:
            wrong = WRONG[number // 100 % len(WRONG)]
            if wrong[0] is not None:
                hsa_id = wrong[0]
            elif wrong[1] is None:
                course = str(wrong[2])
            else:
                day = str(wrong[2])
        yield hsa_id, course, day


def _write_list(path: Path, ids: list[str], seed: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["HSA-id", "Kurs", "Datum"])
        writer.writerows(_rows(ids, seed))


def _import(stage: Stage, path: Path, source: str) -> Round:
    """One import, with everything up to date at its end."""
    words: list[str | Path] = [
        BIN / "python",
        "manage.py",
        "import_completions",
        path,
        "--source",
        source,
        "--processes",
        str(PROCESSES),
    ]
    command, postgres, began, most = _cpu_of_commands(), _cpu_of_postgres(stage), time.monotonic(), [0.0]
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, **stage.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while process.poll() is None:
        most = max(most, _memories(process.pid), key=sum)
        time.sleep(0.2)
    seconds = time.monotonic() - began
    said = process.stdout.read() if process.stdout else ""
    assert process.returncode == 1, said  # some rows have faults
    found = re.search(r"([\d,]+) rows with faults", said)
    assert found, said
    assert int(found[1].replace(",", "")) >= ROWS // 100, said  # some more where chance hit what was withdrawn
    return Round(seconds, _cpu_of_commands() - command, _cpu_of_postgres(stage) - postgres, most)


def _baseline(database: psycopg.Connection, source: str) -> float:
    """Seconds for copying the rows of one list into a table of the same shape."""
    database.execute("CREATE TABLE bare (LIKE competence_completion INCLUDING ALL)")
    try:
        kept = []
        with database.cursor() as cursor:
            query = f"COPY (SELECT * FROM competence_completion WHERE source = '{source}') TO STDOUT"
            with cursor.copy(query) as copy:
                kept = [bytes(block) for block in copy]
            began = time.monotonic()
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for block in kept:
                    copy.write(block)
            return time.monotonic() - began
    finally:
        database.execute("DROP TABLE bare")


def _workbook(folder: Path, ids: list[str]) -> float:
    """Seconds for reading a workbook into a table."""
    path = folder / "lista.xlsx"
    with contextlib.closing(xlsxwriter.Workbook(path, {"constant_memory": True})) as book:
        sheet = book.add_worksheet("Lista")
        for number, row in enumerate(_rows(ids, 99)):
            if number == WORKBOOK_ROWS:
                break
            sheet.write_row(number, 0, row)
    took = []
    for _turn in range(3):
        began = time.monotonic()
        write_table(path, folder / "lista-ur-bok.csv")
        took.append(time.monotonic() - began)
    return statistics.median(took)
