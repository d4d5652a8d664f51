"""How commits lie in PostgreSQL's pages: what is written again and again must stay where it is."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction

from courses.models.sco_runtime import ScoRuntime
from tests.factories.courses import make_attempt, make_course, sit_down

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def stayed_in_their_page() -> int:
    """Updates of this connection's that are not in the server's statistics yet: none is put there in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_tuples_hot_updated('courses_scoruntime'::regclass)")
        return int(cursor.fetchone()[0])


def test_a_commit_of_some_kilobytes_stays_in_its_page() -> None:
    """Two versions of six thousand letters fit there only when they are compressed, as lists of answers can be."""
    sitting = sit_down(make_attempt(make_course()))
    runtime = ScoRuntime.objects.get(attempt__public_id=sitting.attempt)

    def save(what: str) -> None:
        seen = ",".join(f"sida-{number}:{what}" for number in range(6_000 // len(f"sida-000:{what},")))
        ScoRuntime.objects.filter(pk=runtime.pk).update(data=json.dumps({"cmi.suspend_data": seen}))

    save("sedd")
    with transaction.atomic():
        before = stayed_in_their_page()
        save("klar")
        assert stayed_in_their_page() == before + 1

    runtime.refresh_from_db()
    assert "sida-0:klar" in json.loads(runtime.data)["cmi.suspend_data"]
