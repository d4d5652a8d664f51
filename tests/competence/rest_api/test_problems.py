"""Every error is a problem document that says what is wrong, and never a permit."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from competence.models.decision_log import DecisionLog
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import World, make_prescriber
from tests.factories.machine_clients import ApiClient

HSA_ID = "SE2321000131-NOBODY"
RIGHT = "websesam.health-care"


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [
        ({"right": RIGHT}, "invalid_parameter", "hsa_id"),
        ({"hsa_id": HSA_ID}, "invalid_parameter", "right"),
        ({"hsa_id": "", "right": RIGHT}, "invalid_parameter", "hsa_id"),
        ({"hsa_id": "19121212-1212", "right": RIGHT}, "invalid_parameter", "hsa_id"),
        ({"hsa_id": "SE232100013١-X", "right": RIGHT}, "invalid_parameter", "hsa_id"),
        ({"hsa_id": f"{HSA_ID}\n", "right": RIGHT}, "invalid_parameter", "hsa_id"),
        ({"hsa_id": HSA_ID, "right": "websesam.nonsense"}, "unknown_right", "right"),
        ({"hsa_id": HSA_ID, "right": "x" * 1000}, "invalid_parameter", "right"),
        ({"hsa_id": HSA_ID, "right": "sesamlmn.order"}, "invalid_parameter", "customer_number"),
        (
            {"hsa_id": HSA_ID, "right": "sesamlmn.order", "customer_number": "12"},
            "invalid_parameter",
            "customer_number",
        ),
        ({"hsa_id": HSA_ID, "right": RIGHT, "product_group": "x\x00"}, "invalid_parameter", "product_group"),
        (
            {"hsa_id": HSA_ID, "right": RIGHT, "product_group": "forbrukningsartiklar"},
            "invalid_parameter",
            "product_group",
        ),
        ({"hsa_id": HSA_ID, "right": RIGHT, "valid_at": "2026-03-01"}, "invalid_parameter", "valid_at"),
        ({"hsa_id": HSA_ID, "right": RIGHT, "valid_at": "2026-03-01T08:00:00"}, "invalid_parameter", "valid_at"),
        ({"hsa_id": HSA_ID, "right": RIGHT, "valid_at": "9999-12-31T23:59:59Z"}, "invalid_parameter", "valid_at"),
        ({"hsa_id": HSA_ID, "right": RIGHT, "known_at": "yesterday"}, "invalid_parameter", "known_at"),
        ({"hsa_id": HSA_ID, "right": RIGHT, "at_least": "-1"}, "invalid_parameter", "at_least"),
        ({"hsa_id": HSA_ID, "right": RIGHT, "at_least": "many"}, "invalid_parameter", "at_least"),
        ({"hsa_id": HSA_ID, "right": [RIGHT, "websesam.unit"]}, "invalid_parameter", "right"),
    ],
)
def test_what_is_wrong_is_named(world: World, api: ApiClient, query: dict[str, Any], code: str, name: str) -> None:
    response = api.get("eligibility", query)

    assert problem(response, 400) == code
    assert name in {error["name"] for error in response.json()["errors"]}
    assert not DecisionLog.objects.exists()


@pytest.mark.parametrize("name", ["order_by", "_connector", "hsa_id__startswith", "HSA_ID"])
def test_a43_an_unknown_parameter_is_refused_by_name(world: World, api: ApiClient, name: str) -> None:
    response = api.get("eligibility", {"hsa_id": HSA_ID, "right": RIGHT, name: "1"})

    assert problem(response, 400) == "unknown_parameter"
    assert [error["name"] for error in response.json()["errors"]] == [name]
    assert name in response.json()["detail"]


def test_a43_other_operations_refuse_unknown_parameters_too(world: World, api: ApiClient) -> None:
    assert problem(api.get(f"people/{HSA_ID}/rights?sort=x"), 400) == "unknown_parameter"
    assert problem(api.post("completions?dry_run=1", {}), 400) == "unknown_parameter"


@pytest.mark.parametrize("name", ["valid_at", "known_at"])
def test_a_time_before_any_rules_is_an_error(world: World, api: ApiClient, name: str) -> None:
    then = {name: "2001-01-01T00:00:00Z"}
    response = api.get("eligibility", {"hsa_id": HSA_ID, "right": RIGHT, **then})

    assert problem(response, 400) == "no_rules_then"
    assert problem(api.get(f"people/{HSA_ID}/rights", then), 400) == "no_rules_then"


def test_the_detail_is_in_the_callers_language(world: World, api: ApiClient) -> None:
    query = {"hsa_id": "x", "right": RIGHT}

    swedish = api.get("eligibility", query).json()
    english = api.get("eligibility", query, **{"Accept-Language": "en-GB"}).json()

    assert swedish["detail"].startswith("HSA-id")
    assert english["detail"].startswith("The HSA-ID")
    assert swedish["title"] != english["title"]


@pytest.mark.parametrize("path", ["nonsense", "eligibility/", "", "decisions/1", "people"])
def test_an_address_that_is_not_there_is_a_problem_too(world: World, api: ApiClient, path: str) -> None:
    assert problem(api.get(path), 404) == "not_found"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_another_method_is_refused_with_those_that_are_allowed(world: World, api: ApiClient, method: str) -> None:
    response = getattr(Client(), method)("/api/v1/eligibility", content_type="application/json", headers=api.headers)

    assert problem(response, 405) == "method_not_allowed"
    assert response.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "body", "name", "sentence"),
    [
        ("changes?limit=0", None, "limit", "is to be at least 1."),
        ("changes?limit=1001", None, "limit", "is to be at most 1000."),
        ("changes?limit=many", None, "limit", "is to be a whole number."),
        ("eligibility/batch", [], "body", "is to be an object with named fields."),
        ("eligibility/batch", {"checks": "all"}, "checks", "is to be a list."),
        ("eligibility/batch", {"checks": []}, "checks", "is empty or too short."),
        ("eligibility/batch", {"checks": [1]}, "checks[0]", "is to be an object with named fields."),
        ("eligibility/batch", {"checks": [{"hsa_id": 1, "right": RIGHT}]}, "checks[0].hsa_id", "is to be text."),
        ("completions", {"completions": [{"score": "much"}]}, "completions[0].score", "is to be a number."),
        ("webhooks", {"url": "x" * 3000}, "url", "is longer than"),
    ],
)
def test_what_a_value_is_to_be_is_said(
    world: World, api: ApiClient, path: str, body: Any, name: str, sentence: str
) -> None:
    english = {"Accept-Language": "en"}
    response = api.get(path, None, **english) if body is None else api.post(path, body, **english)

    assert problem(response, 400) == "invalid_parameter"
    said = {error["name"]: error["detail"] for error in response.json()["errors"]}
    assert said[name].startswith(sentence), said


def test_the_name_of_the_body_is_the_same_in_both_languages(world: World, api: ApiClient) -> None:
    for language in ("sv", "en"):
        response = api.post("eligibility/batch", [], **{"Accept-Language": language})
        assert [error["name"] for error in response.json()["errors"]] == ["body"]


def test_only_json_is_given(world: World, api: ApiClient) -> None:
    response = api.get("eligibility", {"hsa_id": HSA_ID, "right": RIGHT}, Accept="text/html")

    assert problem(response, 406) == "not_acceptable"
    assert response.json()["detail"].endswith("application/json, application/jwt.")


def test_only_json_is_taken(world: World, api: ApiClient) -> None:
    response = Client().post("/api/v1/completions", {"a": "b"}, headers=api.headers)

    assert problem(response, 415) == "unsupported_media_type"


@pytest.mark.parametrize("body", [" ", "{", "[1", '"text"', "null", "[]"])
def test_a_body_that_is_no_object_is_a_problem(world: World, api: ApiClient, body: str) -> None:
    response = Client().post("/api/v1/eligibility/batch", body, content_type="application/json", headers=api.headers)

    assert problem(response, 400) in {"bad_request", "invalid_parameter"}


def test_a_body_that_is_too_large_is_refused(world: World, api: ApiClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = api.post("completions", {"x": "y" * 2000})

    assert problem(response, 413) == "too_large"
    assert "1000" in response.json()["detail"]


def test_nothing_is_kept_in_caches(world: World, api: ApiClient) -> None:
    answer = api.get("eligibility", {"hsa_id": HSA_ID, "right": RIGHT})
    assert answer.headers["Cache-Control"] == "private, no-cache", "the caller asks each time whether it still holds"
    assert api.get("eligibility").headers["Cache-Control"] == "no-store"


# --- Faults ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "where",
    [
        "competence.rest_api.answers.state_for",
        "competence.rest_api.eligibility.load_names",
        "competence.rest_api.given.facts_for",
        "competence.models.decision_log.DecisionLog.save",
        "competence.rest_api.auth._caller",
    ],
)
def test_p02_a_database_that_fails_anywhere_gives_503_and_never_a_permit(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    prescriber = make_prescriber(world.clinic)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(where, fail)
    response = api.get("eligibility", {"hsa_id": prescriber.hsa_id, "right": RIGHT})

    assert problem(response, 503) == "unavailable"
    assert response.headers["Retry-After"] == "1"
    assert "allowed" not in response.json()
    assert "closed" not in response.content.decode(), "nothing of the inside is told"


def test_p02_a_fault_of_ours_gives_500_and_never_a_permit(
    world: World, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("competence.rest_api.answers.decide", fail)
    browser = Client(raise_request_exception=False)

    response = browser.get("/api/v1/eligibility", {"hsa_id": HSA_ID, "right": RIGHT}, headers=api.headers)

    assert problem(response, 500) == "server_error"
    assert "foresaw" not in response.content.decode()
