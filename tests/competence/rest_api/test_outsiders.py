"""Who gets no answer: without a token, with another's, for another system's right or another principal's people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.utils import timezone

from competence.actions.machine_clients import deactivate_machine_client
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import Scope
from competence.models.organisation_unit import PrincipalKind
from tests.factories.competence import BUILDER, CONSUMABLES, SOCIAL_CARE_ORDERER, World, make_person, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

QUESTION = {"hsa_id": "SE2321000131-NOBODY", "right": "websesam.health-care"}
COMPLETION = {"source": "x", "source_id": "1", "hsa_id": "SE2321000131-NOBODY", "course": "x", "completed_at": "x"}


def problem(response: Any, status: int) -> str:
    """The code of a problem document with this status."""
    assert response.status_code == status, response.content.decode()
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert document["type"].endswith(f"/api/v1/docs#problem-{document['code']}")
    assert document["title"]
    return str(document["code"])


# --- Without a token ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic eDp4", "Token x"])
def test_without_a_token_there_is_no_answer(world: World, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    response = Client().get("/api/v1/eligibility", QUESTION, headers=headers)

    assert problem(response, 401) == "unauthenticated"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_invented_token_is_refused(world: World) -> None:
    response = Client().get("/api/v1/eligibility", QUESTION, headers={"Authorization": "Bearer invented"})

    assert problem(response, 401) == "unauthenticated"
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_persons_session_counts_for_nothing(world: World) -> None:
    browser = Client()
    world.manager.is_superuser = True
    world.manager.save()
    browser.force_login(world.manager)

    assert problem(browser.get("/api/v1/eligibility", QUESTION), 401) == "unauthenticated"


def test_a_persons_token_counts_for_nothing(world: World, api: ApiClient) -> None:
    Token.objects.update(user=world.manager)

    assert problem(api.get("eligibility", QUESTION), 401) == "unauthenticated"


def test_a_token_in_the_address_is_refused(world: World, api: ApiClient) -> None:
    response = Client().get("/api/v1/eligibility", {**QUESTION, "access_token": api.token})

    assert problem(response, 401) == "unauthenticated"


def test_an_expired_token_is_refused(world: World, api: ApiClient) -> None:
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert problem(api.get("eligibility", QUESTION), 401) == "unauthenticated"


def test_a33_a_deactivated_client_is_refused_at_once(world: World, api: ApiClient) -> None:
    assert api.get("eligibility", QUESTION).status_code == 200

    deactivate_machine_client(client=api.client, by=BUILDER)

    assert problem(api.get("eligibility", QUESTION), 401) == "unauthenticated"


def test_a33_a_client_that_is_marked_inactive_is_refused_although_its_token_lives(world: World, api: ApiClient) -> None:
    api.client.is_active = False
    api.client.save()

    assert problem(api.get("eligibility", QUESTION), 401) == "unauthenticated"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "eligibility"),
        ("post", "eligibility/batch"),
        ("get", "people/SE2321000131-NOBODY/rights"),
        ("get", "decisions/00000000-0000-0000-0000-000000000000"),
        ("post", "completions"),
    ],
)
def test_every_operation_needs_a_token_with_its_scope(world: World, method: str, path: str) -> None:
    other = make_api_client(scopes=[Scope.STATISTICS_READ])
    body: dict[str, Any] = {"content_type": "application/json"} if method == "post" else {}

    without = getattr(Client(), method)(f"/api/v1/{path}", **body)
    with_another = getattr(Client(), method)(f"/api/v1/{path}", headers=other.headers, **body)

    assert problem(without, 401) == "unauthenticated"
    assert problem(with_another, 403) == "insufficient_scope"
    assert 'error="insufficient_scope"' in with_another.headers["WWW-Authenticate"]


# --- Another system's right -----------------------------------------------------------------------------------------
def test_a40_a_client_asks_about_its_own_rights_only(world: World) -> None:
    client = make_api_client(systems=["websesam"])
    prescriber = make_prescriber(world.clinic, role=CONSUMABLES)

    response = client.get(
        "eligibility", {"hsa_id": prescriber.hsa_id, "right": "sesamlmn.order", "customer_number": "123456"}
    )

    assert problem(response, 403) == "not_your_right"
    assert not DecisionLog.objects.exists()


def test_a40_a_client_sees_only_its_own_rights_in_a_list(world: World) -> None:
    client = make_api_client(systems=["sesamlmn"])
    prescriber = make_prescriber(world.clinic, role=CONSUMABLES)

    rights = client.get(f"people/{prescriber.hsa_id}/rights").json()["rights"]

    assert {answer["right"] for answer in rights} == {"sesamlmn.order", "sesamlmn.withdrawal"}


def test_a40_a_client_without_a_system_asks_about_nothing(world: World) -> None:
    client = make_api_client(systems=[])

    assert problem(client.get("eligibility", QUESTION), 403) == "not_your_right"


def test_a40_a_logged_answer_is_shown_only_to_clients_with_that_right(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    decision_id = api.check(prescriber.hsa_id)["decision_id"]
    other_system = make_api_client(systems=["sesamlmn"])
    other_principal = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    colleague = make_api_client()

    assert problem(other_system.get(f"decisions/{decision_id}"), 404) == "not_found"
    assert problem(other_principal.get(f"decisions/{decision_id}"), 404) == "not_found"
    assert colleague.get(f"decisions/{decision_id}").status_code == 200


def test_a14_a_hidden_answer_looks_as_one_that_is_not_there(world: World, api: ApiClient) -> None:
    prescriber = make_prescriber(world.clinic)
    decision_id = api.check(prescriber.hsa_id)["decision_id"]
    other = make_api_client(systems=["sesamlmn"])

    hidden = other.get(f"decisions/{decision_id}")
    absent = other.get("decisions/00000000-0000-0000-0000-000000000000")

    assert hidden.content == absent.content


# --- Another principal's people -------------------------------------------------------------------------------------
def test_a40_people_of_another_principal_are_as_unknown_as_nobody(world: World) -> None:
    client = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    prescriber = make_prescriber(world.clinic)

    seen = client.check(prescriber.hsa_id)
    nobody = client.check("SE2321000131-NOBODY")

    for answer in (seen, nobody):
        for name in ("hsa_id", "decision_id", "valid_at", "known_at"):
            answer.pop(name)
    assert seen == nobody
    assert seen["missing"][0]["code"] == "UNKNOWN_PERSON"


def test_a40_an_hsa_id_at_another_principal_is_unknown_although_the_person_is_seen_under_another(world: World) -> None:
    client = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    person = make_person()
    elsewhere = make_prescriber(world.clinic, person=person)
    here = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, person=person)

    def codes(answer: dict[str, Any]) -> list[str]:
        return [step["code"] for step in answer["missing"]]

    assert codes(client.check(elsewhere.hsa_id)) == codes(client.check("SE2321000131-NOBODY"))
    asked = [{"id": "1", "hsa_id": one.hsa_id, "right": "websesam.social-care"} for one in (elsewhere, here)]
    hidden, seen = client.post("eligibility/batch", {"checks": asked}).json()["results"]
    assert codes(hidden)[0] == "UNKNOWN_PERSON"
    assert seen["allowed"] is True


def test_a40_people_of_its_own_principal_are_seen(world: World) -> None:
    client = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    orderer = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER)

    assert client.check(orderer.hsa_id, "websesam.social-care")["allowed"] is True


def test_a40_a_look_up_of_somebody_hidden_is_logged_with_the_person_all_the_same(world: World) -> None:
    client = make_api_client(principal_kinds=[PrincipalKind.MUNICIPALITY])
    prescriber = make_prescriber(world.clinic)

    answer = client.check(prescriber.hsa_id)

    assert DecisionLog.objects.get(pk=answer["decision_id"]).person == prescriber.person


# --- Too much -------------------------------------------------------------------------------------------------------
def test_a27_a_client_that_asks_too_often_is_told_to_wait(world: World, api: ApiClient, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2

    first, second, third = (api.get("eligibility", QUESTION) for _number in range(3))

    assert '"requests";r=1;' in first.headers["RateLimit"]
    assert second.status_code == 200
    assert problem(third, 429) == "too_many_requests"
    assert 0 < int(third.headers["Retry-After"]) <= 60


def test_a27_answers_about_people_are_counted_also_in_a_batch(world: World, api: ApiClient, settings: Any) -> None:
    settings.API_ANSWERS_PER_HOUR = 5
    checks = [{"id": str(number), **QUESTION} for number in range(6)]

    assert problem(api.post("eligibility/batch", {"checks": checks}), 429) == "too_many_requests"
    assert not DecisionLog.objects.exists()


def test_one_clients_haste_is_not_anothers(world: World, api: ApiClient, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    other = make_api_client()
    api.get("eligibility", QUESTION)

    assert api.get("eligibility", QUESTION).status_code == 429
    assert other.get("eligibility", QUESTION).status_code == 200


def test_f04_without_a_cache_there_are_answers_all_the_same(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("the cache is away")

    monkeypatch.setattr("competence.rest_api.counting.cache.incr", gone)

    assert api.get("eligibility", QUESTION).status_code == 200
