"""What an operation says about itself beside its schemas, for the OpenAPI document: as ninja's `openapi_extra`."""

from __future__ import annotations

from typing import Any

# What ninja's document carries from the operation to the one that completes it; nobody outside sees these.
PROBLEMS, IS_CONDITIONAL, IS_IDEMPOTENT = "x-problems", "x-conditional", "x-idempotent"


def tells(
    *problems: str,
    media: dict[str, dict[str, Any]] | None = None,
    is_conditional: bool = False,
    is_idempotent: bool = False,
) -> dict[str, Any]:
    """`openapi_extra` of an operation.

    `problems`: codes of `problems.CODES` that it may answer, beside those of every operation. `media`: further media
    types of its answer, each with a media type object (schema, description). `is_conditional`: it sends an ETag and
    knows If-None-Match (304). `is_idempotent`: it knows Idempotency-Key.
    """
    extra: dict[str, Any] = {PROBLEMS: list(problems), IS_CONDITIONAL: is_conditional, IS_IDEMPOTENT: is_idempotent}
    if media:
        extra["responses"] = {200: {"content": media}}
    return extra
