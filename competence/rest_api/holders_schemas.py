"""The list of those who may use a right, as its OpenAPI document tells it."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import Field

from competence.rest_api.schemas import Strict, ValidAt

LIMIT, MOST = 100, 1_000


class HoldersQuery(Strict):
    unit: Annotated[
        str | None,
        Field(
            max_length=100,
            description=_("Key of a unit: only by an employment there or in a unit below it."),
            examples=["testkliniken"],
        ),
    ] = None
    valid_at: ValidAt = None
    cursor: Annotated[
        str | None, Field(max_length=500, description=_("`next` of the page before; left out: the first page."))
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description=_("At most so many HSA-IDs."))] = LIMIT


class HolderOut(Schema):
    """An HSA-ID that may use the right: what the single check answers."""

    hsa_id: str
    customer_number: Annotated[
        str | None, Field(description=_("null: none, or, for a right that is given per unit, any."))
    ]
    outcome: Annotated[str, Field(json_schema_extra={"enum": ["allowed", "allowed_with_warning"]})]
    valid_until: Annotated[
        str | None,
        Field(description=_("When the outcome changes by time alone, as far as is known; null: never.")),
    ]


class HoldersOut(Schema):
    right: str
    unit: str | None
    holders: list[HolderOut]
    next: Annotated[str | None, Field(description=_("Give it as `cursor` for the next page; null: that was all."))]
    valid_at: str
    policy_version: int
    revision: Annotated[int, Field(description=_("The latest change that the answer reflects."))]
