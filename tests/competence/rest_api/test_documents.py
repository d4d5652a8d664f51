"""The OpenAPI document and the page made from it say what the API does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from competence.models.machine_client import Scope
from competence.policy.reasons import Code
from competence.rest_api.media import media_types_of
from competence.rest_api.problems import CODES
from tests.factories.competence import SOCIAL_CARE_ORDERER, World, make_prescriber
from tests.factories.machine_clients import ApiClient


@pytest.fixture
def document(db: None) -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that need a token."""
    every = [operation for methods in document["paths"].values() for operation in methods.values()]
    return [operation for operation in every if operation["security"]]


def schema_of(document: dict[str, Any], path: str, method: str, status: str = "200") -> dict[str, Any]:
    content = document["paths"][path][method]["responses"][status]["content"]
    return {**next(iter(content.values()))["schema"], "components": document["components"]}


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/eligibility" in document["paths"]


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate(document, cls=OpenAPIV31SpecValidator)


def test_it_names_contact_servers_tags_and_where_to_read_more(document: dict[str, Any], settings: Any) -> None:
    assert document["info"]["contact"]["email"] == settings.CONTACT_EMAIL
    assert document["servers"][0]["url"] == settings.BASE_URL
    assert document["externalDocs"]["url"].endswith("/api/v1/docs")
    every = [operation for methods in document["paths"].values() for operation in methods.values()]
    used = {tag for operation in every for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document["tags"]}
    assert all(tag["description"] != tag["name"] for tag in document["tags"])


def test_every_answer_tells_its_headers(document: dict[str, Any]) -> None:
    declared = document["components"]["headers"]
    for operation in operations(document):
        for status, response in operation["responses"].items():
            names = set(response["headers"])
            assert names <= set(declared)
            assert {"Content-Language", "Vary", "Cache-Control"} <= names
            assert ("Retry-After" in names) == (status in {"429", "503"})
            assert ("WWW-Authenticate" in names) == (status in {"401", "403"})
            assert ("RateLimit" in names) == (status not in {"401", "406"})


def test_links_lead_to_operations_and_their_parameters(document: dict[str, Any]) -> None:
    every = [operation for methods in document["paths"].values() for operation in methods.values()]
    by_id = {operation["operationId"]: operation for operation in every}
    links = [link for one in by_id.values() for link in one["responses"]["200"].get("links", {}).values()]

    assert len(links) >= 5
    for link in links:
        names = {one.get("name") for one in by_id[link["operationId"]]["parameters"]}
        assert set(link["parameters"]) <= names


def test_it_says_in_which_forms_each_address_answers(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        given = {media for one in methods.values() for media in one["responses"]["200"]["content"]}
        assert given == set(media_types_of(path)), path


def test_it_declares_the_whole_security_scheme(document: dict[str, Any], settings: Any) -> None:
    scheme = document["components"]["securitySchemes"]["OAuth2"]

    assert scheme["type"] == "oauth2"
    flow = scheme["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == f"{settings.BASE_URL}/identity/o/api/token"
    assert set(flow["scopes"]) == set(Scope.values)
    for operation in operations(document):
        assert operation["security"][0]["OAuth2"][0] in Scope.values


REFUSING = {"report_completions", "create_webhook", "change_webhook", "rotate_webhook_secret"}


def test_it_declares_the_problems_of_every_operation(document: dict[str, Any]) -> None:
    for operation in operations(document):
        assert {"200", "400", "401", "403", "406", "429", "500", "503"} <= set(operation["responses"])
        assert "422" not in operation["responses"] or operation["operationId"] in REFUSING
        for status, response in operation["responses"].items():
            if status == "304":
                assert "content" not in response
            elif status != "200":
                assert list(response["content"]) == ["application/problem+json"]


def test_answers_have_the_form_that_it_promises(world: World, api: ApiClient, document: dict[str, Any]) -> None:
    warned = make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=())
    denied = make_prescriber(world.clinic, courses=())
    schema = schema_of(document, "/api/v1/eligibility", "get")
    answers = [api.check(warned.hsa_id, "websesam.social-care"), api.check(denied.hsa_id)]
    for answer in answers:
        Draft202012Validator(schema).validate(answer)
        assert set(answer) == set(document["components"]["schemas"]["EligibilityAnswer"]["properties"])
    batch = api.post(
        "eligibility/batch",
        {"checks": [{"id": "1", "hsa_id": denied.hsa_id, "right": "websesam.unit"}]},
    ).json()
    Draft202012Validator(schema_of(document, "/api/v1/eligibility/batch", "post")).validate(batch)
    rights = api.get(f"people/{denied.hsa_id}/rights").json()
    Draft202012Validator(schema_of(document, "/api/v1/people/{hsa_id}/rights", "get")).validate(rights)
    decision = api.get(f"decisions/{answers[0]['decision_id']}").json()
    Draft202012Validator(schema_of(document, "/api/v1/decisions/{decision_id}", "get")).validate(decision)
    problem = api.get("eligibility").json()
    Draft202012Validator(schema_of(document, "/api/v1/eligibility", "get", "400")).validate(problem)


def test_what_anybody_may_ask_says_so(document: dict[str, Any]) -> None:
    every = [operation for methods in document["paths"].values() for operation in methods.values()]
    public = [operation for operation in every if not operation["security"]]

    assert [operation["operationId"] for operation in public] == ["show_statement_status"]
    assert "401" not in public[0]["responses"]


def test_its_texts_follow_the_readers_language() -> None:
    client = Client()
    swedish = client.get("/api/v1/openapi.json").json()
    english = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json()

    summaries = [document["paths"]["/api/v1/eligibility"]["get"]["summary"] for document in (swedish, english)]

    assert summaries == ["Får den här personen beställa?", "May this person order?"]


def test_the_page_names_every_operation_scope_code_and_error(db: None) -> None:
    page = Client().get("/api/v1/docs").content.decode()

    for word in [*Code, *CODES, "/api/v1/eligibility/batch", "hsa_id"]:
        assert word in page
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    asked_for = {scope for one in operations for way in one["security"] or [] for scope in way["OAuth2"]}
    assert len(asked_for) >= 3
    for scope in Scope.values:
        assert (f'<th scope="row"><code>{scope}</code>' in page) is (scope in asked_for)
    for code in CODES:
        assert f'id="problem-{code}"' in page


def test_the_page_needs_no_script_and_obeys_the_policy(db: None) -> None:
    response = Client().get("/api/v1/docs")

    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "<script>" not in response.content.decode()
    assert "cdn" not in response.content.decode()
