"""The look-up log of the front path: durable within a second, and no disk write for each answer.

Answers put a line into this process' queue; a thread writes what has gathered by COPY, ten to twenty times a second,
and waits until it is on disk. When the oldest line has waited for a second, because the database cannot be written, or
too many have gathered, the queue takes no more: the caller must go the ordinary way, which writes first and answers
then.
So nobody is answered for longer than that without a log. A process that is killed outright loses what it answered in
the last twentieth of a second; one that is told to stop writes it first.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.util import Finalize

import psycopg
import structlog

from competence.models.decision_log import DecisionLog
from competence.rest_api.copying import COLUMNS
from lms.lib.deadline import watched
from lms.lib.processes import this_process

log = structlog.get_logger(__name__)
GATHER_SECONDS = 0.05
OLDEST_SECONDS = 1.0
WRITE_SECONDS = 5.0
MOST = 20_000
AT_ONCE = 5_000
STOP_WITHIN = 5.0

_TABLE = f'"{DecisionLog._meta.db_table}"'
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_COPY = f"COPY {_TABLE} ({_NAMES}) FROM STDIN"
_STAGE = f"CREATE TEMP TABLE IF NOT EXISTS again (LIKE {_TABLE}) ON COMMIT DELETE ROWS"
_COPY_AGAIN = f"COPY again ({_NAMES}) FROM STDIN"
_TAKE_OVER = f"INSERT INTO {_TABLE} ({_NAMES}) SELECT {_NAMES} FROM again ON CONFLICT DO NOTHING"  # noqa: S608 - ours


class LookUpLog:
    """A queue of lines in the text form of COPY, and the thread that writes them."""

    def __init__(self, conninfo: Callable[[], str]) -> None:
        self._conninfo = conninfo
        self._waiting: deque[tuple[float, str]] = deque()
        self._writing_since: float | None = None
        self._something = threading.Event()
        self._lock = threading.Lock()
        self._pid = 0
        self._connection: psycopg.Connection | None = None

    def accepts(self) -> bool:
        """Whether a line added now will be on disk in time, as far as can be told."""
        oldest = self._oldest()
        return len(self._waiting) < MOST and (oldest is None or time.monotonic() - oldest < OLDEST_SECONDS)

    def add(self, line: str) -> None:
        """Have `line` (without its end) written."""
        self._waiting.append((time.monotonic(), line))
        if not self._something.is_set():
            if self._pid != this_process():
                self._start()
            self._something.set()

    def flush(self, within: float = STOP_WITHIN) -> bool:
        """Wait until everything is written, at most so long; whether it is."""
        until = time.monotonic() + within
        while self._oldest() is not None:
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        return True

    def close(self) -> None:
        """Let the connection go, when everything is written. The next line makes another."""
        if self._connection is not None and self.flush():
            self._connection.close()

    def _oldest(self) -> float | None:
        since = self._writing_since
        if since is not None:
            return since
        try:
            return self._waiting[0][0]
        except IndexError:
            return None

    def _start(self) -> None:
        """One writing thread in each process, started after any fork."""
        with self._lock:
            if self._pid != this_process():
                self._connection = None
                threading.Thread(target=self._write_for_ever, name="look-up-log", daemon=True).start()
                atexit.register(self.flush)
                # A server's worker is a process of multiprocessing, which ends without what atexit has.
                Finalize(None, self.flush, exitpriority=10)
                self._pid = this_process()

    def _write_for_ever(self) -> None:
        while True:
            self._something.wait()
            time.sleep(GATHER_SECONDS)
            self._something.clear()
            while self._waiting:
                self._write_some()

    def _write_some(self) -> None:
        """Write the oldest lines, however often it takes."""
        self._writing_since = self._waiting[0][0]
        lines = [self._waiting.popleft()[1] for _number in range(min(AT_ONCE, len(self._waiting)))]
        text, again = "".join(f"{line}\n" for line in lines), False
        while True:
            try:
                self._write(text, again)
            except Exception as error:  # whatever it is, the lines are kept, and nobody else is answered meanwhile
                log.error("api.look_ups_not_written", waiting=len(lines), error=repr(error))
                # Whether the lines are there is not known when the connection was lost in the commit.
                again = True
                if self._connection is not None:
                    self._connection.close()
                time.sleep(GATHER_SECONDS * 4)
            else:
                self._writing_since = None
                return

    def _write(self, text: str, again: bool) -> None:
        connection = self._connection
        if connection is None or connection.closed:
            connection = psycopg.connect(self._conninfo(), connect_timeout=2, autocommit=True)
            connection.execute("SET synchronous_commit = on")
            self._connection = connection
        with watched(connection.pgconn, WRITE_SECONDS), connection.cursor() as cursor:
            if not again:  # a transaction of its own: two round trips fewer
                with cursor.copy(_COPY) as copy:
                    copy.write(text)
                return
            with connection.transaction():
                cursor.execute(_STAGE)
                with cursor.copy(_COPY_AGAIN) as copy:
                    copy.write(text)
                cursor.execute(_TAKE_OVER)
