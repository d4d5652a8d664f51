"""Examples of requests, answers and problems: real ones, kept in files beside this one, one for each operation.

`tests/competence/rest_api/test_examples.py` asks the same again, compares, and writes them when told to. What differs
each time (ids, instants, the person's HSA-ID) stands there as fixed values; `{BASE_URL}` is where the service answers.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(__file__).parent / "examples"


def examples_of(operation: str) -> dict[str, Any]:
    """The examples of an operation, or of `problems`, by name; empty when there are none."""
    found: dict[str, Any] = json.loads(_text_of(operation).replace("{BASE_URL}", settings.BASE_URL))
    return found


@cache
def _text_of(operation: str) -> str:
    path = FOLDER / f"{operation}.json"
    return path.read_text(encoding="utf-8") if path.is_file() else "{}"


def answers(operation: str, media: str, language: str) -> dict[str, Any]:
    """Example objects for the answer of an operation in this media type."""
    return {
        name: {"summary": one["summary"][language], "value": one["answer"][language]}
        for name, one in examples_of(operation).items()
        if one["media"] == media
    }


def bodies(operation: str, language: str) -> dict[str, Any]:
    """Example objects for the request's body."""
    return {
        name: {"summary": one["summary"][language], "value": one["body"]}
        for name, one in examples_of(operation).items()
        if one.get("body") is not None
    }


def problems(codes: list[str]) -> dict[str, Any]:
    """Example objects for problem documents, each in Swedish and in English."""
    known = examples_of("problems")
    return {
        f"{code}.{language}": {"summary": f"{code} ({language})", "value": known[code][language]}
        for code in codes
        if code in known
        for language in ("sv", "en")
    }
