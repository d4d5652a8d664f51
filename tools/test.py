"""Runs the tests: `make test`.

Installs what they need (system packages too, where it may), starts a private PostgreSQL and Redis, and runs
  1. the suite on SQLite,
  2. the suite again on PostgreSQL with Redis, and a Celery worker where a test needs one,
  3. the browser tests in Chromium, on PostgreSQL.
The servers are stopped, whatever happens. A part that cannot run here is named at the end; under CI=true it fails.

Usage: python3 -m tools.test [--long] [--only sqlite|postgres|browser] [-- words for pytest]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.install import install_front_end, install_python_packages, install_system_packages
from tools.run import compile_messages
from tools.servers import NotHere, private_postgres, private_redis
from tools.steps import BIN, ROOT, STRICT, VAR, chromium, say

NO_TESTS = 5  # pytest's exit code when nothing was selected


@dataclass
class Report:
    """What ran, how it ended, and what could not run."""

    lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: bool = False

    def say(self) -> None:
        say("\n" + "-" * 80)
        for line in self.lines:
            say(line)
        for line in self.missing:
            say(f"NOT RUN: {line}")
        if self.missing and STRICT:
            say("CI is set: a part that cannot run is a failure.")
        say("All tests passed." if not self.code() and not self.missing else "")

    def code(self) -> int:
        return int(self.failed or bool(self.missing and STRICT))


def pytest(report: Report, title: str, marks: str, words: list[str], env: dict[str, str], *, workers: int) -> None:
    """Run pytest once and keep its verdict."""
    say(f"\n==> Tests: {title}")
    command = [str(BIN / "python"), "-m", "pytest", "--durations=10", "--durations-min=5", "-m", marks]
    if not env["DATABASE_URL"]:
        command.append("--create-db")  # a private PostgreSQL is new: what the browser part finds there is of this run
    if workers > 1:
        command += ["-n", str(workers), "--dist", "worksteal"]
    began = time.monotonic()
    code = subprocess.run([*command, *words], cwd=ROOT, env={**os.environ, **env}, check=False).returncode
    took = f"{time.monotonic() - began:.0f} s"
    if code == NO_TESTS and (words or marks.startswith("(long")):
        report.lines.append(f"none     {title} (no test was selected)")
        return
    report.failed |= code != 0
    report.lines.append(f"{'passed' if code == 0 else 'FAILED'}   {title} ({took})")


@contextlib.contextmanager
def servers(report: Report, parts: set[str]) -> Iterator[dict[str, str] | None]:
    """The environment that names PostgreSQL and Redis, or None when this machine lacks one."""
    with contextlib.ExitStack() as stack:
        try:
            say("\n==> Starting a private PostgreSQL and Redis")
            postgres, redis = stack.enter_context(private_postgres()), stack.enter_context(private_redis())
        except NotHere as lack:
            report.missing.append(f"{' and '.join(sorted(parts))}: {lack}")
            yield None
        else:
            yield {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--long", action="store_true", help="the tests marked long, and the properties with many new examples"
    )
    parser.add_argument("--only", choices=["sqlite", "postgres", "browser"], help="one part instead of all")
    parser.add_argument("words", nargs="*", help="passed on to pytest")
    options = parser.parse_args()
    # So that a `kill` unwinds the `with` blocks too, and no server stays behind.
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(143)))

    began = time.monotonic()
    VAR.mkdir(exist_ok=True)
    install_system_packages()
    install_python_packages(dev=True)
    install_front_end(dev=True)
    compile_messages()

    parts = {options.only} if options.only else {"sqlite", "postgres", "browser"}
    long = "(long or properties)" if options.long else "not long"
    cores = max(2, len(os.sched_getaffinity(0)))
    report, words = Report(), options.words
    clean = {"ENVIRONMENT": "test", "DATABASE_URL": "", "REDIS_URL": "", "CELERY_BROKER_URL": ""}
    # Some images ask for no compiled files. Eleven processes would compile all tests again, ten seconds each.
    clean["PYTHONDONTWRITEBYTECODE"] = ""
    if options.long:
        clean["HYPOTHESIS_PROFILE"] = "long"
    try:
        if "sqlite" in parts:
            marks = f"{long} and not browser and not postgres and not redis and not worker"
            pytest(report, "on SQLite", marks, words, clean, workers=cores)
        if parts & {"postgres", "browser"}:
            with servers(report, parts & {"postgres", "browser"}) as addresses:
                if addresses and "postgres" in parts:
                    title = "on PostgreSQL, with Redis and a worker"
                    pytest(
                        report,
                        title,
                        f"{long} and not browser and not pure",
                        words,
                        {**clean, **addresses},
                        workers=cores,
                    )
                if addresses and "browser" in parts:
                    if program := chromium():
                        env = {**clean, **addresses, "CHROMIUM": program}
                        pytest(report, "in Chromium", f"{long} and browser", words, env, workers=max(2, cores - 1))
                    else:
                        report.missing.append("browser: Chromium is not installed (Debian: apt install chromium)")
    except KeyboardInterrupt:
        report.failed = True
        report.lines.append("stopped by Ctrl-C")
    report.lines.append(f"in all {time.monotonic() - began:.0f} s")
    report.say()
    raise SystemExit(report.code())


if __name__ == "__main__":
    main()
