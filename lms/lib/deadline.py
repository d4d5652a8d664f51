"""A database that hangs must end in an answer that says so.

The server's own `statement_timeout` does not help when the server is what hangs. So a watching thread shuts the
connection's socket when a statement takes too long, and whoever waits for it gets an OperationalError at once.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from lms.lib.processes import this_process

STATEMENT_SECONDS = 1.5
# After a statement, until the next: evaluation, and commits, which are no statements.
PAUSE_SECONDS = 10.0
_POLL_SECONDS = 0.05

_lock = threading.Lock()
_watched: dict[int, tuple[float, Callable[[], Any]]] = {}
"""By thread: until when, and how to find the connection (libpq's) to cut then."""
_watcher_of: dict[int, threading.Thread] = {}


@contextlib.contextmanager
def database_deadline(seconds: float) -> Iterator[None]:
    """Within it, no statement on the default connection lasts longer than STATEMENT_SECONDS, and all of them
    together no longer than `seconds`; what is computed between them does not count.

    PostgreSQL only: SQLite has no server that could hang.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield
        return
    # The health check would be one more question to a server that may hang, and on failure one more wait to connect.
    connection.health_check_done = True
    key, left = threading.get_ident(), seconds
    _ensure_watcher()

    def pgconn() -> Any:
        return None if connection.connection is None else connection.connection.pgconn

    def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal left
        began = time.monotonic()
        _watch(key, began + max(0, min(left, STATEMENT_SECONDS)), pgconn)
        try:
            return execute(sql, params, many, context)
        finally:
            ended = time.monotonic()
            left -= ended - began
            _watch(key, ended + PAUSE_SECONDS, pgconn)

    try:
        with connection.execute_wrapper(guard):
            yield
    finally:
        with _lock:
            _watched.pop(key, None)


class watched:  # noqa: N801  (a context manager, written as a class because that takes a third of the time)
    """Within it, libpq's connection `pgconn` is cut when `seconds` have passed. For who works on one without Django."""

    __slots__ = ("_key", "_pgconn", "_seconds")

    def __init__(self, pgconn: Any, seconds: float) -> None:
        self._pgconn = pgconn
        self._seconds = seconds

    def __enter__(self) -> None:
        self._key = threading.get_ident()
        _ensure_watcher()
        _watch(self._key, time.monotonic() + self._seconds, self._connection)

    def __exit__(self, *_exception: object) -> None:
        with _lock:
            _watched.pop(self._key, None)

    def _connection(self) -> Any:
        return self._pgconn


def _watch(key: int, until: float, pgconn: Callable[[], Any]) -> None:
    with _lock:
        _watched[key] = (until, pgconn)


def _ensure_watcher() -> None:
    """One watching thread in each process, started after any fork."""
    pid = this_process()
    if pid in _watcher_of:
        return
    with _lock:
        if pid not in _watcher_of:
            _watcher_of.clear()
            _watcher_of[pid] = threading.Thread(target=_watch_for_ever, name="database-deadline", daemon=True)
            _watcher_of[pid].start()


def _watch_for_ever() -> None:
    while True:
        time.sleep(_POLL_SECONDS)
        now = time.monotonic()
        # The lock is held while cutting, so that the request cannot end, and its socket's number go to another.
        with _lock:
            for key in [key for key, (until, _pgconn) in _watched.items() if until <= now]:
                _cut(_watched.pop(key)[1])


def _cut(find: Callable[[], Any]) -> None:
    pgconn = find()
    if pgconn is None:
        return
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(pgconn.socket)) as pipe:
        pipe.shutdown(socket.SHUT_RDWR)
