"""Errors as problem documents (RFC 9457), each with a stable code and a sentence in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError

from competence.policy.rules import NoRules
from lms.lib.errors import Refusal

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
DOCS_PATH = "/api/v1/docs"
RETRY_AFTER = "1"

# Code: status and title. The codes are part of the contract; never rename one.
CODES: dict[str, tuple[int, str]] = {
    "bad_request": (400, gettext_noop("The request cannot be understood")),
    "invalid_parameter": (400, gettext_noop("A parameter is missing or wrong")),
    "unknown_parameter": (400, gettext_noop("There is no such parameter")),
    "unknown_right": (400, gettext_noop("There is no such right")),
    "unknown_cursor": (400, gettext_noop("There is no such cursor")),
    "no_rules_then": (400, gettext_noop("No rules were in force then")),
    "unauthenticated": (401, gettext_noop("A valid access token is needed")),
    "insufficient_scope": (403, gettext_noop("The access token lacks the scope")),
    "not_your_right": (403, gettext_noop("The right belongs to another ordering system")),
    "forbidden": (403, gettext_noop("Not allowed")),
    "not_found": (404, gettext_noop("Not found")),
    "method_not_allowed": (405, gettext_noop("The method is not allowed here")),
    "not_acceptable": (406, gettext_noop("The answer is not given in that form")),
    "conflict": (409, gettext_noop("The same key was used before with other content")),
    "key_in_use": (409, gettext_noop("The first request with this key is still being carried out")),
    "too_large": (413, gettext_noop("The request is too large")),
    "unsupported_media_type": (415, gettext_noop("The request must be JSON")),
    "refused": (422, gettext_noop("The request cannot be carried out")),
    "key_reused": (422, gettext_noop("This Idempotency-Key was used for another request")),
    "too_many_requests": (429, gettext_noop("Too many requests")),
    "server_error": (500, gettext_noop("Something went wrong here")),
    "unavailable": (503, gettext_noop("The service cannot answer just now")),
    "revision_not_reached": (503, gettext_noop("The revision has not been reached")),
    "feed_not_ready": (503, gettext_noop("The change feed is not ready yet")),
}
_CODE_OF_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    503: "unavailable",
}


class Problem(Exception):
    """Ends a request with a problem document. `detail` is a translated sentence; `more` are further members."""

    def __init__(self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(code, detail)
        self.code = code
        self.status, title = CODES[code]
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def as_dict(self) -> dict[str, Any]:
        """The document, in the active language."""
        document: dict[str, Any] = {
            "type": f"{settings.BASE_URL}{DOCS_PATH}#problem-{self.code}",
            "title": gettext(self.title),
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            document["detail"] = self.detail
        return {**document, **self.more}


def response_for(problem: Problem) -> HttpResponse:
    """The problem as an answer."""
    response = HttpResponse(
        json.dumps(problem.as_dict(), ensure_ascii=False).encode(),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )
    if problem.status == 503:
        response.headers.setdefault("Retry-After", RETRY_AFTER)
    return response


def invalid(name: str, sentence: str, code: str = "invalid_parameter") -> Problem:
    """One parameter or field is wrong: `sentence` says how."""
    return Problem(code, sentence, errors=[{"name": name, "detail": sentence}])


def problem_of_status(status: int) -> Problem:
    """What an answer that is no problem document yet becomes."""
    if status in _CODE_OF_STATUS:
        return Problem(_CODE_OF_STATUS[status])
    return Problem("server_error" if status >= 500 else "bad_request")


def problem_of(error: Exception | type[Exception]) -> Problem | None:
    """The problem that `error` means to a caller; None: it is a fault of ours that nobody foresaw."""
    match error:
        case Problem():
            return error
        case ValidationError():
            return _of_validation(error)
        case AuthenticationError():
            sentence = _("Send the token in the header Authorization: the word Bearer, a space, and the token.")
            return Problem("unauthenticated", sentence, headers={"WWW-Authenticate": 'Bearer realm="api"'})
        case HttpError(status_code=400):
            return Problem("bad_request", _("The body is not valid JSON."))
        case HttpError():
            return problem_of_status(error.status_code)
        case Http404():
            return Problem("not_found")
        case RequestDataTooBig():
            most = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            return Problem("too_large", _("The body may be at most %(most)s. Send it in parts.") % {"most": most})
        case Refusal():
            return Problem("refused", str(error))
        case NoRules():
            # Never an answer without rules, and never a permit.
            return Problem("unavailable", _("No rules are in force."))
        case OperationalError() | InterfaceError():
            return Problem("unavailable", _("The state cannot be read just now. Ask again in a moment."))
        case _:
            return None


def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """What the API answers to `error`. One that nobody foresaw is raised on, for the log; it becomes a 500."""
    problem = problem_of(error)
    if problem is None:
        raise error
    if problem.code == "unavailable":
        log.error("api.unavailable", path=request.path, error=repr(error))
    return response_for(problem)


def _of_validation(error: ValidationError) -> Problem:
    errors = [{"name": _place(one["loc"]), "detail": _sentence(one)} for one in error.errors]
    is_unknown = all(one["type"] == "extra_forbidden" for one in error.errors)
    return Problem(
        "unknown_parameter" if is_unknown else "invalid_parameter",
        " ".join(f"{one['name']}: {one['detail']}" for one in errors[:10]),
        errors=errors[:100],
    )


def _place(loc: tuple[str | int, ...]) -> str:
    """`checks[3].right` for ("body", "body", "checks", 3, "right")."""
    parts = [part for part in loc[1:] if part not in {"body", "query", "batch", "one", "many"}]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    return place or "body"


def _sentence(error: Mapping[str, Any]) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return _("is missing.")
        case "extra_forbidden":
            return _("is unknown.")
        case "too_long" | "string_too_long":
            return _("is longer than %(most)s.") % {"most": limits["max_length"]}
        case "too_short" | "string_too_short":
            return _("is empty or too short.")
        case "greater_than_equal":
            return _("is to be at least %(least)s.") % {"least": limits["ge"]}
        case "less_than_equal":
            return _("is to be at most %(most)s.") % {"most": limits["le"]}
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return _("is to be a whole number.")
        case "float_type" | "float_parsing" | "decimal_type" | "decimal_parsing" | "finite_number":
            return _("is to be a number.")
        case "bool_type" | "bool_parsing":
            return _("is to be true or false.")
        case "string_type":
            return _("is to be text.")
        case "list_type":
            return _("is to be a list.")
        case "model_type" | "model_attributes_type" | "dict_type":
            return _("is to be an object with named fields.")
        case "enum" | "literal_error":
            return _("is to be one of: %(choices)s.") % {"choices": str(limits["expected"]).replace(" or ", ", ")}
        case _:
            return _("has the wrong form.")
