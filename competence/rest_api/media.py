"""In which forms each address below /api/ answers, and which of them a caller wants."""

from __future__ import annotations

import re

from django.http import HttpRequest

JSON = "application/json"
NDJSON = "application/x-ndjson"
# What is given beside JSON, by address. The OpenAPI document says the same; a test compares them.
_MORE: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"/api/v1/docs\Z"), ("text/html",)),
    (re.compile(r"/api/v1/eligibility\Z"), ("application/jwt",)),
    (re.compile(r"/api/v1/statistics/completions\Z"), ("text/csv",)),
    (re.compile(r"/api/v1/eligibility/batch\Z"), (NDJSON,)),
)


def media_types_of(path: str) -> tuple[str, ...]:
    """The media types that the address gives, the usual one first."""
    for pattern, types in _MORE:
        if pattern.match(path):
            return (JSON, *types) if "text/html" not in types else types
    return (JSON,)


def wanted_media_type(request: HttpRequest) -> str | None:
    """What the caller likes best of what this address gives (weights count); None: nothing of it."""
    return request.get_preferred_type(list(media_types_of(request.path_info)))
