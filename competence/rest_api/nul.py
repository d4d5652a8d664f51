"""Texts with the character NUL: PostgreSQL keeps none, and nobody means one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from competence.rest_api.problems import Problem

# As JSON spells it; after an even number of backslashes, the last of which would take the meaning away.
_NUL = rb"\u0000"
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def refuse_nul(request: HttpRequest) -> None:
    """Raises Problem that names each parameter or place in the body whose text, or name, has a NUL."""
    found = [name for name, value in request.GET.items() if "\0" in value]
    # The plain look first: it takes a hundredth of the other's time, and a batch has half a megabyte.
    if not found and _NUL in request.body and _ESCAPED_NUL.search(request.body):
        found = _places_in(request.body)
    if found:
        sentence = _("A text cannot hold the character NUL.")
        errors = [{"name": name or "body", "detail": sentence} for name in found[:100]]
        raise Problem("invalid_parameter", sentence, errors=errors)


def _places_in(body: bytes) -> list[str]:
    try:
        return list(_places(json.loads(body), ""))
    except (ValueError, RecursionError):  # no JSON, or no end to it: refused where bodies are read
        return []


def _places(value: Any, place: str) -> Iterator[str]:
    """`checks[3].right` and the like, for each text below `value` that has one."""
    match value:
        case str() if "\0" in value:
            yield place
        case list():
            for number, one in enumerate(value):
                yield from _places(one, f"{place}[{number}]")
        case dict():
            for name, one in value.items():
                if "\0" in name:
                    yield place
                yield from _places(one, f"{place}.{name}".lstrip("."))
