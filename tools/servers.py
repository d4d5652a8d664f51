"""Private servers for tests and measurements: PostgreSQL and Redis on free ports, each in a folder of its own.

Nothing outside the folder is read or written, passwords are random, only the loopback address listens, and the
servers end with the `with` block, whatever happens in it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.install import initdb
from tools.steps import find_program, free_port, is_listening

START_WITHIN = 60


class NotHere(RuntimeError):
    """A server that this machine does not have; the message says what to install."""


@dataclass
class Server:
    """A running server: its address for DATABASE_URL or REDIS_URL, and its process for tests that kill it."""

    url: str
    port: int
    folder: Path
    command: list[str]
    process: subprocess.Popen[bytes] = field(repr=False)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """As when the power goes: no shut-down, no last write."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = _start(self.command, self.port, self.folder / "log")


def _unprivileged() -> tuple[list[str], pwd.struct_passwd | None]:
    """How to run a program that refuses to run as root, and as whom."""
    if os.geteuid() != 0:
        return [], None
    setpriv = find_program("setpriv")
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            if setpriv:
                words = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
                return words, user
    raise NotHere("PostgreSQL does not run as root, and this machine has no setpriv or no user postgres or nobody")


def _start(command: Sequence[str], port: int, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        # A session of its own: Ctrl-C in the terminal reaches us, and we stop it in order.
        process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)
    deadline = time.monotonic() + START_WITHIN
    while not is_listening(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
    return process


@contextlib.contextmanager
def _folder(name: str, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        if owner:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def private_postgres(*, durable: bool = False, settings: Sequence[str] = ()) -> Iterator[Server]:
    """A PostgreSQL of one's own. `durable` keeps fsync on, for tests that kill it and for measurements.

    Raises NotHere when PostgreSQL is not installed.
    """
    program = initdb()
    if not program:
        raise NotHere("PostgreSQL is not installed (Debian: apt install postgresql)")
    as_user, user = _unprivileged()
    with _folder("postgres", user) as folder:
        password, port, data = secrets.token_hex(16), free_port(), folder / "data"
        password_file = folder / "password"
        password_file.write_text(password)
        if user:
            os.chown(password_file, user.pw_uid, user.pw_gid)
        password_file.chmod(0o600)
        made = subprocess.run(
            [
                *as_user,
                program,
                f"--pgdata={data}",
                "--username=lms",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        values = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "max_connections=200",
            "shared_buffers=256MB",
            *([] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
            *settings,
        ]
        postgres = str(Path(program).with_name("postgres"))
        command = [*as_user, postgres, "-D", str(data), *(word for value in values for word in ("-c", value))]
        log = folder / "log"
        log.touch()
        server = Server(
            f"postgres://lms:{password}@127.0.0.1:{port}/postgres", port, folder, command, _start(command, port, log)
        )
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def private_redis() -> Iterator[Server]:
    """A Redis of one's own, append-only as in production. Raises NotHere when Redis is not installed."""
    program = find_program("redis-server", "valkey-server")
    if not program:
        raise NotHere("Redis is not installed (Debian: apt install redis-server)")
    with _folder("redis") as folder:
        password, port = secrets.token_hex(16), free_port()
        configuration = folder / "redis.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"bind 127.0.0.1\nport {port}\ndir {folder}\nrequirepass {password}\n"
            'appendonly yes\nappendfsync everysec\nsave ""\ndatabases 64\ndaemonize no\n'
        )
        command = [program, str(configuration)]
        server = Server(
            f"redis://:{password}@127.0.0.1:{port}", port, folder, command, _start(command, port, folder / "log")
        )
        try:
            yield server
        finally:
            server.stop()
