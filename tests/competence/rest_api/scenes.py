"""Requests that show each operation and each problem, in a small world made for them: the examples of the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import jwt
from django.conf import settings
from django.db import OperationalError, transaction
from django.test import Client, override_settings

from competence.models.machine_client import Scope
from competence.queries.changes import FeedNotReady
from tests.factories.competence import CONSUMABLES, NATIONAL, REGIONAL, World, make_prescriber
from tests.factories.machine_clients import ApiClient, make_api_client

PERSON, OTHER = "SE2321000131-E000000000001", "SE2321000131-E000000000002"
RIGHT = "websesam.health-care"


@dataclass
class Stage:
    """The world, its people and a client for each purpose."""

    world: World
    reader: ApiClient
    names: dict[str, str] = field(default_factory=dict)  # what is there today -> what the example says

    def called(self, value: str, name: str) -> str:
        self.names[value] = name
        return value


@dataclass
class Scene:
    """One request, and how it is described."""

    operation: str
    name: str
    sv: str
    en: str
    path: str
    body: Any = None
    accept: str = "application/json"
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def make_stage(world: World) -> Stage:
    scopes = [scope.value for scope in Scope]
    reader = make_api_client(scopes=scopes)
    return Stage(world, reader, {reader.client.client_id: "websesam"})


def scenes(stage: Stage) -> Iterator[Scene]:
    """The examples of every operation. The stage is built as they go."""
    allowed = stage.called(make_prescriber(stage.world.clinic).hsa_id, PERSON)
    denied = stage.called(make_prescriber(stage.world.clinic, courses=[NATIONAL], is_authorised=False).hsa_id, OTHER)
    lmn = make_prescriber(stage.world.clinic, role=CONSUMABLES)
    stage.called(lmn.hsa_id, "SE2321000131-E000000000003")
    yield Scene(
        "check_eligibility", "allowed", "Får beställa", "May order", f"eligibility?hsa_id={allowed}&right={RIGHT}"
    )
    yield Scene(
        "check_eligibility",
        "denied",
        "Får inte beställa: två steg återstår",
        "May not order: two steps remain",
        f"eligibility?hsa_id={denied}&right={RIGHT}",
    )
    yield Scene(
        "check_eligibility",
        "unknown",
        "Ingen med det HSA-id:t",
        "Nobody with this HSA-ID",
        f"eligibility?hsa_id=SE2321000131-NOBODY&right={RIGHT}",
    )
    yield Scene(
        "check_eligibility",
        "statement",
        "Som signerat intyg (JWT, ES256)",
        "As a signed statement (JWT, ES256)",
        f"eligibility?hsa_id={allowed}&right={RIGHT}",
        accept="application/jwt",
    )
    stated = stage.reader.get("eligibility", {"hsa_id": allowed, "right": RIGHT}, Accept="application/jwt")
    claims = jwt.decode(stated.content.decode(), options={"verify_signature": False})
    yield Scene(
        "show_statement_status",
        "valid",
        "Det gäller fortfarande",
        "It still stands",
        f"statements/{claims['jti']}",
    )
    yield Scene("list_changes", "first", "Från början", "From the beginning", "changes?limit=2")
    yield Scene("list_changes", "latest", "Markören för nu", "The cursor of now", "changes?after=latest")
    yield Scene(
        "check_eligibility_of_many",
        "three",
        "Tre frågor, varav en om en behörighet som inte finns",
        "Three checks, one about a right that does not exist",
        "eligibility/batch",
        {
            "checks": [
                {"id": "1", "hsa_id": allowed, "right": RIGHT},
                {"id": "2", "hsa_id": lmn.hsa_id, "right": "sesamlmn.order", "customer_number": "123456"},
                {"id": "3", "hsa_id": allowed, "right": "websesam.everything"},
            ]
        },
    )
    yield Scene(
        "check_eligibility_of_many",
        "lines",
        "Två frågor, besvarade rad för rad",
        "Two checks, answered line by line",
        "eligibility/batch",
        {
            "checks": [
                {"id": "1", "hsa_id": allowed, "right": RIGHT},
                {"id": "2", "hsa_id": allowed, "right": "websesam.everything"},
            ]
        },
        accept="application/x-ndjson",
    )
    yield Scene("list_rights_of_person", "rights", "Alla behörigheter", "All rights", f"people/{allowed}/rights")
    yield Scene(
        "list_right_holders",
        "unit",
        "De som får beställa i en enhet",
        "Those who may order in a unit",
        f"rights/{RIGHT}/holders?unit={stage.world.clinic.key}",
    )
    decision = stage.reader.check(allowed)["decision_id"]
    yield Scene("show_decision", "replayed", "Ett tidigare svar", "An earlier answer", f"decisions/{decision}")
    completion = {
        "source": "larportal",
        "source_id": "4711",
        "hsa_id": denied,
        "course": REGIONAL,
        "completed_at": "2026-02-03T10:15:00+01:00",
    }
    yield Scene("report_completions", "one", "En genomförd kurs", "One completed course", "completions", completion)
    yield Scene(
        "report_completions",
        "many",
        "Tre: en ny, en som redan var registrerad och en om någon okänd",
        "Three: one new, one recorded before, one about somebody unknown",
        "completions",
        {
            "completions": [
                {**completion, "source_id": "4712", "course": NATIONAL, "hsa_id": lmn.hsa_id, "score": 92},
                completion,
                {**completion, "source_id": "4713", "hsa_id": "SE2321000131-NOBODY"},
            ]
        },
    )
    yield from webhook_scenes(stage)
    yield Scene(
        "read_completion_statistics",
        "months",
        "Per månad",
        "By month",
        "statistics/completions?from=2026-01&to=2026-02",
    )
    yield Scene(
        "read_completion_statistics",
        "csv",
        "Som CSV",
        "As CSV",
        "statistics/completions?from=2026-01&to=2026-02",
        accept="text/csv",
    )


def webhook_scenes(stage: Stage) -> Iterator[Scene]:
    """A webhook's life."""
    address = stage.called("http://127.0.0.1:9/hooks", "https://ordersystem.example/hooks")
    made = stage.reader.post("webhooks", {"url": address, "description": "Behörigheter"}).json()
    own = f"webhooks/{made['id']}"
    body = {"url": address, "description": "Behörigheter", "after": "latest"}
    yield Scene("create_webhook", "made", "Med sin hemlighet", "With its secret", "webhooks", body)
    yield Scene("show_webhook", "one", "En webhook", "One webhook", own)
    yield Scene("change_webhook", "paused", "Pausad", "Paused", own, {"is_active": False}, method="patch")
    yield Scene("test_webhook", "asked", "Testmeddelandet är på väg", "The test is on its way", f"{own}/test", {})
    day = {"overlap_hours": 24}
    yield Scene("rotate_webhook_secret", "day", "Båda i ett dygn", "Both for a day", f"{own}/secret", day)
    yield Scene("remove_webhook", "gone", "Borttagen", "Removed", own, method="delete")
    for other in stage.reader.get("webhooks").json()["webhooks"][1:]:
        stage.reader.send("delete", f"webhooks/{other['id']}")
    yield Scene("list_webhooks", "all", "Alla", "All", "webhooks")


