"""The API against its own document: schemathesis makes requests of every kind, and no answer is one it does not tell.

Right and wrong data to every operation, methods that there are not, no token and a wrong one; then operations in the
order that their links give. `make test-long` tries many more.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zlib import crc32

import jwt
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from competence.models.machine_client import Scope
from competence.queries.rules import current_rule_book
from competence.rest_api.api import api
from competence.rest_api.quotas import Quota
from tests.factories.competence import CONSUMABLES, MOBILITY, REGIONAL, World, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# `API_EXAMPLES=5000 HYPOTHESIS_PROFILE=long` tries for an hour or two.
EXAMPLES = int(os.environ.get("API_EXAMPLES", "400" if IS_LONG else "12"))
# Walks along links: each is many requests.
WALKS, STEPS = (EXAMPLES // 4, 60) if IS_LONG else (EXAMPLES, 8)
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
    """What there is in the place of most of what was invented in the right form: else hardly anything has an answer."""
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return case
    body = case.body if isinstance(case.body, dict) else {}
    many = [one for name in ("checks", "completions") for one in body.get(name) or [] if isinstance(one, dict)]
    for one in (case.query, case.path_parameters, body, *many):
        _fill_in(one if isinstance(one, dict) else {})
    return case


def _fill_in(values: dict[str, Any]) -> None:
    for name, choices in there.items():
        value = values.get(name)
        if choices and isinstance(value, str | int) and not isinstance(value, bool) and value not in given:
            number = crc32(str(value).encode())
            if number % 5:  # a fifth stays as it was invented
                values[name] = choices[number % len(choices)]


# What there is, by the name of the parameter or field.
there: dict[str, list[Any]] = {}
# Ids that answers have given since the beginning of a walk along links. They are new each time, and nothing may be
# chosen by them: Hypothesis walks the same way again, and ends it as inconsistent when an answer has another status,
# for then other links are open.
given: set[str] = set()
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
schema = make_schema()


@pytest.fixture
def reader(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiClient]:
    """A client that may do everything and is never told to wait, and what it can ask about."""
    settings.API_REQUESTS_PER_MINUTE = settings.API_ANSWERS_PER_HOUR = 10**9
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr("competence.actions.webhooks.resolve", lambda *args, **kwargs: ["127.0.0.1"])  # nobody is asked
    monkeypatch.setattr("competence.rest_api.statements.BY_ADDRESS", Quota("statement-status", 10**9, 60))
    client = make_api_client(scopes=[scope.value for scope in Scope])
    people = [make_prescriber(world.clinic, role=role).hsa_id for role in (MOBILITY, CONSUMABLES)]
    now = timezone.localtime()
    instants = [(now + timedelta(days=days)).isoformat() for days in (-30, -1, 0, 30)]
    there.update(
        hsa_id=people,
        right=["websesam.health-care", "websesam.unit", "websesam.social-care", "sesamlmn.order"],
        customer_number=["123456"],
        product_group=sorted(current_rule_book().in_force(now, now).product_groups),
        valid_at=instants,
        known_at=instants[:3],
        completed_at=instants[:3],
        at_least=[0, 1],
        course=[REGIONAL],
        unit=[world.clinic.key],
        webhook_id=[webhook_of(client, number) for number in range(5)],
        decision_id=[client.check(person)["decision_id"] for person in people] + [statement_of(client, people[0])],
        url=["https://ordersystem.example/hooks"],
    )
    # The requests share the test's transaction, as those of Django's own test client do.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield client
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    there.clear()


def webhook_of(client: ApiClient, number: int) -> str:
    """The number of a webhook that is registered."""
    made = client.post("webhooks", {"url": f"https://ordersystem.example/{number}"}).json()
    return str(made["id"])


def statement_of(client: ApiClient, hsa_id: str) -> str:
    """The decision of which a signed statement was given."""
    asked = {"hsa_id": hsa_id, "right": "websesam.health-care"}
    answer = client.get("eligibility", asked, Accept="application/jwt")
    return str(jwt.decode(answer.content, options={"verify_signature": False})["jti"])


@schema.parametrize()  # type: ignore[untyped-decorator]
@effort
def test_every_operation_does_what_the_document_says(case: Any, reader: ApiClient) -> None:
    with transaction.atomic():
        case.call_and_validate(headers=reader.headers, checks=checks())
        transaction.set_rollback(True)  # each case finds everything as it was


def ids_in(response: Any) -> set[str]:
    """The ids of decisions and webhooks in an answer."""
    return set(ID.findall(response.content.decode(errors="replace")))


def make_machine(reader: ApiClient, followed: set[str], answers: Counter[int]) -> Any:
    """What follows the links, and notes the operations that it came to and the statuses of what it was answered."""

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        """Follows the links: a check and its decision, a completion and the check after it."""

        def setup(self) -> None:
            given.clear()
            self.savepoint = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)  # the next run finds everything as it was
            super().teardown()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": reader.headers}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            followed.add(case.operation.definition.raw["operationId"])
            given.update(ids_in(response))
            answers[response.status_code] += 1
            case.validate_response(response, checks=checks(), headers=reader.headers)

    return Machine


def test_what_the_links_lead_to_does_so_too(reader: ApiClient) -> None:
    followed: set[str] = set()
    answers: Counter[int] = Counter()
    make_machine(reader, followed, answers).run(
        settings=settings(effort, max_examples=WALKS, stateful_step_count=STEPS)
    )
    print(f"{answers.total()} requests along links: {dict(sorted(answers.items()))}")  # noqa: T201 - seen with -s
    assert len(followed) >= 5, followed
