"""The API against its own document: schemathesis makes requests of every kind, and no answer is one it does not tell.

Right and wrong data to every operation, methods that there are not, no token and a wrong one; then operations in the
order that their links give. `make test-long` tries many more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from competence.models.machine_client import Scope
from competence.rest_api.api import api
from tests.factories.competence import CONSUMABLES, MOBILITY, REGIONAL, World, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EXAMPLES = 400 if IS_LONG else 12
STEPS = 60 if IS_LONG else 8
RIGHTS = ("websesam.health-care", "websesam.unit", "websesam.social-care", "sesamlmn.order")
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
pytestmark = pytest.mark.properties
effort = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=not IS_LONG,
    suppress_health_check=list(HealthCheck),
)


def checks() -> list[Any]:
    from schemathesis.checks import CHECKS as KNOWN
    from schemathesis.checks import load_all_checks

    load_all_checks()
    return [no_server_error, *KNOWN.get_by_names(list(CHECKS))]


def no_server_error(context: Any, response: Any, case: Any) -> None:
    """No 5xx, but that a revision which does not exist has not been reached."""
    if response.status_code >= 500:
        assert response.json()["code"] == "revision_not_reached", response.text


def make_schema() -> Any:
    """The document, before any server is there: pytest makes a test of each operation."""
    document = json.loads(json.dumps(api.get_openapi_schema()))
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())
    schema.app = WSGIHandler()
    schema.hook("map_case")(be_sensible)
    return schema


def be_sensible(context: Any, case: Any) -> Any:
    """Rights and people that there are, in the place of invented ones of the right form."""
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return case
    body = case.body if isinstance(case.body, dict) else {}
    many = [one for name in ("checks", "completions") for one in body.get(name) or [] if isinstance(one, dict)]
    for one in (case.query, case.path_parameters, body, *many):
        _fill_in(one or {})
    return case


def _fill_in(values: dict[str, Any]) -> None:
    right, hsa_id, course = values.get("right"), values.get("hsa_id"), values.get("course")
    if isinstance(right, str) and right:
        values["right"] = RIGHTS[len(right) % len(RIGHTS)]
    if people and isinstance(hsa_id, str) and hsa_id.upper().startswith("SE") and len(hsa_id) % 3:
        values["hsa_id"] = people[len(hsa_id) % len(people)]
    if isinstance(course, str) and len(course) % 2:
        values["course"] = REGIONAL


people: list[str] = []
schema = make_schema()


@pytest.fixture
def reader(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiClient]:
    """A client that may do everything and is never told to wait, and people to ask about."""
    settings.API_REQUESTS_PER_MINUTE = settings.API_ANSWERS_PER_HOUR = 10**9
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr("competence.actions.webhooks.resolve", lambda *args, **kwargs: ["127.0.0.1"])  # nobody is asked
    people[:] = [make_prescriber(world.clinic, role=role).hsa_id for role in (MOBILITY, CONSUMABLES)]
    client = make_api_client(scopes=[scope.value for scope in Scope])
    # The requests share the test's transaction, as those of Django's own test client do.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield client
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    people.clear()


@schema.parametrize()  # type: ignore[untyped-decorator]
@effort
def test_every_operation_does_what_the_document_says(case: Any, reader: ApiClient) -> None:
    case.call_and_validate(headers=reader.headers, checks=checks())


def test_what_the_links_lead_to_does_so_too(reader: ApiClient) -> None:
    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        """Follows the links: a check and its decision, a completion and the check after it."""

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": reader.headers}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            followed.add(case.operation.definition.raw["operationId"])
            case.validate_response(response, checks=checks(), headers=reader.headers)

    followed: set[str] = set()
    Machine.run(settings=settings(effort, stateful_step_count=STEPS))
    assert len(followed) >= 5, followed
