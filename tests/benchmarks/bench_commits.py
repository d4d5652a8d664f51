"""A learner's progress saved: validated, in order and durable, over HTTP, beside PostgreSQL's own durable updates."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg

from tests.benchmarks.harness import (
    CLIENTS,
    CONTENT_HOST,
    ROUNDS,
    SECONDS,
    Figure,
    Load,
    Stage,
    Target,
    median,
    pgbench_rate,
)
from tools.steps import BIN, ROOT

KILOBYTES = 4
# So many learners at once, of whom the slowest answer in a hundred may take 50 ms.
MANY = 32
# In a process of its own: the stage's settings are those of production. The learner's sitting is opened after the
# product's start, since its token is short-lived.
_PREPARE = f"""
import itertools
import json
import django
django.setup()
from tests.factories import competence
competence._numbers = itertools.count(1_000_000)  # people beside those of the other benchmarks
from courses.scorm.tokens import sign
from tests.factories.courses import make_attempt, make_course, sit_down
course = make_course()
sittings = [sit_down(make_attempt(course)) for _ in range({MANY})]
print(json.dumps([[str(sitting.attempt), sign("commit", sitting)] for sitting in sittings]))
"""
_TABLE: LiteralString = (
    "CREATE TABLE bench (id int PRIMARY KEY, body text, sequence bigint) WITH (fillfactor = 50);"
    f"INSERT INTO bench SELECT n, repeat('x', {KILOBYTES * 1024}), 0 FROM generate_series(1, {CLIENTS}) n;"
    "ALTER TABLE bench ALTER body SET STORAGE EXTERNAL;"
)
_UPDATE = (
    f"UPDATE bench SET body = repeat(chr(97 + (random() * 20)::int), {KILOBYTES * 1024}), sequence = sequence + 1 "
    "WHERE id = :client_id + 1;"
)


def figures(stage: Stage) -> Iterator[Figure]:
    product = stage.product()
    environment = {**os.environ, **stage.environment(), "DJANGO_SETTINGS_MODULE": "lms.settings"}
    command: list[str | Path] = [BIN / "python", "-c", _PREPARE]
    out = subprocess.run(
        command, cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    ).stdout
    learners = json.loads(out.splitlines()[-1])
    # PostgreSQL's own tool, run by PostgreSQL itself as fast as it can.
    with psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute(_TABLE)
    script = stage.media / "update.sql"
    script.write_text(_UPDATE)
    _load, began = _save(product, learners, 1)  # each process has met the usual form once
    for number, goal in ((CLIENTS, 0.8), (MANY, None)):
        rounds = []
        for _round in range(ROUNDS):
            load, began = _save(product, learners[:number], began)
            rounds.append((load, pgbench_rate(stage, script)))
        yield Figure(
            f"a commit of {KILOBYTES} kB, validated and durable, {number} learners at once",
            median([load for load, _ in rounds]),
            f"PostgreSQL's own durable update, {CLIENTS} at once",
            Load(statistics.median(rate for _, rate in rounds), 0, 0, 0, 0),
            goal=goal,
        )


def _save(product: Target, learners: list[list[str]], began: int) -> tuple[Load, int]:
    """One round: every learner saves as fast as the answers come. Returns the load and the next free sequence."""
    results: Any = multiprocessing.Queue()
    cpu = product.cpu_seconds()
    clients = [
        multiprocessing.Process(
            target=_learner, args=(product.address, product.headers, attempt, token, began, results)
        )
        for attempt, token in learners
    ]
    for client in clients:
        client.start()
    times: list[float] = []
    last = began
    for _client in clients:
        some, sequence, error = results.get(timeout=SECONDS + 60)
        assert not error, f"a commit was refused: {error}"
        times += some
        last = max(last, sequence)
    for client in clients:
        client.join()
    used = product.cpu_seconds() - cpu
    ordered = sorted(times)
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    return Load(len(times) / SECONDS, p50, p99, used / len(times) * 1000, 0), last + 1


def _learner(address: str, headers: dict[str, str], attempt: str, token: str, sequence: int, results: Any) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    path = f"/scorm/attempts/{attempt}/commit?token={token}"
    sent = {**headers, "Origin": f"https://{CONTENT_HOST}", "Content-Type": "text/plain"}
    times: list[float] = []
    end = time.monotonic() + SECONDS
    while (began := time.monotonic()) < end:
        suspended = str(sequence % 10) * (KILOBYTES * 1000)
        changes = {"cmi.suspend_data": suspended, "cmi.core.lesson_location": str(sequence)}
        body = json.dumps({"sequence": sequence, "trigger": "commit", "changes": changes})
        connection.request("POST", path, body=body, headers=sent)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200 or json.loads(text)["saved"] != sequence:
            results.put((times, sequence, f"{answer.status} {text[:200]!r}"))
            return
        times.append(time.monotonic() - began)
        sequence += 1
    results.put((times, sequence, ""))
