"""The front path's own connection to PostgreSQL, one for each thread: one prepared statement, by libpq itself.

Beside Django's, for it has settings of its own, and no statement but this one ever runs on it.
"""

from __future__ import annotations

import select
import threading
import time
from typing import Any

from django.db import connections
from psycopg import pq
from psycopg.conninfo import make_conninfo

from competence.rest_api.deadline import STATEMENT_SECONDS, watched
from lms.lib.processes import this_process

CONNECT_SECONDS = 1.0
# libpq's own names among Django's parameters; the others are for Django and psycopg.
_NOT_LIBPQ = {"cursor_factory", "context", "prepare_threshold", "server_side_binding"}
# Every step of the statement is a look-up by key, and its plan is made once: no scan of a table that was small then.
_SETTINGS = b"""SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET enable_material = off; SET plan_cache_mode = force_generic_plan; SET TimeZone = 'UTC'; SET jit = off"""

Row = list[bytes | None]


class Unavailable(Exception):
    """The database does not answer. `hangs`: it has used up the time that the caller waits."""

    def __init__(self, reason: str, *, hangs: bool) -> None:
        super().__init__(reason)
        self.hangs = hangs


class Statement:
    """A statement that is prepared once on each thread's connection. Parameters are `$1`, `$2` and so on, in text."""

    def __init__(self, sql: str) -> None:
        self.sql = sql.encode()
        self._own = threading.local()

    def row(self, parameters: list[bytes | None]) -> Row | None:
        """The first row, in text, or None. A connection that was lost is made anew, once. Raises Unavailable."""
        began = time.monotonic()
        try:
            return self._run(self._connection(), parameters)
        except Unavailable as error:
            self.close()
            if error.hangs or time.monotonic() - began > CONNECT_SECONDS / 2:
                raise Unavailable(str(error), hangs=True) from error
        try:
            return self._run(self._connection(), parameters)
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
                _check(pgconn, pgconn.exec_(_SETTINGS), pq.ExecStatus.COMMAND_OK)
                _check(pgconn, pgconn.prepare(b"front", self.sql), pq.ExecStatus.COMMAND_OK)
            self._own.pgconn, self._own.pid = pgconn, this_process()
        return pgconn

    def _run(self, pgconn: Any, parameters: list[bytes | None]) -> Row | None:
        began = time.monotonic()
        try:
            with watched(pgconn, STATEMENT_SECONDS):
                result = pgconn.exec_prepared(b"front", parameters)
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
