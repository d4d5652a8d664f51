"""A learner's progress saved: validated, in order and durable, over HTTP, beside PostgreSQL's own durable updates, and
beside a bare application in the same server that does one such update and nothing else: no server can save faster.

Afterwards the database is asked for what was acknowledged.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import random
import re
import statistics
import string
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from tools.steps import BIN, ROOT, find_program

KILOBYTES = 4
# What learners save: letters and digits without order, which no compression makes much smaller, as those packages write
# that compress for themselves. Each commit saves another one than the one before.
_LETTERS = string.ascii_letters + string.digits
_RANDOM = random.Random(4)  # noqa: S311
TEXTS = ["".join(_RANDOM.choices(_LETTERS, k=KILOBYTES * 1000)) for _number in range(10)]
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
    f"INSERT INTO bench SELECT n, repeat('x', {KILOBYTES * 1024}), 0 FROM generate_series(1, {MANY}) n;"
    "ALTER TABLE bench ALTER body SET STORAGE EXTERNAL;"
)
_UPDATE = (
    f"UPDATE bench SET body = repeat(chr(97 + (random() * 20)::int), {KILOBYTES * 1024}), sequence = sequence + 1 "
    "WHERE id = :client_id + 1;"
)
# For wrk: a thread for each learner, which numbers its commits itself. It counts on with each round.
_LUA = """
local learners, began = {}, %d
local paths = { %s }
local texts = { %s }
function setup(thread)
  table.insert(learners, thread)
  thread:set("path", paths[#learners])
  thread:set("sequence", began)
end
function request()
  sequence = sequence + 1
  local body = string.format(
    '{"sequence": %%d, "trigger": "commit", "changes": {"cmi.suspend_data": "%%s", "cmi.core.lesson_location": "%%d"}}',
    sequence, texts[sequence %% 10 + 1], sequence)
  return wrk.format("POST", path, nil, body)
end
refused = 0
function response(status, headers, body)
  if status ~= 200 or not string.find(body, '%s', 1, true) then refused = refused + 1 end
end
function done(summary, latency, requests)
  local bad = 0
  for _, thread in ipairs(learners) do bad = bad + thread:get("refused") end
  print("50%% " .. latency:percentile(50) .. " 99%% " .. latency:percentile(99) .. " n " .. summary.requests
    .. " refused " .. bad)
end
"""


@dataclass
class Learners:
    """Who saves: paths with their tokens, what the answer says, and the next sequence that is free for all of them."""

    target: Target
    paths: list[str]
    says: str
    began: int = 1


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
    headers = {**product.headers, "Origin": f"https://{CONTENT_HOST}", "Content-Type": "text/plain"}
    saving = Learners(
        replace(product, headers=headers),
        [f"/scorm/attempts/{attempt}/commit?token={token}" for attempt, token in learners],
        '"is_late": false',
    )
    bare = Learners(stage.bare_wsgi_saving(), [f"/?{number + 1}" for number in range(MANY)], '"allowed": false')
    for one in (saving, bare):
        _save(stage, one, MANY, seconds=1)  # each process has met the usual form once
    for number, goal in ((CLIENTS, 0.8), (MANY, None)):
        rounds = [
            (_save(stage, saving, number), _save(stage, bare, number), pgbench_rate(stage, script))
            for _round in range(ROUNDS)
        ]
        load, ceiling = median([one for one, _bare, _rate in rounds]), median([one for _load, one, _rate in rounds])
        own = Load(statistics.median(rate for _load, _bare, rate in rounds), 0, 0, 0, 0)
        name = f"a commit of {KILOBYTES} kB, validated and durable, {number} learners at once"
        beside = f"PostgreSQL's own durable update, {CLIENTS} at once"
        yield Figure(name, load, beside, own, goal=goal)
        yield Figure(name, load, f"{bare.target.name}, {number} at once", ceiling)
        yield Figure(f"{bare.target.name}, {number} at once", ceiling, beside, own)
    _see_what_is_kept(stage, saving)


def _save(stage: Stage, learners: Learners, number: int, *, seconds: int = SECONDS) -> Load:
    """One round: `number` of the learners save as fast as the answers come."""
    target, cpu = learners.target, learners.target.cpu_seconds()
    saved = _by_wrk if find_program("wrk") else _by_python
    rate, p50, p99, requests = saved(stage, learners, number, seconds)
    learners.began += 1_000_000  # more than anybody saves in a round
    return Load(rate, p50, p99, (target.cpu_seconds() - cpu) / requests * 1000, 0)


def _by_wrk(stage: Stage, learners: Learners, number: int, seconds: int) -> tuple[float, float, float, int]:
    """By wrk, which takes less of the machine than Python does."""
    script = stage.media / "save.lua"
    paths = ", ".join(f'"{path}"' for path in learners.paths[:number])
    script.write_text(_LUA % (learners.began, paths, ", ".join(f'"{text}"' for text in TEXTS), learners.says))
    headers = [word for name, value in learners.target.headers.items() for word in ("-H", f"{name}: {value}")]
    words = ["wrk", f"-t{number}", f"-c{number}", f"-d{seconds}s", "-s", str(script), *headers, learners.target.address]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = re.search(r"50% (\d+) 99% (\d+) n (\d+) refused 0$", out, re.M)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    assert found, f"a commit was refused: {out}"
    assert rate, out
    return float(rate[1]), int(found[1]) / 1000, int(found[2]) / 1000, int(found[3])


def _by_python(stage: Stage, learners: Learners, number: int, seconds: int) -> tuple[float, float, float, int]:
    results: Any = multiprocessing.Queue()
    target = learners.target
    clients = [
        multiprocessing.Process(
            target=_learner,
            args=(target.address, target.headers, path, learners.says, learners.began + 1, seconds, results),
        )
        for path in learners.paths[:number]
    ]
    for client in clients:
        client.start()
    times: list[float] = []
    for _client in clients:
        some, error = results.get(timeout=seconds + 60)
        assert not error, f"a commit was refused: {error}"
        times += some
    for client in clients:
        client.join()
    ordered = sorted(times)
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    return len(times) / seconds, p50, p99, len(times)


def _learner(
    address: str, headers: dict[str, str], path: str, says: str, sequence: int, seconds: int, results: Any
) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    times: list[float] = []
    end = time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        changes = {"cmi.suspend_data": TEXTS[sequence % 10], "cmi.core.lesson_location": str(sequence)}
        body = json.dumps({"sequence": sequence, "trigger": "commit", "changes": changes})
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200 or says not in text.decode():
            results.put((times, f"{answer.status} {text[:200]!r}"))
            return
        times.append(time.monotonic() - began)
        sequence += 1
    results.put((times, ""))


def _see_what_is_kept(stage: Stage, learners: Learners) -> None:
    """Everybody's last commit is of the last round, and the data are those of its number."""
    with psycopg.connect(stage.postgres.url) as database:
        rows = database.execute("SELECT sequence, data FROM courses_scoruntime WHERE sequence > 1000000").fetchall()
    assert len(rows) == MANY, f"{len(rows)} of {MANY} learners have saved"
    for sequence, data in rows:
        kept = json.loads(data)
        assert sequence > learners.began - 1_000_000, "the last round has left nothing"
        assert kept["cmi.core.lesson_location"] == str(sequence)
        assert kept["cmi.suspend_data"] == TEXTS[sequence % 10]
