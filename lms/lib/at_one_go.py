"""A statement on Django's own connection whose whole answer libpq reads by itself.

psycopg looks at each piece that arrives, and Django's way of asking has the values written into the statement, which is
planned each time. Where an answer is of megabytes and other threads compute, every piece waits for their turn to end.
Here a thread is back when everything is there, and the plan is kept. PostgreSQL only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection
from psycopg import OperationalError, pq
from psycopg.errors import error_from_result


class PreparedStatement:
    """SQL with parameters `$1`, `$2` and so on, in text; prepared once on each connection."""

    def __init__(self, name: str, sql: str) -> None:
        self.name = name
        self.sql = sql

    def run(self, parameters: Sequence[bytes | None]) -> Any:
        """libpq's result, of values in text as bytes. Outside of a transaction it is one of its own.

        Wrappers of statements, such as `lms.lib.deadline`, are around it as around all. Raises Django's errors.
        """
        with connection.wrap_database_errors:
            connection.ensure_connection()
            own: Any = connection.connection
            if not own.autocommit and own.pgconn.transaction_status == pq.TransactionStatus.IDLE:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")  # psycopg begins a transaction with the first statement that it sends
            execute: Callable[..., Any] = self._run
            for wrapper in reversed(connection.execute_wrappers):
                execute = partial(wrapper, execute)
            return execute(self.sql, parameters, False, {"connection": connection, "cursor": None})

    def _run(self, sql: str, parameters: Sequence[bytes | None], many: bool, context: dict[str, Any]) -> Any:
        own: Any = connection.connection
        name = self.name.encode()
        prepared: set[bytes] = own.__dict__.setdefault("_prepared_here", set())
        if name not in prepared:
            _checked(own.pgconn.prepare(name, sql.encode()), pq.ExecStatus.COMMAND_OK)
            prepared.add(name)
        return _checked(own.pgconn.exec_prepared(name, parameters), pq.ExecStatus.TUPLES_OK)


def _checked(result: Any, wanted: pq.ExecStatus) -> Any:
    if result.status != wanted:
        if result.error_field(pq.DiagnosticField.SQLSTATE) is None:  # libpq's own word: there is no server any more
            raise OperationalError(bytes(result.error_message).decode(errors="replace"))
        raise error_from_result(result)
    return result
