"""The feed of changes: reading it over HTTP, and how soon a committed change is in it.

Beside reading the same rows by key from PostgreSQL, in pages of the same size on one connection. The rate is events a
second. FEED_PEOPLE says how many people there are (20,000); about half of them have an event or more.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.benchmarks.harness import Figure, Load, Stage, Target
from tools.steps import BIN, ROOT

PEOPLE = int(os.environ.get("FEED_PEOPLE", "20000"))
PROCESSES = os.cpu_count() or 1
ROUNDS, PAGE, CHANGES, PAUSE = 5, 1_000, 20, 0.02
_COLUMNS = (
    'number, person_id, hsa_id, "right", customer_number, before, after, by_principal, at, recorded_at, revision, '
    "policy_version, cause"
)
_NOTHING = (float("nan"), float("nan"), float("nan"), 0)

# Runs in a process of its own: the stage's settings are those of production, and this one's are not.
_CLIENT = """
import django
django.setup()
from datetime import timedelta
from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from competence.actions.machine_clients import create_machine_client
from competence.models.machine_client import Scope
from lms.lib.actors import Machine
made = create_machine_client(
    name="bench", systems=["websesam"], scopes=[Scope.ELIGIBILITY_READ], principal_kinds=[], by=Machine("bench")
)
token = Token(type=Token.Type.ACCESS_TOKEN, client=Client.objects.get(pk=made.client.client_id))
token.expires_at = timezone.now() + timedelta(hours=1)
token.set_scopes([Scope.ELIGIBILITY_READ.value])
token.set_value("benchmark")
token.save()
"""
_CHANGE = f"""
import json, time
import django
django.setup()
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.models.authorisation import Authorisation
from competence.models.feed import EligibilityChange
from lms.lib.actors import Machine
told = EligibilityChange.objects.filter(after=0).order_by("-number")[0]
held = Authorisation.objects.select_related("employment", "right").get(employment__person=told.person_id, endings=None)
for _turn in range({CHANGES}):
    revoke_authorisation(authorisation=held, reason="x", by=Machine("bench"))
    print(json.dumps(time.time()), flush=True)
    time.sleep(0.1)
    held = grant_authorisation(employment=held.employment, right=held.right, by=Machine("bench"))
    time.sleep(0.1)
"""


def figures(stage: Stage) -> Iterator[Figure]:
    for words in (
        ["load_organisation"],
        ["register_courses"],
        ["publish_rule_versions", "competence/rules/vastra_gotaland/versions.yaml"],
        ["generate_population", f"--people={PEOPLE}", f"--processes={PROCESSES}", "--yes-really"],
    ):
        stage.manage(*words)
    _python(stage, _CLIENT)
    stage.secrets.update(API_REQUESTS_PER_MINUTE="100000000", API_ANSWERS_PER_HOUR="100000000")
    product = stage.product()
    asking = Target(
        "the feed", product.address, product.process, {**product.headers, "Authorization": "Bearer benchmark"}
    )
    read_all(asking)  # warm
    with psycopg.connect(stage.postgres.url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
        rounds = [(read_all(asking), read_rows(database)) for _round in range(ROUNDS)]
    events = rounds[0][0][0]
    rates = [events / seconds for (_events, seconds, _cpu), _base in rounds]
    cpu = statistics.median(1000 * one[2] / (events / PAGE) for one, _base in rounds)
    yield Figure(
        f"feed: {events:,} events in pages of {PAGE:,}, one reader (CPU ms a page)",
        Load(statistics.median(rates), float("nan"), float("nan"), cpu, 0),
        "the same rows by key",
        Load(events / statistics.median(seconds for _one, seconds in rounds), *_NOTHING),
    )
    delays = sorted(delays_of(stage, asking))
    middle, last = statistics.median(delays) * 1000, delays[-1] * 1000
    yield Figure(
        f"feed: a committed change is read after {middle:.0f} ms, at most {last:.0f} ms (goal: 1,000)",
        Load(1000 / middle, middle, last, float("nan"), 0),
        "a reader who asks every 20 ms",
        Load(1 / PAUSE, *_NOTHING),
    )


def read_all(target: Target) -> tuple[int, float, float]:
    """Follow the feed from the beginning to its end; how many events, in how many seconds, of which CPU time."""
    parts = urlsplit(target.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    began, cpu, after, found, has_more = time.monotonic(), target.cpu_seconds(), "", 0, True
    while has_more:
        page = ask(connection, target, f"/api/v1/changes?limit={PAGE}{after}")
        found += len(page["changes"])
        after, has_more = f"&after={page['next']}", page["has_more"]
    connection.close()
    return found, time.monotonic() - began, target.cpu_seconds() - cpu


def ask(connection: http.client.HTTPConnection, target: Target, path: str) -> dict[str, Any]:
    connection.request("GET", path, headers=target.headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body[:300]
    page: dict[str, Any] = json.loads(body)
    return page


def read_rows(database: psycopg.Connection) -> float:
    """The same rows by key, as values; in how many seconds."""
    began, number = time.monotonic(), 0
    statement = f"SELECT {_COLUMNS} FROM competence_eligibilitychange WHERE number > %s ORDER BY number LIMIT {PAGE}"  # noqa: S608
    while rows := database.execute(statement.encode(), [number]).fetchall():
        number = rows[-1][0]
    return time.monotonic() - began


def delays_of(stage: Stage, target: Target) -> Iterator[float]:
    """From the return of the action that changed something to the answer that told of it, by the same clock."""
    parts = urlsplit(target.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    after = ask(connection, target, "/api/v1/changes?after=latest")["next"]
    writer = subprocess.Popen(
        [BIN / "python", "-c", _CHANGE], cwd=ROOT, env=_environment(stage), stdout=subprocess.PIPE
    )
    seen: list[float] = []
    while writer.poll() is None:
        page = ask(connection, target, f"/api/v1/changes?after={after}")
        after, changes = page["next"], page["changes"]
        seen += [time.time()] * len({c["recorded_at"] for c in changes if c["outcome"] == "denied"})
        time.sleep(PAUSE)
    connection.close()
    written = [json.loads(line) for line in writer.stdout or ()]
    assert len(seen) == len(written) == CHANGES, (len(seen), len(written))
    yield from (max(0.0, read - commit) for commit, read in zip(written, seen, strict=True))


def _environment(stage: Stage) -> dict[str, str]:
    return {
        **os.environ,
        **stage.environment(),
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "PYTHONPATH": str(ROOT),
    }


def _python(stage: Stage, code: str) -> None:
    subprocess.run([BIN / "python", "-c", code], cwd=ROOT, env=_environment(stage), check=True, capture_output=True)
