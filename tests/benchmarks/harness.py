"""Measuring on a noisy machine: each figure beside a baseline of the same run, the median of several rounds.

A benchmark is a module `bench_*.py` here with `figures(stage: Stage) -> Iterator[Figure]`. The stage gives it a
PostgreSQL (durable, as in production), a Redis, the product under production settings in granian, two bare applications
in the same server to compare with, and a bounded load from this machine. `make bench` runs them all.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import platform
import re
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lms.env import new_signing_key
from tools.install import initdb
from tools.servers import Server, private_postgres, private_redis
from tools.steps import BIN, ROOT, find_program, free_port, is_listening, run

HOST = "behorighet.example.se"
CONTENT_HOST = "innehall.example.se"
WORKERS = 2
BLOCKING_THREADS = 8
# Many short rounds by turns: what else the machine does falls on both, and each round spreads its connections anew over
# the workers, evenly or not.
ROUNDS = 7
SECONDS = 2
CLIENTS = 8


@dataclass(frozen=True)
class Load:
    """One round of load: requests a second, latencies, and the CPU time a request in milliseconds: the server's and
    PostgreSQL's."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    failed: int


@dataclass(frozen=True)
class Figure:
    """A line of the table: what was measured, beside what. `goal` is the ratio aimed at, when there is one."""

    name: str
    load: Load
    baseline: str
    baseline_load: Load
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return self.load.rate / self.baseline_load.rate

    def row(self) -> str:
        goal = "" if self.goal is None else f"≥ {self.goal:g}"
        cpu = self.baseline_load.cpu_ms
        baseline_cpu = f", {cpu:.2f} ms" if cpu > 0 else ""  # nan: not measured
        return (
            f"| {self.name} | {self.load.rate:,.0f}/s | {self.load.cpu_ms:.2f} | {self.load.p50_ms:.1f} / "
            f"{self.load.p99_ms:.1f} | {self.baseline}: {self.baseline_load.rate:,.0f}/s{baseline_cpu} | "
            f"{self.ratio:.2f} | {goal} |"
        )


HEADER = "| what | rate | CPU ms a request | p50 / p99 ms | baseline | ratio | goal |\n|---|---|---|---|---|---|---|"


