"""Batches from prepared answers: what is handed over is in the log for good, and what is remembered is not believed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from competence.actions.authorisations import revoke_authorisation
from competence.models.decision_log import DecisionLog, GivenAnswer
from competence.rest_api.texts import Texts, texts
from lms.lib.at_one_go import PreparedStatement
from lms.lib.libpq import conninfo
from lms.lib.uuid7 import uuid7_texts
from tests.factories.competence import make_prescriber, make_world
from tests.factories.machine_clients import ApiClient, make_api_client

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
RIGHT = "websesam.health-care"


def asked(count: int) -> tuple[ApiClient, dict[str, Any], Any]:
    """A client, a batch about so many people whose answers are prepared, and the world they live in."""
    world, api = make_world(), make_api_client()
    people = [make_prescriber(world.clinic) for _number in range(count)]
    body = {"checks": [{"id": f'"{n}"\\', "hsa_id": one.hsa_id, "right": RIGHT} for n, one in enumerate(people)]}
    assert all(result["allowed"] for result in api.post("eligibility/batch", body).json()["results"])
    DecisionLog.objects.all().delete()
    return api, body, (world, people)


def logged_for_good() -> set[str]:
    """The ids in the log that another connection sees: those that have been committed."""
    with psycopg.connect(conninfo()) as other:
        return {str(row[0]) for row in other.execute("SELECT decision_id FROM competence_decisionlog").fetchall()}


def test_each_line_is_logged_for_good_before_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("competence.rest_api.batch.CHUNK", 2)
    api, body, _rest = asked(5)

    parts = iter(api.post("eligibility/batch", body, Accept="application/x-ndjson"))

    seen: set[str] = set()
    for part in parts:
        seen |= {json.loads(line)["decision_id"] for line in part.decode().splitlines()}
        assert seen <= logged_for_good()
    assert len(seen) == 5


def test_a_document_is_logged_for_good_before_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("competence.rest_api.batch.CHUNK", 2)
    api, body, _rest = asked(5)

    results = api.post("eligibility/batch", body).json()["results"]

    assert [result["id"] for result in results] == [check["id"] for check in body["checks"]]
    assert {result["decision_id"] for result in results} == logged_for_good()
    assert {UUID(one).version for one in logged_for_good()} == {7}


def test_f01_a_document_that_fails_midway_is_not_given_and_logs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("competence.rest_api.batch.CHUNK", 2)
    api, body, _rest = asked(5)
    run, left = PreparedStatement.run, [True, True]

    def fail_at_the_third(statement: PreparedStatement, parameters: Any) -> Any:
        if statement.name == "find_and_log" and not left:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        if statement.name == "find_and_log":
            left.pop()
        return run(statement, parameters)

    monkeypatch.setattr(PreparedStatement, "run", fail_at_the_third)
    response = api.post("eligibility/batch", body)
    connection.close()

    assert response.status_code == 503
    assert logged_for_good() == set()


def test_p14_a_text_that_is_remembered_is_not_given_after_a_revocation() -> None:
    api, body, (world, people) = asked(2)
    before = api.post("eligibility/batch", body).json()["results"]
    revoke_authorisation(authorisation=people[1].authorisation, reason="Prov", by=world.manager)

    after = api.post("eligibility/batch", body).json()["results"]

    assert [result["allowed"] for result in before] == [True, True]
    assert [result["allowed"] for result in after] == [True, False]


def test_the_log_keeps_what_was_given_whether_its_text_was_remembered_or_fetched() -> None:
    api, body, _rest = asked(3)
    texts.forget_all()
    for _time in range(2):
        for result in api.post("eligibility/batch", body).json()["results"]:
            given = {name: value for name, value in result.items() if name != "id"}
            assert DecisionLog.objects.select_related("given").get(pk=result["decision_id"]).answer == given


def test_texts_are_remembered_up_to_a_size_and_the_oldest_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = {UUID(int=n): '{"text":"' + "å" * n + '"}' for n in range(1, 6)}
    GivenAnswer.objects.bulk_create(GivenAnswer(digest=digest, body=body) for digest, body in bodies.items())
    wanted = {str(digest).encode(): body.encode()[1:-1] for digest, body in bodies.items()}
    first, last = list(wanted)[0], list(wanted)[-1]
    few = Texts(most_bytes=sum(sorted(len(text) for text in wanted.values())[-2:]))

    for digest, text in wanted.items():
        assert few.of([digest]) == {digest: text}
    assert few.bytes <= few.most_bytes
    assert few.of([first]) == {first: wanted[first]}  # fetched anew; the last but one makes room

    monkeypatch.setattr(PreparedStatement, "run", lambda *_asked: pytest.fail("it was not remembered"))
    assert few.of([last]) == {last: wanted[last]}


def test_a_text_that_is_not_there_is_left_out() -> None:
    assert Texts().of([str(UUID(int=1)).encode()]) == {}


def test_rights_with_the_signs_of_an_array_are_rights_like_others() -> None:
    api, body, _rest = asked(1)
    strange = ['a"b', "a\\", "a,b", "{}", "NULL", ""]
    hsa_id = body["checks"][0]["hsa_id"]
    checks = [*body["checks"], *({"id": one, "hsa_id": hsa_id, "right": one} for one in strange)]

    results = api.post("eligibility/batch", {"checks": checks}).json()["results"]

    assert results[0]["allowed"] is True
    assert all(result["problem"]["status"] == 400 for result in results[1:])
    assert [result["id"] for result in results[1:]] == strange


def test_ids_made_together_differ_and_rise() -> None:
    ids = uuid7_texts(timezone.now(), 2_000) + uuid7_texts(timezone.now() + timedelta(seconds=1), 2_000)

    assert len(set(ids)) == 4_000
    assert ids == sorted(ids)
    assert {UUID(one).version for one in ids} == {7}
