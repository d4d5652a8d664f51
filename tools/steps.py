"""What the other tools share: progress on the screen, commands, and stamps that let a step be skipped next time.

Standard library only, since this runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STRICT = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


class Stop(SystemExit):
    """Ends a tool with one sentence and exit code 1."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"\n{sentence}")


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    say(f"==> {title}")
    began = time.monotonic()
    yield
    say(f"    {time.monotonic() - began:.1f} s")


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, quiet: bool = False) -> None:
    """Run a command in the project's root; stop with its name when it fails. `quiet` shows output on failure only."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        if quiet:
            say(done.stdout)
        raise Stop(f"This failed with exit code {done.returncode}: {' '.join(words)}")


def fingerprint(paths: Iterable[Path], *more: str) -> str:
    """A digest of the files' names and contents (folders: of everything in them), and of `more`."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or not file.exists():
                continue
            digest.update(str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def put_stamp(stamp: Path, value: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)


def free_port() -> int:
    """A port on the loopback address that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def find_program(*names: str) -> str | None:
    """The first of these programs that is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    return None


def chromium() -> str | None:
    """The Chromium to use: `CHROMIUM`, or what the system has."""
    return os.environ.get("CHROMIUM") or find_program("chromium", "chromium-browser", "google-chrome-stable")


if __name__ == "__main__":
    sys.exit(__doc__)
