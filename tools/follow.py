"""An ordering system's copy, kept in step through many changes while its server and itself are killed: `make follow`.

A private PostgreSQL (durable, as in production) and the product in granian; people whose facts change all the time,
written by several processes; beside it the example client of clients/python, which follows the feed into a copy of its
own. The server and the client are killed (SIGKILL) in the middle and started again. At the end the copy must equal what
the batch endpoint answers about everybody, question by question, and some signed statements are verified offline.

Usage: python -m tools.follow [--changes N] [--people N] [--writers N] [--kills N] [--from-start]
Exit code 1 when the copy differs, or anybody gave up.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.following.players import Follower, Server
from tools.servers import private_postgres
from tools.steps import BIN, ROOT, Stop, free_port, run, say, step


@dataclass
class Writer:
    """A process that writes changes and says how many."""

    process: subprocess.Popen[bytes]
    log: Path
    share: int

    @property
    def made(self) -> int:
        lines = self.log.read_text().split()
        return int(lines[-1]) if lines and lines[-1].isdigit() else 0


def start_writers(
    setting: Path, folder: Path, changes: int, parts: int, together: int, env: dict[str, str]
) -> list[Writer]:
    found = []
    for part in range(parts):
        share, log = changes // parts + (part < changes % parts), folder / f"writer{part}.log"
        words = [
            "-m",
            "tests.following.writing",
            "write",
            setting,
            "--changes",
            share,
            "--part",
            part,
            "--parts",
            parts,
        ]
        words += ["--together", together]
        command = [str(BIN / "python"), *map(str, words)]
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=out)
        found.append(Writer(process, log, share))
    return found


def watch(writers: list[Writer], server: Server, follower: Follower, changes: int, kills: int) -> None:
    """Until all is written, kill the server and the follower by turns, as far apart as the number allows."""
    left = [changes * (number + 1) // (kills + 1) for number in range(kills)]
    told = time.monotonic()
    while any(writer.process.poll() is None for writer in writers):
        time.sleep(0.2)
        made = sum(writer.made for writer in writers)
        if left and made >= left[0]:
            left.pop(0)
            if follower.kills < server.kills:
                follower.kill()
                follower.start()
                say(f"    {made:,} changes: the follower was killed and started again")
            else:
                server.kill()
                time.sleep(1)
                server.start()
                say(f"    {made:,} changes: the server was killed and started again")
        if not follower.is_running():
            raise Stop(f"The follower gave up:\n{follower.log.read_text()[-2000:]}")
        if time.monotonic() - told > 30:
            told = time.monotonic()
            say(f"    {made:,} changes written")
    if any(writer.process.returncode for writer in writers):
        raise Stop("A writer failed.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=100_000, help="changes of facts (100,000)")
    parser.add_argument("--people", type=int, default=2_000, help="whose facts they are (2,000)")
    parser.add_argument("--writers", type=int, default=2, help="processes that write (2)")
    parser.add_argument("--together", type=int, default=200, help="changes to a transaction at most (200)")
    parser.add_argument("--kills", type=int, default=4, help="how often somebody is killed, the server first (4)")
    parser.add_argument("--from-start", action="store_true", help="the copy reads the whole feed, without a snapshot")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="follow-")))
        with step("PostgreSQL, migrated"):
            postgres = stack.enter_context(private_postgres(durable=True))
            env = {
                "ENVIRONMENT": "demo",
                "DATABASE_URL": postgres.url,
                "REDIS_URL": "",
                "CELERY_BROKER_URL": "",
                "MEDIA_STORAGE_URL": f"file://{folder}",
                "DJANGO_SETTINGS_MODULE": "lms.settings",
            }
            run([BIN / "python", "manage.py", "migrate", "--no-input", "--verbosity", "0"], env=env, quiet=True)
        setting = folder / "setting.json"
        with step(f"{options.people:,} people"):
            words = ["-m", "tests.following.writing", "prepare", "--people", options.people, "--output", setting]
            run([BIN / "python", *map(str, words)], env=env)
        found = json.loads(setting.read_text())
        server = Server(free_port(), env, folder / "server.log")
        server.start()
        stack.callback(server.stop)
        mode = ("--from-start",) if options.from_start else ()
        follower = Follower(
            server.address, found["client_id"], found["secret"], folder / "copy.sqlite3", folder / "follower.log", mode
        )
        began = time.monotonic()
        with step(f"{options.changes:,} changes by {options.writers} writers"):
            follower.start()
            stack.callback(follower.end)
            writers = start_writers(setting, folder, options.changes, options.writers, options.together, env)
            for writer in writers:
                stack.callback(writer.process.kill)
            watch(writers, server, follower, options.changes, options.kills)
        wrote = time.monotonic() - began
        with step("Comparing the copy with the service"):
            behind = time.monotonic()
            code = follower.stop()
            if code:
                raise Stop(f"The follower ended with {code}:\n{follower.log.read_text()[-2000:]}")
            code, said = follower.check("--statements", "20")
            say(said)
        say(
            f"{options.changes:,} changes in {wrote:,.0f} s ({options.changes / wrote:,.0f}/s), the server killed "
            f"{server.kills} and the follower {follower.kills} times; copy compared in "
            f"{time.monotonic() - behind:,.0f} s: {'equal' if code == 0 else 'DIFFERENT'}"
        )
    raise SystemExit(code)


if __name__ == "__main__":
    main()
