"""The single check, over HTTP: with its token, its answer in words, its quotas and its log, beside applications that do
nothing but read one row by key; and batches, beside PostgreSQL handing out as many prepared answers by key.

BATCH_PEOPLE says how many are asked about (10,000).
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.benchmarks.harness import Figure, Load, Stage, Target, compare, median, pgbench_rate, put_load
from tools.steps import BIN, ROOT

PEOPLE = int(os.environ.get("BATCH_PEOPLE", "10000"))
MANY = 10_000
CALLERS = 4
BATCH_SECONDS = 6.0
ROUNDS = 3

# Runs in a process of its own: the stage's settings are those of production, and this one's are not.
_PREPARE = """
import json, sys
from datetime import timedelta
import django
django.setup()
from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from competence.actions.machine_clients import create_machine_client
from competence.actions.prepared import prepare_anew
from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.machine_client import Scope
from competence.models.outbox import Revision
from lms.users.models import EmployeeIdentity
from tests.factories.competence import BUILDER, make_prescriber, make_world
world = make_world()
people = [make_prescriber(world.clinic) for _number in range(2)]
course, at = CourseReference.objects.get(key="regional-forskrivare"), Revision.objects.get().at
Completion.objects.bulk_create(
    Completion(
        person=people[1].person, course=course, completed_at=at - timedelta(days=n), recorded_at=at,
        source="bench", source_id=f"{n}", recorded_by_name="bench",
    )
    for n in range(int(sys.argv[1]))
)
prepare_anew([people[1].person.pk])
made = create_machine_client(
    name="bench", systems=["websesam"], scopes=[Scope.ELIGIBILITY_READ], principal_kinds=[], by=BUILDER
)
token = Token(type=Token.Type.ACCESS_TOKEN, client=Client.objects.get(pk=made.client.client_id))
token.expires_at = timezone.now() + timedelta(hours=8)
token.set_scopes([Scope.ELIGIBILITY_READ.value])
token.set_value("benchmark")
token.save()
print(json.dumps({"hsa_ids": [person.hsa_id for person in people], "key": people[0].person.pk}))
"""


def figures(stage: Stage) -> Iterator[Figure]:
    environment = {
        **os.environ,
        **stage.environment(),
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "PYTHONPATH": str(ROOT),
    }
    out = subprocess.run(
        [BIN / "python", "-c", _PREPARE, str(MANY)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    found = json.loads(out.splitlines()[-1])
    _analyse(stage)
    stage.secrets.update(
        API_REQUESTS_PER_MINUTE="1000000000", API_ANSWERS_PER_HOUR="1000000000", BARE_KEY=str(found["key"])
    )
    product = stage.product()
    asking = replace(product, headers={**product.headers, "Authorization": "Bearer benchmark"})
    few, many = (f"/api/v1/eligibility?hsa_id={one}&right=websesam.health-care" for one in found["hsa_ids"])
    name = "eligibility: one check, logged and explained"
    reading = stage.bare_wsgi_reading()
    yield compare(name, asking, few, reading, "/", goal=0.7)
    yield compare(f"{name}, {MANY:,} completions", asking, many, reading, "/", goal=0.7)
    yield compare(name, asking, few, stage.bare_django_reading(), "/", goal=0.8)
    yield _beside_postgres(stage, asking, few, found["key"])
    yield from _batches(stage, asking)


def _beside_postgres(stage: Stage, asking: Target, path: str, key: int) -> Figure:
    """The check beside PostgreSQL's own rate of reading one prepared row by key, without any application."""
    script = stage.media / "read.sql"
    script.write_text(f"SELECT revision, stamp FROM competence_preparedfacts WHERE person_id = {int(key)};\n")  # noqa: S608
    rounds = [(put_load(asking, path), pgbench_rate(stage, script)) for _round in range(ROUNDS)]
    assert not any(load.failed for load, _rate in rounds), "some answers were errors"
    rate = statistics.median(rate for _load, rate in rounds)
    nothing = float("nan")
    return Figure(
        "eligibility: one check, logged and explained",
        median([load for load, _rate in rounds]),
        "PostgreSQL's own reads by key (pgbench)",
        Load(rate, nothing, nothing, nothing, 0),
    )


def _batches(stage: Stage, asking: Target) -> Iterator[Figure]:
    stage.manage("generate_population", f"--people={PEOPLE}", "--processes=4", "--yes-really", "-v0")
    _analyse(stage)
    with psycopg.connect(stage.postgres.url) as database:
        rows = database.execute(
            "SELECT value FROM users_employeeidentity WHERE kind = 'hsa_id' ORDER BY id DESC LIMIT %s", [PEOPLE]
        ).fetchall()
    checks = [{"id": str(n), "hsa_id": hsa_id, "right": "websesam.health-care"} for n, (hsa_id,) in enumerate(rows)]
    body = json.dumps({"checks": checks}).encode()
    _post(asking, body, "application/json")  # evaluated, and kept
    _analyse(stage)
    for words, media in (("one document", "application/json"), ("lines", "application/x-ndjson")):
        rounds = []
        for _round in range(ROUNDS):
            reading = _rate(lambda: _read_prepared(stage.postgres.url, len(checks)), len(checks), None)
            rounds.append((_rate(lambda media=media: _post(asking, body, media), len(checks), asking), reading))  # type: ignore[misc]
        yield Figure(
            f"batch of {len(checks):,}, {words}, {CALLERS} callers: decisions",
            median([one for one, _other in rounds]),
            "PostgreSQL handing out those prepared answers by key",
            median([other for _one, other in rounds]),
            0.75,
        )


def _analyse(stage: Stage) -> None:
    with psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")


def _post(target: Target, body: bytes, media: str) -> None:
    """One batch, read to its end."""
    parts = urlsplit(target.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    headers = {**target.headers, "Content-Type": "application/json", "Accept": media}
    connection.request("POST", "/api/v1/eligibility/batch", body, headers)
    answer = connection.getresponse()
    size = 0
    while part := answer.read(1 << 20):
        size += len(part)
    connection.close()
    assert answer.status == 200, f"a batch was answered {answer.status}"
    assert size > 100_000, "a batch was answered with too little"


def _read_prepared(url: str, limit: int) -> None:
    with psycopg.connect(url) as database:
        keys = database.execute("SELECT key FROM competence_preparedanswer LIMIT %s", [limit]).fetchall()
        database.execute(
            "SELECT a.key, g.body FROM unnest(%s::uuid[]) u (key) JOIN competence_preparedanswer a ON a.key = u.key "
            "JOIN competence_givenanswer g ON g.digest = a.digest",
            [[key for (key,) in keys]],
        ).fetchall()


def _rate(act: Callable[[], Any], each: int, target: Target | None) -> Load:
    """Decisions a second when CALLERS do it over and over."""
    end, lock = time.monotonic() + BATCH_SECONDS, threading.Lock()
    times: list[float] = []
    cpu = target.cpu_seconds() if target else 0.0

    def run() -> None:
        while (began := time.monotonic()) < end:
            act()
            with lock:
                times.append(time.monotonic() - began)

    began = time.monotonic()
    threads = [threading.Thread(target=run) for _number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, ordered = time.monotonic() - began, sorted(times)
    used = (target.cpu_seconds() - cpu) / (len(times) * each) * 1000 if target else float("nan")
    return Load(
        len(times) * each / took, ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000, used, 0
    )
