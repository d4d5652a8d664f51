"""What holds of every operation that the document names, also of those that come later."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from competence.models.machine_client import Scope
from competence.rest_api.openapi.examples import examples_of
from tests.competence.rest_api.test_outsiders import problem
from tests.factories.competence import World
from tests.factories.machine_clients import ApiClient, make_api_client

VALUES = {"hsa_id": "SE2321000131-NOBODY", "right": "websesam.health-care"}
UUID = "00000000-0000-0000-0000-000000000000"


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path with its parameters filled in, and details of each."""
    from competence.rest_api.api import api

    return [
        (method, re.sub(r"\{(\w+)\}", lambda name: VALUES.get(name[1], UUID), path), details)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, details in methods.items()
        if details["security"]  # those that anybody may ask have tests of their own
    ]


def call(client: ApiClient, method: str, path: str, details: dict[str, Any], query: str = "", body: Any = None) -> Any:
    words: dict[str, Any] = {"headers": client.headers}
    if "requestBody" in details:
        words |= {"data": body if body is not None else body_of(details), "content_type": "application/json"}
    return getattr(Client(), method)(f"{path}{query}", **words)


def body_of(details: dict[str, Any]) -> Any:
    """A body that is right, as the first example has it."""
    return next(one["body"] for one in examples_of(details["operationId"]).values() if one["body"] is not None)


@pytest.fixture
def all_scopes(world: World) -> ApiClient:
    return make_api_client(scopes=[scope.value for scope in Scope])


def test_there_are_operations_to_try(db: None) -> None:
    assert len(operations()) >= 6


@pytest.mark.parametrize("name", ["order_by", "_connector", "hsa_id__startswith", "HSA_ID", "access_token", "$where"])
def test_a43_every_operation_refuses_an_unknown_parameter_by_name(all_scopes: ApiClient, name: str) -> None:
    for method, path, details in operations():
        response = call(all_scopes, method, path, details, query=f"?{name}=1")

        assert problem(response, 400) == "unknown_parameter", path
        assert [error["name"] for error in response.json()["errors"]] == [name], path


@pytest.mark.parametrize("name", ["order_by", "_connector", "hsa_id__startswith", "__proto__"])
def test_a43_every_body_refuses_an_unknown_field_by_name(all_scopes: ApiClient, name: str) -> None:
    tried = 0
    for method, path, details in operations():
        if "requestBody" in details:
            response = call(all_scopes, method, path, details, body={**body_of(details), name: "1"})

            assert problem(response, 400) == "unknown_parameter", path
            assert [error["name"] for error in response.json()["errors"]] == [name], path
            tried += 1
    assert tried >= 2


def test_a43_every_operation_refuses_a_parameter_that_is_given_twice(all_scopes: ApiClient) -> None:
    for method, path, details in operations():
        for one in details["parameters"]:
            if one.get("in") == "query":
                response = call(all_scopes, method, path, details, query=f"?{one['name']}=1&{one['name']}=2")
                assert problem(response, 400) in {"invalid_parameter", "unknown_parameter"}, path


def test_every_operation_needs_a_token_with_its_scope(world: World) -> None:
    for method, path, details in operations():
        scope = details["security"][0]["OAuth2"][0]
        other = make_api_client(scopes=[one.value for one in Scope if one.value != scope])

        without = getattr(Client(), method)(path)
        with_another = call(other, method, path, details)

        assert problem(without, 401) == "unauthenticated", path
        assert problem(with_another, 403) == "insufficient_scope", path
        assert f'scope="{scope}"' in with_another.headers["WWW-Authenticate"]


def test_every_body_must_be_json_and_every_answer_be_wanted(all_scopes: ApiClient) -> None:
    for method, path, details in operations():
        unwanted = getattr(Client(), method)(path, headers={**all_scopes.headers, "Accept": "image/png"})
        assert problem(unwanted, 406) == "not_acceptable", path
        if "requestBody" in details:
            response = getattr(Client(), method)(
                path, data="<x/>", content_type="application/xml", headers=all_scopes.headers
            )
            assert problem(response, 415) == "unsupported_media_type", path
            assert response.headers["Accept"] == "application/json"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_problem_is_in_the_callers_language_and_says_so(all_scopes: ApiClient, language: str) -> None:
    titles = {"sv": "Det finns ingen sådan parameter", "en": "There is no such parameter"}
    all_scopes.headers["Accept-Language"] = f"fr, {language};q=0.5, *;q=0"
    for method, path, details in operations():
        response = call(all_scopes, method, path, details, query="?order_by=1")

        assert response.json()["title"] == titles[language], path
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nonsense", 404, "not_found"),
        ("get", "/api/", 404, "not_found"),
        ("get", "/api/v2/eligibility", 404, "not_found"),
        ("delete", "/api/v1/eligibility", 405, "method_not_allowed"),
        ("post", "/api/v1/docs", 405, "method_not_allowed"),
        ("post", "/api/v1/openapi.json", 405, "method_not_allowed"),
        ("get", "/identity/o/api/nonsense", 404, "not_found"),
        ("get", "/identity/o/api/token", 405, "method_not_allowed"),
    ],
)
def test_errors_outside_the_operations_are_problems_too(
    db: None, method: str, path: str, status: int, code: str
) -> None:
    for language, word in {"sv": "inte", "en": "not"}.items():
        response = getattr(Client(), method)(path, headers={"Accept-Language": language})

        assert problem(response, status) == code
        assert word in response.json()["title"].lower()
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.headers["Vary"]


def test_the_token_endpoints_own_errors_stay_those_of_oauth(world: World) -> None:
    response = Client().post("/identity/o/api/token", {"grant_type": "client_credentials"})

    assert response.status_code in {400, 401}
    assert "error" in response.json()


def test_a_character_that_no_database_keeps_is_nobodys_fault_but_the_callers(all_scopes: ApiClient) -> None:
    """PostgreSQL takes no NUL; each text of each operation is tried with one."""
    webhook = all_scopes.post("webhooks", {"url": "https://127.0.0.1/hook"}).json()
    tried = 0
    for method, path, details in operations():
        path = path.replace(UUID, webhook["id"]) if "/webhooks/" in path else path
        queries = [f"?{one['name']}=a%00b" for one in details["parameters"] if one.get("in") == "query"]
        answers = [call(all_scopes, method, path, details, query=query) for query in queries]
        answers += [call(all_scopes, method, path, details, body=body) for body in _with_a_nul(details)]
        tried += len(answers)
        assert [answer.status_code for answer in answers if answer.status_code >= 500] == [], path
    assert tried >= 20


def _with_a_nul(details: dict[str, Any]) -> list[Any]:
    """The operation's example bodies with a NUL in one text each, down to the items of lists."""
    from competence.rest_api.webhooks_schemas import WebhookChange

    if "requestBody" not in details:
        return []
    found: list[Any] = []
    base = body_of(details)
    if details["operationId"] == "change_webhook":
        base = dict.fromkeys(WebhookChange.model_fields, "latest") | {"url": "https://127.0.0.1/hook"}
        found += [{"description": "a\0b"}, {"after": "a\0b"}]
    if details["operationId"] == "create_webhook":
        found.append({"url": "https://127.0.0.1/hook", "description": "a\0b"})
    for name, value in base.items():
        if isinstance(value, str):
            found.append({**base, name: f"{value}\0"})
        elif isinstance(value, list):
            item = value[0]
            found += [{**base, name: [{**item, key: f"{text}\0"}]} for key, text in item.items() if type(text) is str]
    return found