@dataclass
class Target:
    """An application in granian, and a request to it."""

    name: str
    address: str
    process: subprocess.Popen[bytes] = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict)
    database: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def cpu_seconds(self) -> float:
        """CPU time of the server's processes until now, and of PostgreSQL's."""
        ticks = sum(_ticks(pid) for pid in [self.process.pid, *_children(self.process.pid)])
        if self.database is not None:
            ticks += sum(_ticks(pid) for pid in [self.database.pid, *_children(self.database.pid)])
        return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    try:
        found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*found, *(grandchild for child in found for grandchild in _children(child))]


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def fetch(address: str, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """One request, to see that the answer is what is meant before it is counted."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def put_load(target: Target, path: str, *, seconds: int = SECONDS, clients: int = CLIENTS) -> Load:
    """Ask `path` from `clients` connections for some seconds, by wrk when it is here."""
    before, began = target.cpu_seconds(), time.monotonic()
    asked = _wrk if find_program("wrk") else _python_load
    rate, p50, p99, failed = asked(target, path, seconds, clients)
    requests = max(1.0, rate * (time.monotonic() - began))
    return Load(rate, p50, p99, (target.cpu_seconds() - before) / requests * 1000, failed)


def _wrk(target: Target, path: str, seconds: int, clients: int) -> tuple[float, float, float, int]:
    headers = [word for name, value in target.headers.items() for word in ("-H", f"{name}: {value}")]
    words = ["wrk", "-t2", f"-c{clients}", f"-d{seconds}s", "--latency", *headers, f"{target.address}{path}"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    factors = {"us": 0.001, "ms": 1.0, "s": 1000.0}

    def latency(percent: int) -> float:
        found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)$", text, re.M)
        return float(found[1]) * factors[found[2]] if found else float("nan")

    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return float(rate[1]) if rate else 0.0, latency(50), latency(99), int(failed[1]) if failed else 0


def _client(target: Target, path: str, seconds: int, results: Any) -> None:
    parts = urlsplit(target.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    times, failed, end = [], 0, time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        connection.request("GET", path, headers=target.headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.monotonic() - began)
        failed += answer.status >= 400
    results.put((times, failed))


def _python_load(target: Target, path: str, seconds: int, clients: int) -> tuple[float, float, float, int]:
    results: Any = multiprocessing.Queue()
    bare = Target(target.name, target.address, None, target.headers)  # type: ignore[arg-type]  # a process is not sent
    processes = [multiprocessing.Process(target=_client, args=(bare, path, seconds, results)) for _ in range(clients)]
    for process in processes:
        process.start()
    times, failed = [], 0
    for _process in processes:
        some, bad = results.get(timeout=seconds + 60)
        times += some
        failed += bad
    for process in processes:
        process.join()
    ordered = sorted(times)
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    return len(ordered) / seconds, p50, p99, failed


def compare(
    name: str, target: Target, path: str, baseline: Target, baseline_path: str, *, goal: float | None = None
) -> Figure:
    """Load both by turns, and take the median round of each. Raises AssertionError when an answer was an error."""
    for one, where in ((target, path), (baseline, baseline_path)):
        status, body = fetch(one.address, where, one.headers)
        assert status == 200, f"{one.name} {where} answered {status}: {body[:300]!r}"
        put_load(one, where, seconds=1)  # warm
    rounds = [(put_load(target, path), put_load(baseline, baseline_path)) for _ in range(ROUNDS)]
    assert not any(load.failed for pair in rounds for load in pair), f"{name}: some answers were errors"
    return Figure(name, median([a for a, _ in rounds]), baseline.name, median([b for _, b in rounds]), goal)


def pgbench_rate(stage: Stage, script: Path) -> float:
    """How often a second PostgreSQL itself carries out the SQL in `script`, prepared, for CLIENTS at once."""
    program = initdb()
    assert program, "PostgreSQL is not here"
    words = [str(Path(program).parent / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
    words += ["-T", str(SECONDS), "-f", str(script), stage.postgres.url]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([\d.]+)", text)
    assert found, text
    return float(found[1])


def median(loads: list[Load]) -> Load:
    """Each value's middle one."""

    def middle(value: Callable[[Load], float]) -> float:
        return statistics.median(value(load) for load in loads)

    return Load(
        middle(lambda load: load.rate),
        middle(lambda load: load.p50_ms),
        middle(lambda load: load.p99_ms),
        middle(lambda load: load.cpu_ms),
        0,
    )


@dataclass
class Stage:
    """What a benchmark works with."""

    postgres: Server
    redis: Server
    secrets: dict[str, str]
    media: Path
    stack: contextlib.ExitStack = field(repr=False)

    def environment(self, **changes: str) -> dict[str, str]:
        """Production settings over the stage's servers."""
        return {
            "ENVIRONMENT": "production",
            "BASE_URL": f"https://{HOST}",
            "CONTENT_ORIGIN": f"https://{CONTENT_HOST}",
            "ALLOWED_HOSTS": f"{HOST},{CONTENT_HOST}",
            "BEHIND_PROXY": "true",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": f"{self.redis.url}/0",
            "CELERY_BROKER_URL": f"{self.redis.url}/1",
            "MEDIA_STORAGE_URL": f"file://{self.media}",
            "EMAIL_URL": "dummy://",
            **self.secrets,
            **changes,
        }

    def manage(self, *words: str, **changes: str) -> None:
        run([BIN / "python", "manage.py", *words], env=self.environment(**changes), quiet=True)

    def serve(self, application: str, name: str, *, workers: int = WORKERS) -> Target:
        """An application in granian on a free port, until the stage ends."""
        port = free_port()
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
        options += ["--workers", str(workers), "--blocking-threads", str(BLOCKING_THREADS), "--log-level", "warning"]
        process = subprocess.Popen(
            [BIN / "granian", *options, application], cwd=ROOT, env={**os.environ, **self.environment()}
        )

        def stop() -> None:
            process.terminate()
            process.wait(20)

        self.stack.callback(stop)
        deadline = time.monotonic() + 60
        while not is_listening(port):
            assert process.poll() is None, f"{name} did not start"
            assert time.monotonic() < deadline, f"{name} did not start in a minute"
            time.sleep(0.1)
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
        return Target(name, f"http://127.0.0.1:{port}", process, headers, self.postgres.process)

    def product(self) -> Target:
        return self.serve("lms.wsgi:application", "the product")

    def bare_wsgi(self) -> Target:
        return self.serve("tests.benchmarks.bare:wsgi", "bare WSGI")

    def bare_django(self) -> Target:
        return self.serve("tests.benchmarks.bare:django_view", "bare Django view")

    def bare_wsgi_reading(self) -> Target:
        """Needs `BARE_KEY`, a person's key, among the secrets."""
        return self.serve("tests.benchmarks.bare:wsgi_reading", "bare WSGI with one key read")

    def bare_wsgi_saving(self) -> Target:
        """Needs a table `bench`."""
        return self.serve("tests.benchmarks.bare:wsgi_saving", "bare WSGI with one durable update")

    def bare_django_reading(self) -> Target:
        return self.serve("tests.benchmarks.bare:django_reading", "bare Django view with one pooled key read")


@contextlib.contextmanager
def set_stage() -> Iterator[Stage]:
    """The servers, an empty migrated database with the demo's people, and the static files."""
    with contextlib.ExitStack() as stack:
        postgres, redis = stack.enter_context(private_postgres(durable=True)), stack.enter_context(private_redis())
        keys = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "IDP_OIDC_PRIVATE_KEY": new_signing_key().replace("\n", "\\n"),
        }
        media = redis.folder / "media"
        media.mkdir()
        stage = Stage(postgres, redis, keys, media, stack)
        stage.manage("migrate", "--no-input", "--verbosity", "0")
        stage.manage("collectstatic", "--no-input", "--verbosity", "0")
        yield stage


def machine() -> str:
    """The machine in a line, since a rate means nothing without it."""
    cores = len(os.sched_getaffinity(0))
    served = f"granian with {WORKERS} workers of {BLOCKING_THREADS} threads"
    return f"{cores} cores, Python {platform.python_version()}, {served}"
