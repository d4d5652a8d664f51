"""The template database: migrated once, and copied for each process that runs tests.

To migrate takes half a minute of a core. So one process does it, into a database beside the test databases
(`test.template.sqlite3`, or `test_<name>_template` on the same PostgreSQL server), while the others wait; then each
takes a copy. The template is as old as the migrations and the locked packages say (`migrations_fingerprint`); it is
made anew when one of them changed, once for a run with `--create-db`, and when its making was interrupted.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.database import exclusive, migrations_fingerprint, stamp_path


def template_name() -> str:
    """The name of the template beside the test database, the same for every process of a run."""
    name = str(settings.DATABASES["default"]["NAME"])
    if connection.vendor == "sqlite":
        path = Path(str(settings.DATABASES["default"]["TEST"]["NAME"] or name))
        return str(path.with_name("test.template.sqlite3"))
    return f"test_{name}_template"


@contextlib.contextmanager
def _test_database_named(name: str) -> Iterator[None]:
    """Let Django make `name` its test database."""
    values: dict[str, Any] = connection.settings_dict
    before = values["NAME"], values["TEST"]["NAME"]
    values["TEST"]["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        values["NAME"], values["TEST"]["NAME"] = before
        settings.DATABASES[connection.alias]["NAME"] = before[0]


def _remove_file(path: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _is_there(name: str) -> bool:
    if connection.vendor == "sqlite":
        return Path(name).is_file()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


def _migrate_into(name: str) -> None:
    if connection.vendor == "sqlite":
        _remove_file(name)
    else:
        _drop(name)
    with _test_database_named(name):
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copy(source: str, name: str) -> None:
    if connection.vendor == "sqlite":
        _remove_file(name)
        shutil.copyfile(source, name)
        return
    _drop(name)
    quote = connection.ops.quote_name
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"CREATE DATABASE {quote(name)} WITH TEMPLATE {quote(source)}")


def make_test_database(*, anew: bool) -> None:
    """Make this process' test database a copy of the template; make that first where there is none that is right.

    `anew` asks for migrations in this run, whatever an earlier one has left.
    """
    source, stamp = template_name(), stamp_path("template")
    value = migrations_fingerprint()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")  # a run in one process has none
    with exclusive(stamp):
        known, _, made_by = stamp.read_text().partition(" ") if stamp.is_file() else ("", "", "")
        made_now = bool(run) and made_by == run
        if known != value or (anew and not made_now) or not _is_there(source):
            stamp.unlink(missing_ok=True)
            _migrate_into(source)
            stamp.write_text(f"{value} {run}")
        _copy(source, str(connection.creation._get_test_db_name()))  # type: ignore[attr-defined]
