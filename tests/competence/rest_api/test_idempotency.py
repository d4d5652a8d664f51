"""A write with an Idempotency-Key is done once, however often it is sent."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone

from competence.models.completion import Completion
from competence.models.idempotent_request import IdempotentRequest
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import REGIONAL, World, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

KEY = {"Idempotency-Key": "0190a1b2-7c3d"}


def report(world: World, source_id: str = "1") -> dict[str, Any]:
    person = make_prescriber(world.clinic, courses=())
    return {
        "source": "larportal",
        "source_id": source_id,
        "hsa_id": person.hsa_id,
        "course": REGIONAL,
        "completed_at": "2026-02-03T10:15:00+01:00",
    }


def test_f02_the_same_request_gets_the_same_answer_again(world: World, api: ApiClient) -> None:
    body = report(world)

    first, second = api.post("completions", body, **KEY), api.post("completions", body, **KEY)

    assert first.json()["results"][0]["status"] == "recorded"
    assert second.content == first.content
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Completion.objects.filter(source_id="1").count() == 1


def test_without_a_key_the_natural_key_holds(world: World, api: ApiClient) -> None:
    body = report(world)

    statuses = [api.post("completions", body).json()["results"][0]["status"] for _number in range(2)]

    assert statuses == ["recorded", "already_recorded"]
    assert not IdempotentRequest.objects.exists()


def test_another_body_under_the_same_key_is_refused(world: World, api: ApiClient) -> None:
    body = report(world)
    api.post("completions", body, **KEY)

    response = api.post("completions", {**body, "source_id": "2"}, **KEY)

    assert problem(response, 422) == "key_reused"
    assert not Completion.objects.filter(source_id="2").exists()


def test_another_clients_key_is_another_key(world: World, api: ApiClient) -> None:
    body, other = report(world), make_api_client()

    api.post("completions", body, **KEY)
    response = other.post("completions", {**body, "source_id": "2"}, **KEY)

    assert response.json()["results"][0]["status"] == "recorded"


def test_while_the_first_is_being_carried_out_the_second_is_told_to_wait(world: World, api: ApiClient) -> None:
    body = report(world)
    api.post("completions", body, **KEY)
    IdempotentRequest.objects.update(status=None)

    response = api.post("completions", body, **KEY)

    assert problem(response, 409) == "key_in_use"
    assert response.headers["Retry-After"] == "1"


def test_a_request_that_died_is_taken_over_after_a_while(world: World, api: ApiClient) -> None:
    body = report(world)
    api.post("completions", body, **KEY)
    IdempotentRequest.objects.update(status=None, begun_at=F("begun_at") - timedelta(minutes=3))

    response = api.post("completions", body, **KEY)

    assert response.json()["results"][0]["status"] == "already_recorded"
    assert api.post("completions", body, **KEY).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("nobody foresaw this")])
def test_a_request_that_failed_may_be_sent_again(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    body = report(world)
    api._http.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("competence.rest_api.completions.current_moment", lambda: (_ for _ in ()).throw(error))
        assert api.post("completions", body, **KEY).status_code in {500, 503}

    assert api.post("completions", body, **KEY).json()["results"][0]["status"] == "recorded"


def test_a_refused_request_may_be_corrected_under_its_key(world: World, api: ApiClient) -> None:
    body = report(world)

    assert problem(api.post("completions", {**body, "course": "nonsense"}, **KEY), 422) == "refused"
    assert api.post("completions", body, **KEY).status_code == 200


def test_after_a_day_the_key_is_forgotten(world: World, api: ApiClient) -> None:
    body = report(world)
    api.post("completions", body, **KEY)
    IdempotentRequest.objects.update(begun_at=timezone.now() - timedelta(hours=25))

    response = api.post("completions", body, **KEY)

    assert response.json()["results"][0]["status"] == "already_recorded"


@pytest.mark.parametrize("key", ["", "x" * 129, "two words", "å"])
def test_a_key_of_another_form_is_refused_by_name(world: World, api: ApiClient, key: str) -> None:
    response = api.post("completions", report(world), **{"Idempotency-Key": key})

    assert problem(response, 400) == "invalid_parameter"
    assert response.json()["errors"][0]["name"] == "Idempotency-Key"


def test_the_kept_answer_is_not_readable_in_the_database(world: World, api: ApiClient) -> None:
    api.post("completions", report(world, source_id="readable"), **KEY)

    assert b"readable" not in bytes(IdempotentRequest.objects.get().answer)


def test_an_answer_under_an_old_key_of_the_service_is_not_invented(world: World, api: ApiClient, settings: Any) -> None:
    body = report(world)
    api.post("completions", body, **KEY)
    settings.SECRET_KEY = "another" * 10

    assert problem(api.post("completions", body, **KEY), 422) == "key_reused"


@pytest.mark.django_db(transaction=True)
def test_of_ten_at_once_one_is_carried_out(world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    body, together = report(world), threading.Barrier(10)
    done: list[int] = []
    answers: list[Any] = []
    from competence.rest_api import completions

    original = completions._report

    def counted(*args: Any) -> Any:
        done.append(1)
        return original(*args)

    monkeypatch.setattr(completions, "_report", counted)

    def send() -> None:
        client = ApiClient(api.client, api.secret, api.token)
        together.wait()
        try:
            answers.append(client.post("completions", body, **KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == 1
    assert len(answers) == 10
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
