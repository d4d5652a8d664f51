"""The API's documentation for people: the OpenAPI document as a page, without scripts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from competence.models.machine_client import Scope
from competence.policy.reasons import Code
from competence.rest_api.api import api
from competence.rest_api.auth import TOKEN_PATH
from competence.rest_api.conditional import SHARED, conditional, weak_tag
from competence.rest_api.openapi.examples import examples_of
from competence.rest_api.problems import CODES, Problem, response_for
from competence.rest_api.schemas import HSA_ID
from lms.lib.access import public
from lms.lib.keeping import say_how_long_to_keep
from lms.users import demo

_FORM_TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>|hx-headers=\'[^\']*\'')


@dataclass(frozen=True)
class Parameter:
    name: str
    description: str
    is_required: bool
    example: str


@dataclass(frozen=True)
class Example:
    """A request's body, if it has one, and what was answered."""

    summary: str
    body: str
    answer: str


@dataclass(frozen=True)
class Operation:
    """One operation, as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    statuses: list[str]
    parameters: list[Parameter]
    fields: list[Parameter]
    examples: list[Example]


@csrf_exempt  # another method is 405 for everybody
@public
@require_safe
def show_docs(request: HttpRequest) -> HttpResponse:
    document = api.get_openapi_schema()
    caller = demo.caller()
    operations = [
        _operation(path, method, details, document)
        for path, methods in document["paths"].items()
        for method, details in methods.items()
    ]
    asked_for = {operation.scope for operation in operations}
    context = {
        "operations": operations,
        "scopes": [(scope, label) for scope, label in Scope.choices if scope in asked_for],
        "problems": [(code, status, _(title)) for code, (status, title) in CODES.items()],
        "codes": list(Code),
        "token_url": f"{settings.BASE_URL}{TOKEN_PATH}",
        "base_url": settings.BASE_URL,
        "hsa_id": caller.hsa_id if caller else HSA_ID,
        "caller": caller,
    }
    page = render(request, "competence/api_docs.html", context)
    # The forms' tokens differ each time, and any of them will do.
    answer = conditional(request, page, tag=weak_tag(_FORM_TOKEN.sub("", page.content.decode())))
    say_how_long_to_keep(request, answer)
    return answer


@csrf_exempt
@public
@require_safe
def show_openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, in the caller's language."""
    content = _document_text(get_language() or "sv", settings.BASE_URL, settings.CONTACT_EMAIL)
    return conditional(request, HttpResponse(content, content_type="application/json"), cache=SHARED)


@cache
def _document_text(language: str, base_url: str, contact: str) -> bytes:
    """Made once for each language; the addresses are those of the settings, which only tests change."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1).encode()


@csrf_exempt
@public
def show_no_such_address(request: HttpRequest, address: str) -> HttpResponse:
    """Every other address below /api/."""
    return response_for(Problem("not_found"))


def _operation(path: str, method: str, details: dict[str, Any], document: dict[str, Any]) -> Operation:
    schema = _resolve(
        details.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema"), document
    )
    return Operation(
        id=details["operationId"],
        method=method.upper(),
        path=path,
        summary=details["summary"],
        description=details.get("description", ""),
        scope=(details["security"] or [{"OAuth2": [""]}])[0]["OAuth2"][0],
        statuses=list(details["responses"]),
        parameters=[
            Parameter(one["name"], one.get("description", ""), one.get("required", False), one.get("example", ""))
            for one in (_resolve(parameter, document) for parameter in details["parameters"])
        ],
        fields=[
            Parameter(name, field.get("description", ""), name in schema.get("required", []), "")
            for name, field in schema.get("properties", {}).items()
        ],
        examples=[_example(one, get_language() or "sv") for one in examples_of(details["operationId"]).values()],
    )


def _example(one: dict[str, Any], language: str) -> Example:
    return Example(
        summary=one["summary"][language],
        body="" if one.get("body") is None else _pretty(one["body"]),
        answer=_pretty(one["answer"][language]),
    )


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _resolve(schema: dict[str, Any] | None, document: dict[str, Any]) -> dict[str, Any]:
    """The schema or parameter itself, behind a reference; of several schemas, the first."""
    if not schema:
        return {}
    if "$ref" in schema:
        _hash, _components, kind, name = schema["$ref"].split("/")
        return _resolve(document["components"][kind][name], document)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return _resolve(schema[choice][0], document)
    return schema
