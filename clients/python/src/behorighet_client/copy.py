"""A copy of who may order what, in a file of SQLite.

Each page of changes and the cursor after it are saved in one transaction: whenever the process dies, the file says what
was true at its cursor, and the next start goes on from there. Whoever is not in it is denied.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from behorighet_client.answers import Change, Check, Holder

DENIED = "denied"
_TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcome (
    hsa_id TEXT NOT NULL,
    right TEXT NOT NULL,
    customer_number TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL,
    PRIMARY KEY (hsa_id, right, customer_number)
) WITHOUT ROWID;
"""


class Copy:
    """The outcome for each HSA-ID, right and customer number that the feed has spoken of.

    An empty customer number: none, or, for a right that is given per unit, every unit without a line of its own.
    """

    def __init__(self, path: Path | str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        self._database.close()

    @property
    def cursor(self) -> str | None:
        """Up to where the feed has been read; None: nothing yet."""
        row = self._database.execute("SELECT value FROM state WHERE name = 'cursor'").fetchone()
        return None if row is None else str(row[0])

    @property
    def applied(self) -> int:
        """How many changes have been applied in all."""
        row = self._database.execute("SELECT value FROM state WHERE name = 'applied'").fetchone()
        return 0 if row is None else int(row[0])

    def begin(self, holders: Iterable[Holder], cursor: str) -> None:
        """Start over with a snapshot that was taken after `cursor` was read: what comes after it is applied again."""
        with self._transaction():
            self._database.execute("DELETE FROM outcome")
            for one in holders:
                self._put(one.hsa_id, one.right, one.customer_number or "", one.outcome)
            self._set("cursor", cursor)
            self._set("applied", "0")

    def clear(self) -> None:
        """Forget everything, the cursor too."""
        with self._transaction():
            self._database.execute("DELETE FROM outcome")
            self._database.execute("DELETE FROM state")

    def apply(self, changes: Iterable[Change], cursor: str) -> None:
        """Apply a page in its order, and move the cursor with it. A change that comes twice has the same effect."""
        with self._transaction():
            count = 0
            for one in changes:
                self._put(one.hsa_id, one.right, one.customer_number or "", one.outcome)
                count += 1
            self._set("cursor", cursor)
            self._set("applied", str(self.applied + count))

    def outcome(self, hsa_id: str, right: str, customer_number: str | None = None) -> str:
        """The outcome as far as the feed has been read."""
        row = self._database.execute(
            "SELECT outcome FROM outcome WHERE hsa_id = ? AND right = ? AND customer_number IN (?, '')"
            " ORDER BY customer_number DESC",
            (hsa_id.upper(), right, customer_number or ""),
        ).fetchone()
        return DENIED if row is None else str(row[0])

    def questions(self) -> Iterator[tuple[Check, str]]:
        """Every question that the feed has spoken of, and its outcome here."""
        rows = self._database.execute("SELECT hsa_id, right, customer_number, outcome FROM outcome").fetchall()
        for hsa_id, right, number, outcome in rows:
            yield Check(hsa_id, right, number or None), outcome

    def _put(self, hsa_id: str, right: str, customer_number: str, outcome: str) -> None:
        row = (hsa_id.upper(), right, customer_number, outcome)
        self._database.execute("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?)", row)

    def _set(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def _transaction(self) -> _Transaction:
        return _Transaction(self._database)


class _Transaction:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
