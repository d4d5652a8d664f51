"""The headers of requests and answers, as the OpenAPI document tells them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

TEXT: dict[str, Any] = {"type": "string"}
# name: description, schema, example
HEADERS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "Content-Language": (_("The language of the texts."), {"type": "string", "enum": ["sv", "en"]}, "sv"),
    "Vary": (_("The request headers that the answer depends on."), TEXT, "Accept-Language"),
    "Cache-Control": (_("Whether the answer may be kept, and for how long."), TEXT, "no-store"),
    "RateLimit-Policy": (
        _("The client's quotas: requests a minute (requests), answers about people an hour (people)."),
        TEXT,
        '"requests";q=6000;w=60, "people";q=100000;w=3600',
    ),
    "RateLimit": (
        _("What is left of each quota (r), and after how many seconds it is whole again (t)."),
        TEXT,
        '"requests";r=5999;t=42, "people";r=99999;t=1802',
    ),
    "Retry-After": (_("Ask again after so many seconds."), {"type": "integer", "minimum": 0}, 1),
    "WWW-Authenticate": (
        _("Why the token does not do (RFC 6750)."),
        TEXT,
        'Bearer realm="api", error="invalid_token"',
    ),
    "ETag": (_("Names this content: send it as If-None-Match next time."), TEXT, '"5f2b9c0e1d7a4c33"'),
    "Allow": (_("The methods that there are."), TEXT, "GET"),
    "Accept": (_("The media type that a body must have."), TEXT, "application/json"),
    "Idempotent-Replayed": (
        _("true: the answer to the first request with this Idempotency-Key, sent again."),
        {"type": "string", "enum": ["true"]},
        "true",
    ),
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "AcceptLanguage": {
        "in": "header",
        "name": "Accept-Language",
        "description": _("The language of the texts: sv (when left out) or en, with weights."),
        "schema": TEXT,
        "example": "en, sv;q=0.5",
    },
    "IfNoneMatch": {
        "in": "header",
        "name": "If-None-Match",
        "description": _("The ETag of an answer that you have kept: 304 when it is still the same."),
        "schema": TEXT,
        "example": '"5f2b9c0e1d7a4c33"',
    },
    "LookUpPurpose": {
        "in": "header",
        "name": "Look-Up-Purpose",
        "description": _("What the look-up is for, as a word; it is logged. ordering-check, when left out."),
        "schema": {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,39}$"},
        "example": "nightly-synchronisation",
    },
    "IdempotencyKey": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": _(
            "Your own name for this request, such as a UUID. Sent again within 24 hours with the same body, the first "
            "answer is given again and nothing is done twice."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[\\x21-\\x7e]+$"},
        "example": "0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
    },
}
_COMMON = ("Content-Language", "Vary", "Cache-Control")
_QUOTAS = ("RateLimit-Policy", "RateLimit")
_OF_STATUS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    405: ("Allow",),
    415: ("Accept",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def components() -> dict[str, Any]:
    """The `headers` of the document's components."""
    return {
        name: {"description": description, "schema": schema, "example": example}
        for name, (description, schema, example) in HEADERS.items()
    }


def headers_of(status: int, *, is_conditional: bool, is_idempotent: bool) -> dict[str, Any]:
    """Which headers an answer with `status` may carry."""
    names = [*_COMMON, *_OF_STATUS.get(status, ())]
    if status not in {401, 406}:  # before the client is known, nothing is counted
        names += _QUOTAS
    if is_conditional and status in {200, 304}:
        names.append("ETag")
    if is_idempotent and status not in {401, 403, 406, 415, 429, 503}:
        names.append("Idempotent-Replayed")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
