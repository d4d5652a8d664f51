"""The test database: made anew when a migration changed, and put back after a test that really committed.

Tests with `transaction=True` (live servers, threads, other processes) leave their rows behind. Django would empty
every table at their end, and what the migrations put there (Wagtail's root page, groups, rules) would be gone for
whoever comes next, in this run or, since the database is kept, in the one after. So its contents are copied once, and
put back after each such test, instead of Django's flush.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from lms.env import BASE_DIR, VAR_DIR

_WITHOUT_SERVERS = ("tests/architecture/", "tests/competence/policy/", "tests/properties/")
# After the migrations: every table, and of those with rows the columns and the rows.
_tables: list[str] = []
_contents: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}


def is_transactional(item: pytest.Item) -> bool:
    """Whether this test commits for good."""
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return "transactional_db" in names or "live_server" in names or bool(marker and marker.kwargs.get("transaction"))


def is_pure(item: pytest.Item) -> bool:
    """Whether this test reads code or computes, and asks no database: it need not be run again on another one."""
    if not item.nodeid.startswith(_WITHOUT_SERVERS) or item.get_closest_marker("django_db"):
        return False
    return not {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))


def leave_flushing_to_us(patch: pytest.MonkeyPatch) -> None:
    """Django empties all tables after such a test, one by one: `put_contents_back` does it, and faster."""
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)


def migrations_fingerprint() -> str:
    """A digest of our migrations and of the locked packages, which bring theirs."""
    digest = hashlib.sha256()
    ours = (
        path for app in ("cms", "competence", "courses", "lms") for path in (BASE_DIR / app).rglob("migrations/*.py")
    )
    for path in [*sorted(ours), BASE_DIR / "requirements.txt"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_path(of: str = "") -> Path:
    """Where the state of this process' test database is noted, or that of another one beside it."""
    values = {name: value for name, value in settings.DATABASES["default"].items() if name != "TEST"}
    key = hashlib.sha256(repr(sorted(values.items(), key=str)).encode()).hexdigest()[:16]
    return VAR_DIR / "test-databases" / f"{key}-{of or os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@contextlib.contextmanager
def exclusive(stamp: Path) -> Iterator[None]:
    """One at a time uses a database; another waits for it."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    with stamp.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rows_of(table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(quote, columns))} FROM {quote(table)}")
        return sorted(cursor.fetchall(), key=repr)


def _tables_with_rows() -> list[str]:
    quote = connection.ops.quote_name
    asked = (f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {quote(name)})" for number, name in enumerate(_tables))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [_tables[number] for (number,) in cursor.fetchall()]


def copy_contents() -> None:
    """Remember every row, as it is after the migrations."""
    _tables[:] = sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))
    _contents.clear()
    columns = {
        model._meta.db_table: [str(field.column) for field in model._meta.local_concrete_fields if not field.generated]
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    for table in _tables_with_rows():
        _contents[table] = columns[table], _rows_of(table, columns[table])


def put_contents_back() -> None:
    """Give each table the rows that the migrations made, and no other. What a test has left alone is not written to:
    to empty and fill all of two hundred tables costs more than most tests."""
    quote = connection.ops.quote_name
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('is_superuser')")
            if cursor.fetchone() == ("on",):  # foreign keys need not be looked up for each row: all of them go
                cursor.execute("SET LOCAL session_replication_role = replica")
        for table in {*_tables_with_rows(), *_contents}:
            columns, rows = _contents.get(table, ([], []))
            if rows and _rows_of(table, columns) == rows:
                continue
            cursor.execute(f"DELETE FROM {quote(table)}")
            if rows:
                names, marks = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)


def unblocked(config: pytest.Config) -> contextlib.AbstractContextManager[None]:
    blocker: DjangoDbBlocker = config.stash[blocking_manager_key]
    return blocker.unblock()
