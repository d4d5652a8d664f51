"""Answers that repeat: an ETag with each, and 304 to who has the same already (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

# Data about persons and figures: only the caller keeps it, and asks each time whether it still holds.
OWN = "private, no-cache"
# What is the same for everybody: kept by anybody for some minutes.
SHARED = "public, max-age=300"


def strong_tag(content: bytes) -> str:
    """The ETag of exactly these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def weak_tag(constant: Any) -> str:
    """The ETag of answers that mean the same: `constant` is their JSON without what differs each time."""
    text = json.dumps(constant, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"W/{strong_tag(text.encode())}"


def conditional(
    request: HttpRequest, response: HttpResponse, *, cache: str = OWN, tag: str | None = None
) -> HttpResponse:
    """`response` (200) with its ETag, that of its bytes unless `tag` is given; or 304 when If-None-Match names it.

    What was done for the answer (a log entry, a count) stays done: the caller learns that nothing has changed, and
    that is an answer about the same people. The quotas' headers are told with the 304, too.
    """
    if response.status_code != 200 or request.method not in {"GET", "HEAD"}:
        return response
    response.headers["ETag"] = tag or strong_tag(response.content)
    response.headers["Cache-Control"] = cache
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    found: HttpResponse = response if answer is None else answer
    return found
