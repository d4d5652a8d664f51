"""Makes ninja's OpenAPI document whole: every status, header, problem, example, scope and link."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from competence.models.machine_client import Scope
from competence.rest_api import problems
from competence.rest_api.openapi import examples
from competence.rest_api.openapi.declared import IS_CONDITIONAL, IS_IDEMPOTENT, PROBLEMS
from competence.rest_api.openapi.headers import PARAMETERS, components, headers_of
from competence.rest_api.openapi.links import links_of
from competence.rest_api.openapi.public import public_paths
from competence.rest_api.schemas import ProblemOut

LONG_DESCRIPTION = _(
    "Who may order medical aids, why, and what remains to be done. Get a token by client credentials, keep it for its "
    "hour, and ask. Only an answer with status 200 and allowed: true is a permit. Codes never change their meaning; "
    "texts may. Every error is a problem document (RFC 9457). Fields and operations may be added: read what you know."
)
TAGS = {
    "eligibility": _("May this person order? One, many, all rights of one person, and answers given before."),
    "changes": _("What has changed, in order, and who holds a right now."),
    "statements": _("Answers as signed statements, and whether they still hold."),
    "webhooks": _("Changes sent to you, signed."),
    "completions": _("Completed courses that you report."),
    "statistics": _("Figures, small groups hidden."),
}
# What every operation may answer, beside its own.
EVERYWHERE = (
    "invalid_parameter",
    "unknown_parameter",
    "unauthenticated",
    "insufficient_scope",
    "forbidden",
    "not_acceptable",
    "too_many_requests",
    "server_error",
    "unavailable",
)
IN_PATHS = {
    "hsa_id": _("HSA-ID of the person, as the employer of the assignment knows them."),
    "decision_id": _("decision_id of the answer."),
}
PUBLIC = ("not_acceptable", "too_many_requests", "server_error", "unavailable")
WITH_BODY = ("bad_request", "too_large", "unsupported_media_type")
WITH_AT_LEAST = ("revision_not_reached",)
IDEMPOTENT = ("key_in_use", "key_reused")


def complete(document: dict[str, Any], scopes: Mapping[str, Scope]) -> dict[str, Any]:
    """The document in the active language. `scopes`: the scope that each operation (by id) demands."""
    document = deepcopy(document)  # parts of it belong to the operations themselves
    document["info"]["description"] = LONG_DESCRIPTION
    document["info"]["contact"] = {"name": "Hjälpmedel i Västra Götaland", "url": settings.BASE_URL}
    if settings.CONTACT_EMAIL:
        document["info"]["contact"]["email"] = settings.CONTACT_EMAIL
    document["info"]["license"] = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
    document["servers"] = [{"url": settings.BASE_URL, "description": _("This service.")}]
    document["externalDocs"] = {
        "url": f"{settings.BASE_URL}{problems.DOCS_PATH}",
        "description": _("How to begin, in ten minutes."),
    }
    parts = document["components"]
    parts["schemas"]["Problem"] = ProblemOut.model_json_schema()
    parts["schemas"].pop("ProblemOut", None)
    parts["headers"] = components()
    parts["parameters"] = {name: dict(one) for name, one in PARAMETERS.items()}
    _describe_scheme(parts["securitySchemes"]["OAuth2"])
    document["paths"].update(public_paths())
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    ids = {operation["operationId"] for operation in operations}
    for operation in operations:
        _complete_operation(operation, scopes.get(operation["operationId"]), ids)
    used = {tag for operation in operations for tag in operation.get("tags", [])}
    document["tags"] = [{"name": name, "description": TAGS.get(name, name)} for name in TAGS if name in used]
    return _translated(_with_problem(document))  # type: ignore[no-any-return]


def _describe_scheme(scheme: dict[str, Any]) -> None:
    scheme["description"] = _(
        "Client credentials (RFC 6749, 4.4), by Basic authentication or in the form. The token lives for an hour: keep "
        "it, since the secret is compared with a slow hash."
    )
    flow = scheme["flows"]["clientCredentials"]
    flow["tokenUrl"] = f"{settings.BASE_URL}{flow['tokenUrl']}"
    flow["scopes"] = {scope.value: str(scope.label) for scope in Scope}


def _complete_operation(operation: dict[str, Any], scope: Scope | None, ids: set[str]) -> None:
    """`scope` None: anybody may."""
    name, language = operation["operationId"], get_language() or "sv"
    codes = [*(EVERYWHERE if scope else PUBLIC), *operation.pop(PROBLEMS, ())]
    is_conditional = operation.pop(IS_CONDITIONAL, False)
    is_idempotent = operation.pop(IS_IDEMPOTENT, False)
    operation["security"] = [{"OAuth2": [scope.value]}] if scope else []
    _tidy_parameters(operation["parameters"])
    operation["parameters"].append({"$ref": "#/components/parameters/AcceptLanguage"})
    if scope:
        operation["parameters"].append({"$ref": "#/components/parameters/LookUpPurpose"})
    names = {one.get("name") for one in operation["parameters"]}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        codes += WITH_BODY
        if found := examples.bodies(name, language):
            body["examples"] = found
    if "at_least" in names or _has_field(body, "at_least"):
        codes += WITH_AT_LEAST
    if any(one.get("in") == "path" for one in operation["parameters"]):
        codes.append("not_found")
    if is_conditional:
        operation["parameters"].append({"$ref": "#/components/parameters/IfNoneMatch"})
        operation["responses"][304] = {"description": _("Still the same: nothing is sent.")}
    if is_idempotent:
        operation["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
        codes += IDEMPOTENT
    for status, response in list(operation["responses"].items()):
        if status < HTTPStatus.MULTIPLE_CHOICES:
            response["description"] = _("The answer.") if response["description"] == "OK" else response["description"]
            if found := links_of(name, ids):
                response["links"] = found
            for media, content in response.get("content", {}).items():
                if shown := examples.answers(name, media, language):
                    content["examples"] = shown
    for status in sorted({problems.CODES[code][0] for code in codes}):
        operation["responses"][status] = _problem_response(status, codes)
    for status, response in operation["responses"].items():
        response["headers"] = {
            **response.get("headers", {}),
            **headers_of(status, is_conditional=is_conditional, is_idempotent=is_idempotent),
        }
    operation["responses"] = {str(status): operation["responses"][status] for status in sorted(operation["responses"])}


def _tidy_parameters(parameters: list[dict[str, Any]]) -> None:
    """A parameter left out is no null: that is for bodies. What the schema says need not be said again beside it."""
    for one in parameters:
        schema = one["schema"]
        kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
        if len(kinds) == 1:
            schema.pop("anyOf")
            schema.update(kinds[0])
        schema.pop("title", None)
        if one["name"] in IN_PATHS and one["in"] == "path":
            one.setdefault("description", IN_PATHS[one["name"]])
        schema.pop("description", None)
        if found := schema.pop("examples", None) or one.pop("examples", None):
            one["example"] = found[0]
        one.pop("examples", None)


def _has_field(body: dict[str, Any] | None, name: str) -> bool:
    return body is not None and body["schema"].get("$ref", "").endswith("/Batch") and name == "at_least"


def _problem_response(status: int, codes: list[str]) -> dict[str, Any]:
    own = [code for code in dict.fromkeys(codes) if problems.CODES[code][0] == status]
    schema = {
        "$ref": "#/components/schemas/Problem",
        "properties": {"code": {"enum": own}, "status": {"const": status}},
    }
    content: dict[str, Any] = {"schema": schema}
    if shown := examples.problems(own):
        content["examples"] = shown
    return {
        "description": " / ".join(gettext(problems.CODES[code][1]) for code in own),
        "content": {problems.MEDIA_TYPE: content},
    }


def _with_problem(part: Any) -> Any:
    """The document with one name for a problem document's schema."""
    if isinstance(part, dict):
        if part.get("$ref") == "#/components/schemas/ProblemOut":
            part["$ref"] = "#/components/schemas/Problem"
        for value in part.values():
            _with_problem(value)
    elif isinstance(part, list):
        for value in part:
            _with_problem(value)
    return part


def _translated(part: Any) -> Any:
    """The document with its texts in the active language. Examples stand in the language that they were given in."""
    if isinstance(part, dict):
        for name, value in part.items():
            is_text = name in {"summary", "description"} and isinstance(value, str) and value
            if name not in {"examples", "example"}:
                part[name] = gettext(value) if is_text else _translated(value)
        return part
    if isinstance(part, list):
        return [_translated(one) for one in part]
    return part
