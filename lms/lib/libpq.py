"""A connection to PostgreSQL of one's own, one for each thread, for a few prepared statements, by libpq itself.

For the paths in front of Django: beside Django's connection, for it has settings of its own, and no statement but
those ever runs on it.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Mapping
from typing import Any

from django.db import connections
from psycopg import pq
from psycopg.conninfo import make_conninfo

from lms.lib.deadline import STATEMENT_SECONDS, watched
from lms.lib.processes import this_process

CONNECT_SECONDS = 1.0
# libpq's own names among Django's parameters; the others are for Django and psycopg.
_NOT_LIBPQ = {"cursor_factory", "context", "prepare_threshold", "server_side_binding"}

Row = list[bytes | None]


class Unavailable(Exception):
    """The database does not answer. `hangs`: it has used up the time that the caller waits."""

    def __init__(self, reason: str, *, hangs: bool) -> None:
        super().__init__(reason)
        self.hangs = hangs


class Statements:
    """Statements by name, prepared once on each thread's connection. Parameters are `$1`, `$2` and so on, in text.

    Each is a transaction of its own. `settings`: SQL that a new connection begins with.
    """

    def __init__(self, sql: Mapping[str, str], settings: str = "") -> None:
        self.sql = {name.encode(): text.encode() for name, text in sql.items()}
        self.settings = settings.encode()
        self._own = threading.local()

    def row(self, name: str, parameters: list[bytes | None]) -> Row | None:
        """The first row, in text, or None. A connection that was lost is made anew, once, and the statement sent again:
        it must be one that does nothing the second time. Raises Unavailable."""
        began = time.monotonic()
        try:
            return self._run(self._connection(), name, parameters)
        except Unavailable as error:
            self.close()
            if error.hangs or time.monotonic() - began > CONNECT_SECONDS / 2:
                raise Unavailable(str(error), hangs=True) from error
        try:
            return self._run(self._connection(), name, parameters)
        except Unavailable:
            self.close()
            raise

    def close(self) -> None:
        """Let this thread's connection go."""
        pgconn = getattr(self._own, "pgconn", None)
        self._own.pgconn = None
        if pgconn is not None and self._own.pid == this_process():  # after a fork it is the parent's
            pgconn.finish()

    def _connection(self) -> Any:
        pgconn = getattr(self._own, "pgconn", None)
        if pgconn is None or self._own.pid != this_process():
            pgconn = connect()
            with watched(pgconn, CONNECT_SECONDS):
                if self.settings:
                    _check(pgconn, pgconn.exec_(self.settings), pq.ExecStatus.COMMAND_OK)
                for name, text in self.sql.items():
                    _check(pgconn, pgconn.prepare(name, text), pq.ExecStatus.COMMAND_OK)
            self._own.pgconn, self._own.pid = pgconn, this_process()
        return pgconn

    def _run(self, pgconn: Any, name: str, parameters: list[bytes | None]) -> Row | None:
        began = time.monotonic()
        try:
            with watched(pgconn, STATEMENT_SECONDS):
                result = pgconn.exec_prepared(name.encode(), parameters)
            _check(pgconn, result, pq.ExecStatus.TUPLES_OK)
        except Exception as error:
            hangs = time.monotonic() - began > STATEMENT_SECONDS / 2
            raise Unavailable(repr(error), hangs=hangs) from error
        if not result.ntuples:
            return None
        return [result.get_value(0, column) for column in range(result.nfields)]


def conninfo() -> str:
    """Where the database is, as libpq wants it told."""
    parameters = connections["default"].get_connection_params()
    return make_conninfo(**{name: value for name, value in parameters.items() if name not in _NOT_LIBPQ})


def connect() -> Any:
    """A connection of libpq's within CONNECT_SECONDS: its own limit cannot be that short. Raises Unavailable."""
    until = time.monotonic() + CONNECT_SECONDS
    pgconn = pq.PGconn.connect_start(conninfo().encode())
    while (status := pgconn.connect_poll()) not in {pq.PollingStatus.OK, pq.PollingStatus.FAILED}:
        poll = select.poll()
        poll.register(pgconn.socket, select.POLLIN if status == pq.PollingStatus.READING else select.POLLOUT)
        if not poll.poll(max(0, until - time.monotonic()) * 1000):
            pgconn.finish()
            raise Unavailable("no connection in time", hangs=True)
    if status == pq.PollingStatus.FAILED:
        reason = pgconn.get_error_message() if hasattr(pgconn, "get_error_message") else repr(pgconn.error_message)
        pgconn.finish()
        raise Unavailable(reason, hangs=False)
    return pgconn


def _check(pgconn: Any, result: Any, wanted: pq.ExecStatus) -> None:
    if result.status != wanted:
        raise Unavailable(repr(result.error_message), hangs=False)
