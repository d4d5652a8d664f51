"""Answers in two parts: put together they are what was given, to the letter; also those of before."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from competence.given_answers import as_json, constant_text, digest_of, whole_text
from lms.lib.uuid7 import made_at, uuid7

AT = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
ANSWER = {
    "hsa_id": 'SE2321000131-E"1',
    "right": "websesam.unit",
    "customer_number": None,
    "outcome": "denied",
    "text": "Får inte beställa.",
    "missing": [{"code": "NOT_EMPLOYED", "alternatives": [["b", "a"]], "role": None, "text": "Bli anställd."}],
    "policy_version": 3,
    "revision": 17,
    "valid_at": "2026-03-29T01:59:59.123456+01:00",
    "known_at": "2026-03-29T03:00:00+02:00",
    "decision_id": "01990f7e-0000-7000-8000-000000000001",
}


def test_the_two_parts_make_the_whole_answer() -> None:
    whole = whole_text(
        constant_text(ANSWER),
        hsa_id='SE2321000131-E"1',
        revision=17,
        valid_at=AT,
        known_at=datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        decision_id=uuid.UUID("01990f7e-0000-7000-8000-000000000001"),
    )
    assert whole == as_json(ANSWER)


def test_equal_texts_have_one_name_and_others_another() -> None:
    other = {**ANSWER, "hsa_id": "SE2321000131-E2", "revision": 18}
    assert digest_of(constant_text(ANSWER)) == digest_of(constant_text(other))
    assert digest_of(constant_text(ANSWER)) != digest_of(constant_text({**ANSWER, "outcome": "allowed"}))


def test_ids_bear_their_instant_and_sort_by_it() -> None:
    first, later = uuid7(AT), uuid7(AT.replace(year=2027))
    assert first.version == later.version == 7
    assert first.variant == uuid.RFC_4122
    assert first < later
    assert made_at(first) == AT.replace(microsecond=123000)
    assert made_at(uuid.uuid4()) is None
    assert uuid7(AT) != uuid7(AT)


@pytest.mark.django_db(transaction=True)
def test_answers_of_before_are_kept_by_the_migration_and_come_back_from_it() -> None:
    before, after = ("competence", "0022_client_activity"), ("competence", "0023_given_answers")
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()  # of every app: others stand on what is taken away
    try:
        executor.migrate([before])
        old = executor.loader.project_state([before]).apps.get_model("competence", "DecisionLog")
        given = {**ANSWER, "decision_id": str(uuid.uuid4())}
        row = old.objects.create(
            decision_id=given["decision_id"],
            asked_by="client:x",
            hsa_id=ANSWER["hsa_id"],
            right="websesam.unit",
            valid_at=AT,
            known_at=datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            outcome="denied",
            policy_version=3,
            revision=17,
            answer=given,
        )

        executor = MigrationExecutor(connection)
        executor.migrate([after])
        new = executor.loader.project_state([after]).apps.get_model("competence", "DecisionLog")
        body = new.objects.select_related("given").get(pk=row.pk).given.body
        assert json.loads(body) == json.loads(constant_text(ANSWER))
        assert digest_of(body) == new.objects.get(pk=row.pk).given_id
        assert body == constant_text(ANSWER), "jsonb loses the order, which is put back"

        executor = MigrationExecutor(connection)
        executor.migrate([before])
        assert old.objects.get(pk=row.pk).answer == given
        old.objects.all().delete()
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