def ask(stage: Stage, scene: Scene, language: str) -> Any:
    """The real answer."""
    headers = {"Accept": scene.accept, "Accept-Language": language, **scene.headers}
    if scene.method == "delete":
        with transaction.atomic():  # it is asked for in each language
            answer = stage.reader.send("delete", scene.path, None, **headers)
            transaction.set_rollback(True)
        return answer
    if scene.method:
        return stage.reader.send(scene.method, scene.path, scene.body, **headers)
    if scene.body is None:
        return stage.reader.get(scene.path, {}, **headers)
    return stage.reader.post(scene.path, scene.body, **headers)


# --- Problems -------------------------------------------------------------------------------------------------------
def problem_scenes(stage: Stage) -> dict[str, Callable[[str], Any]]:
    """For each code, how to meet it: a function of the language."""
    api = stage.reader
    query: dict[str, str | int] = {"hsa_id": PERSON, "right": RIGHT}
    narrow = make_api_client(systems=["websesam"], scopes=[Scope.ELIGIBILITY_READ])
    bound = make_api_client(scopes=[scope.value for scope in Scope], principal_kinds=["municipality"])
    known = stage.called(make_prescriber(stage.world.clinic).hsa_id, PERSON)
    completion = {
        "source": "larportal",
        "source_id": "4711",
        "hsa_id": known,
        "course": REGIONAL,
        "completed_at": "2026-02-03T10:15:00+01:00",
    }
    api.post("completions", completion, **{"Idempotency-Key": "example"})

    def get(client: ApiClient = api, **more: str | int) -> Callable[[str], Any]:
        return lambda language: client.get("eligibility", {**query, **more}, **{"Accept-Language": language})

    def post(body: Any, **headers: str) -> Callable[[str], Any]:
        return lambda language: api.post("completions", body, **{"Accept-Language": language, **headers})

    def raw(method: str, path: str, body: str, media: str) -> Callable[[str], Any]:
        return lambda language: getattr(Client(), method)(
            path, body, content_type=media, headers={**api.headers, "Accept-Language": language}
        )

    def during(context: Any, act: Callable[[str], Any]) -> Callable[[str], Any]:
        def inside(language: str) -> Any:
            with context():
                return act(language)

        return inside

    def broken(error: Exception) -> Callable[[], Any]:
        return lambda: patch("competence.rest_api.answers.state_for", side_effect=error)

    @contextmanager
    def being_carried_out() -> Iterator[None]:
        from competence.models.idempotent_request import IdempotentRequest

        waiting = IdempotentRequest.objects.filter(key="example")
        waiting.update(status=None)
        yield
        waiting.update(status=200)

    batch = "/api/v1/eligibility/batch"
    return {
        "bad_request": raw("post", batch, "{", "application/json"),
        "invalid_parameter": get(hsa_id="19121212-1212"),
        "unknown_parameter": get(order_by="name"),
        "unknown_right": get(right="websesam.everything"),
        "unknown_cursor": lambda language: api.get(
            "changes", {"after": "1.00000000.1"}, **{"Accept-Language": language}
        ),
        "no_rules_then": get(valid_at="2001-01-01T00:00:00Z"),
        "unauthenticated": lambda language: Client().get(
            "/api/v1/eligibility", query, headers={"Authorization": "Bearer old", "Accept-Language": language}
        ),
        "insufficient_scope": lambda language: narrow.post("completions", completion, **{"Accept-Language": language}),
        "not_your_right": get(client=narrow, right="sesamlmn.order", customer_number="123456"),
        "forbidden": lambda language: bound.get(
            "statistics/completions", {"principal": "vgr"}, **{"Accept-Language": language}
        ),
        "not_found": lambda language: api.get(
            "decisions/0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", **{"Accept-Language": language}
        ),
        "method_not_allowed": raw("delete", "/api/v1/eligibility", "", "application/json"),
        "not_acceptable": lambda language: api.get(
            "eligibility", query, **{"Accept": "application/xml", "Accept-Language": language}
        ),
        "conflict": post({**completion, "completed_at": "2026-02-04T10:15:00+01:00"}),
        "key_in_use": during(being_carried_out, post(completion, **{"Idempotency-Key": "example"})),
        "key_reused": post({**completion, "source_id": "4712"}, **{"Idempotency-Key": "example"}),
        "too_large": raw("post", batch, "{" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), "application/json"),
        "unsupported_media_type": raw("post", batch, "<checks/>", "application/xml"),
        "refused": post({**completion, "source_id": "4714", "completed_at": "2199-01-01T00:00:00Z"}),
        "too_many_requests": during(lambda: override_settings(API_REQUESTS_PER_MINUTE=0), get()),
        "server_error": lambda language: during(
            broken(RuntimeError("nobody foresaw this")),
            lambda chosen: Client(raise_request_exception=False).get(
                "/api/v1/eligibility", query, headers={**api.headers, "Accept-Language": chosen}
            ),
        )(language),
        "unavailable": during(broken(OperationalError("away")), get()),
        "revision_not_reached": get(at_least=2**40),
        "feed_not_ready": during(
            lambda: patch("competence.rest_api.changes.feed_row", side_effect=FeedNotReady),
            lambda language: api.get("changes", {}, **{"Accept-Language": language}),
        ),
    }
