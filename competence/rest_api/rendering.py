"""Answers as JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from competence.given_answers import as_json


def json_response(data: Any, status: int = 200) -> HttpResponse:
    """`data`, which is JSON already but for its form: answers are checked by tests, not at each request."""
    return text_response(as_json(data), status)


def text_response(text: str, status: int = 200) -> HttpResponse:
    """A JSON text."""
    return HttpResponse(text.encode(), status=status, content_type="application/json")


def entity_tag(digest: UUID) -> str:
    """The tag of an answer: that of its constant text. Weak: instants, revision and id are not in it."""
    return f'W/"{digest.hex}"'
