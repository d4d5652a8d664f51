"""A server and a follower as processes of their own, which can be killed as when the power goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools.steps import BIN, ROOT, is_listening

START_WITHIN = 120
PLENTY = {"API_REQUESTS_PER_MINUTE": "100000000", "API_ANSWERS_PER_HOUR": "1000000000"}


@dataclass
class Server:
    """The product in granian on `port`, over the database that `environment` names."""

    port: int
    environment: Mapping[str, str]
    log: Path
    workers: int = 2
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--no-ws"]
        words += ["--workers", str(self.workers), "--blocking-threads", "4", "--log-level", "warning"]
        env = {**os.environ, **self.environment, **PLENTY, "BASE_URL": self.address, "LOG_LEVEL": "ERROR"}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [BIN / "granian", *words, "lms.wsgi:application"],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_WITHIN
        while not is_listening(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to it and all its workers, in the middle of whatever they do."""
        self._signal(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(60)


@dataclass
class Follower:
    """`python -m behorighet_client follow` with its copy in `copy`."""

    address: str
    client_id: str
    secret: str
    copy: Path
    log: Path
    options: tuple[str, ...] = ()
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._process = self._popen(out, "--interval", "0.2")

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def end(self) -> None:
        """Whatever it is doing."""
        if self.is_running():
            self.kill()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(120)

    def check(self, *words: str) -> tuple[int, str]:
        """Read the feed to its end and compare with the service: exit code, and what was said."""
        with self.log.open("ab") as out:
            process = self._popen(subprocess.PIPE, "--once", "--check", *words, error=out)
            said, _nothing = process.communicate(timeout=1200)
        return process.returncode, said.decode()

    def _popen(
        self, out: IO[bytes] | int, *words: str, error: IO[bytes] | int = subprocess.STDOUT
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "behorighet_client", "--base-url", self.address, "--client-id", self.client_id]
        command += ["--attempts", "14", "follow", "--copy", str(self.copy), *self.options, *words]
        path = str(ROOT / "clients" / "python" / "src")
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "BEHORIGHET_CLIENT_SECRET": self.secret}
        return subprocess.Popen(command, env=env, stdout=out, stderr=error)
