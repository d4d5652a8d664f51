"""The database server itself is killed and started again, or has no connection left, under a product that serves."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.factories.competence import NATIONAL, World, make_prescriber, make_world
from tests.factories.machine_clients import make_api_client
from tools.install import initdb
from tools.servers import Server, private_postgres
from tools.steps import BIN, ROOT, free_port, is_listening

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
RIGHT = "websesam.health-care"
CONNECTIONS = 30
CHECKERS, REPORTERS = 2, 2
KILLS = 3
PATIENCE = 120  # seconds for what comes at once on an idle machine


@dataclass
class Product:
    """The product in a server of its own, over a database server of its own, and a caller who is let in."""

    server: Server
    port: int
    token: str
    hsa_ids: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Status and answer; 0 when the connection broke."""
        caller = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Host": urlsplit(settings.BASE_URL).netloc,
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        try:
            caller.request(method, path, None if body is None else json.dumps(body), headers)
            answer = caller.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            caller.close()
        return answer.status, json.loads(text) if text.startswith(b"{") else {}

    def check(self, hsa_id: str) -> tuple[int, dict[str, Any]]:
        return self.ask("GET", f"/api/v1/eligibility?hsa_id={hsa_id}&right={RIGHT}")

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url, autocommit=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def product(world: World) -> Iterator[Product]:
    """With a copy of this test's database in a durable server that has few connections to give."""
    people = [make_prescriber(world.clinic, courses=[NATIONAL]) for _number in range(20)]
    api = make_api_client()
    with private_postgres(durable=True, settings=[f"max_connections={CONNECTIONS}"]) as server:
        _copy_database(server)
        with _served(server) as port:
            one = Product(server, port, api.token, [person.hsa_id for person in people])
            for hsa_id in one.hsa_ids:
                wait_until(partial(_is_answered, one, hsa_id), "it does not begin")
            yield one


def _copy_database(server: Server) -> None:
    program = initdb()
    assert program
    given = connection.settings_dict
    source = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    binaries = Path(program).parent
    dumped = subprocess.run([binaries / "pg_dump", "--no-owner", source], stdout=subprocess.PIPE, check=True)
    words = [str(binaries / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", server.url]
    subprocess.run(words, input=dumped.stdout, stdout=subprocess.DEVNULL, check=True)


@contextlib.contextmanager
def _served(server: Server) -> Iterator[int]:
    port = free_port()
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--workers", "1"]
    words += ["--blocking-threads", "6", "--log-level", "critical", "lms.wsgi:application"]
    environment = {**os.environ, "DATABASE_URL": server.url, "ENVIRONMENT": "test"}
    process = subprocess.Popen([BIN / "granian", *words], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while not is_listening(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until(comes: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not comes():
        assert time.monotonic() < until, otherwise
        time.sleep(0.05)


def more_than(count: Callable[[], int], more: int) -> Callable[[], bool]:
    """Whether it has risen by more than that since now."""
    before = count()
    return lambda: count() > before + more


def _is_answered(product: Product, hsa_id: str) -> bool:
    return product.check(hsa_id)[0] == 200


def test_f01_the_database_server_is_killed_three_times_in_the_middle_of_everything(product: Product) -> None:
    acknowledged: set[str] = set()
    statuses: Counter[int] = Counter()
    slowest, wrong = [0.0], list[str]()
    is_over, lock = threading.Event(), threading.Lock()

    def note(status: int, took: float) -> None:
        with lock:
            statuses[status] += 1
            slowest[0] = max(slowest[0], took)

    def check(number: int) -> None:
        while not is_over.is_set():
            began = time.monotonic()
            # Nobody has the regional course: an answer that allows was guessed.
            status, answer = product.check(product.hsa_ids[number])
            note(status, time.monotonic() - began)
            if status == 200 and answer["allowed"]:
                wrong.append(answer["decision_id"])

    def report(number: int) -> None:
        count = 0
        while not is_over.is_set():
            key, count = f"{number}-{count}", count + 1
            item = {
                "source": "prov",
                "source_id": key,
                "hsa_id": product.hsa_ids[10 + number],
                "course": NATIONAL,
                "completed_at": "2026-02-03T10:15:00+01:00",
            }
            while not is_over.is_set():  # the same until it is acknowledged, as a register does
                began = time.monotonic()
                status, answer = product.ask("POST", "/api/v1/completions", item)
                note(status, time.monotonic() - began)
                if status == 200:
                    assert answer["results"][0]["status"] in {"recorded", "already_recorded"}
                    acknowledged.add(key)
                    break

    threads = [threading.Thread(target=check, args=(n,)) for n in range(CHECKERS)]
    threads += [threading.Thread(target=report, args=(n,)) for n in range(REPORTERS)]
    for thread in threads:
        thread.start()
    try:
        for _kill in range(KILLS):
            wait_until(more_than(lambda: len(acknowledged), 4), "it does not recover")
            product.server.kill()
            wait_until(more_than(lambda: statuses[503], 0), "the server is not missed")
            _start_again(product.server)
        wait_until(lambda: product.check(product.hsa_ids[0])[0] == 200, "it does not recover")
    finally:
        is_over.set()
        for thread in threads:
            thread.join()

    assert not wrong
    assert set(statuses) <= {0, 200, 503}, statuses
    assert slowest[0] < 25, f"{slowest}: a caller waited until it gave up itself"
    assert len(acknowledged) > 4 * KILLS
    with product.database() as database:
        rows = database.execute(
            "SELECT source_id, public_id::text FROM competence_completion WHERE source LIKE '%:prov'"
        )
        recorded = dict(rows.fetchall())
        events = database.execute(
            "SELECT payload->>'completion' FROM competence_outboxevent WHERE kind = 'completion.recorded'"
        )
        told = Counter(one for (one,) in events.fetchall())
    assert acknowledged <= set(recorded), "an acknowledged completion is gone"
    assert {key: told[completion] for key, completion in recorded.items()} == dict.fromkeys(recorded, 1)


def _start_again(server: Server) -> None:
    """The server's processes notice that their parent is gone in their own time; until then it does not start."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            server.start_again()
            return
        except RuntimeError:
            assert time.monotonic() < until
            time.sleep(0.2)


def test_f14_when_every_connection_is_taken_load_is_shed_and_the_process_lives(product: Product) -> None:
    taken = list[psycopg.Connection[Any]]()
    try:
        with product.database() as database:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            until = time.monotonic() + PATIENCE
            while len(taken) < CONNECTIONS - 1:  # and this one
                assert time.monotonic() < until
                database.execute(others + "AND pid <> pg_backend_pid() AND application_name <> 'taker'")
                with contextlib.suppress(psycopg.OperationalError):
                    taken.append(psycopg.connect(product.server.url, application_name="taker"))
            with pytest.raises(psycopg.OperationalError, match="too many"):
                psycopg.connect(product.server.url)
            for path in (f"/api/v1/eligibility?hsa_id={product.hsa_ids[0]}&right={RIGHT}", "/api/v1/rights/x/holders"):
                began = time.monotonic()
                status, answer = product.ask("GET", path)
                assert (status, answer["code"]) == (503, "unavailable")
                assert time.monotonic() - began < 20, "it hangs"
            assert product.ask("GET", "/health/live")[0] == 200
            assert product.ask("GET", "/health/ready")[0] == 503
    finally:
        for one in taken:
            one.close()
    wait_until(lambda: product.check(product.hsa_ids[0])[0] == 200, "it does not recover")
