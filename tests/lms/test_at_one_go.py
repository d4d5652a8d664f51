"""Statements whose answer libpq reads at one go: errors, transactions and time limits are those of any statement."""

from __future__ import annotations

import time

import pytest
from django.db import DataError, OperationalError, connection, transaction

from lms.lib.at_one_go import PreparedStatement
from lms.lib.deadline import STATEMENT_SECONDS, database_deadline

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ADD = PreparedStatement(
    "add_for_a_test", "INSERT INTO django_content_type (app_label, model) VALUES ($1, 'x')  RETURNING model"
)


def kept(label: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_content_type WHERE app_label = %s", [label])
        return int(cursor.fetchone()[0])


def test_values_come_as_bytes_however_many() -> None:
    found = PreparedStatement("many", "SELECT n, repeat('å', n) FROM generate_series(1, $1::int) n").run([b"2000"])

    assert found.ntuples == 2000
    assert found.get_value(1999, 0) == b"2000"
    assert found.get_value(1999, 1).decode() == "å" * 2000


def test_it_is_prepared_anew_on_a_new_connection() -> None:
    one = PreparedStatement("one", "SELECT 1")
    assert one.run([]).get_value(0, 0) == b"1"
    connection.close()

    assert one.run([]).get_value(0, 0) == b"1"


def test_an_error_is_one_of_djangos_and_leaves_the_connection_usable() -> None:
    half = PreparedStatement("half", "SELECT 1 / $1::int")
    with pytest.raises(DataError):
        half.run([b"0"])

    assert half.run([b"1"]).get_value(0, 0) == b"1"


def test_alone_it_is_a_transaction_of_its_own() -> None:
    ADD.run([b"alone"])
    connection.close()

    assert kept("alone") == 1


def test_within_a_transaction_it_goes_with_it() -> None:
    connection.close()  # so that it is the first statement on the connection
    with transaction.atomic():
        ADD.run([b"together"])
        assert kept("together") == 1
        transaction.set_rollback(True)

    assert kept("together") == 0


def test_f13_it_is_cut_when_it_takes_too_long() -> None:
    began = time.monotonic()
    with database_deadline(60), pytest.raises(OperationalError):
        PreparedStatement("slow", "SELECT pg_sleep(600)").run([])
    connection.close()

    assert time.monotonic() - began >= STATEMENT_SECONDS
