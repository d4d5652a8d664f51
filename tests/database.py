"""The test database: made anew when a migration changed, and put back after a test that really committed.

Tests with `transaction=True` (live servers, threads, other processes) empty every table at their end. What
the migrations put there (Wagtail's root page, groups, rules) would be gone for whoever comes next, in this run or,
since the database is kept, in the one after. So its contents are copied once, and put back after each such test.
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
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from lms.env import BASE_DIR, VAR_DIR

_contents: list[tuple[str, list[str], list[tuple[Any, ...]]]] = []


def is_transactional(item: pytest.Item) -> bool:
    """Whether this test commits for good."""
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return "transactional_db" in names or "live_server" in names or bool(marker and marker.kwargs.get("transaction"))


def mark_transactional(items: list[pytest.Item]) -> None:
    """Let the flush after such a test leave `post_migrate` out: the contents are put back, ids and all."""
    for item in items:
        if is_transactional(item):
            kwargs = getattr(item.get_closest_marker("django_db"), "kwargs", {})
            again = {**kwargs, "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**again), append=False)


def migrations_fingerprint() -> str:
    """A digest of our migrations and of the locked packages, which bring theirs."""
    digest = hashlib.sha256()
    ours = (
        path for app in ("cms", "competence", "courses", "lms") for path in (BASE_DIR / app).rglob("migrations/*.py")
    )
    for path in [*sorted(ours), BASE_DIR / "requirements.txt"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_path() -> Path:
    """Where the state of this process' test database is noted."""
    key = hashlib.sha256(repr(sorted(settings.DATABASES["default"].items(), key=str)).encode()).hexdigest()[:16]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return VAR_DIR / "test-databases" / f"{key}-{worker}"


@contextlib.contextmanager
def exclusive(stamp: Path) -> Iterator[None]:
    """One test session at a time uses a test database; another waits for it."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    with stamp.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy_contents() -> None:
    """Remember every row, as it is after the migrations."""
    _contents.clear()
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if options.proxy or not options.managed:
            continue
        columns = [str(field.column) for field in options.local_concrete_fields if not field.generated]
        names = ", ".join(connection.ops.quote_name(name) for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM {connection.ops.quote_name(options.db_table)}")
            rows = cursor.fetchall()
        if rows:
            _contents.append((options.db_table, columns, rows))
    # Django would reload its own copy, made by running every model's serializer, before each test: ours does it.
    connection._test_serialized_contents = "[]"  # type: ignore[attr-defined]


def put_contents_back() -> None:
    """Empty every table, and write the remembered rows."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True, reset_sequences=False)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns, rows in _contents:
            names = ", ".join(connection.ops.quote_name(name) for name in columns)
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} ({names}) VALUES ({marks})", rows)


def unblocked(config: pytest.Config) -> contextlib.AbstractContextManager[None]:
    blocker: DjangoDbBlocker = config.stash[blocking_manager_key]
    return blocker.unblock()
