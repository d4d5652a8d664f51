"""Instants from PostgreSQL are the same as Django's own loader reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DataError, connection

from lms.lib.instants import InstantLoader


@pytest.mark.postgres
@pytest.mark.django_db
def test_instants_come_back_exactly_and_in_utc() -> None:
    first = datetime(1, 1, 2, tzinfo=UTC)
    wanted = [
        first,
        datetime(1899, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
        datetime(2025, 3, 30, 1, 30, 0, 17, tzinfo=UTC),
        datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC),
        *(first + timedelta(days=37 * number, microseconds=101 * number) for number in range(5_000)),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::timestamptz[])", [wanted])
        found = [row[0] for row in cursor.fetchall()]
        oid = psycopg.adapters.types["timestamptz"].oid
        assert cursor.cursor.adapters.get_loader(oid, psycopg.pq.Format.TEXT) is InstantLoader
        cursor.execute("SELECT NULL::timestamptz")
        assert cursor.fetchone() == (None,)
    assert found == wanted
    assert {one.tzinfo for one in found} == {UTC}


@pytest.mark.postgres
@pytest.mark.django_db
def test_an_instant_that_python_cannot_hold_is_an_error_of_the_data() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'infinity'::timestamptz")
        with pytest.raises(DataError):
            cursor.fetchone()
