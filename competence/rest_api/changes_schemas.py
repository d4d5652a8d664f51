"""The change feed, as its OpenAPI document tells it."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import Field

from competence.rest_api.schemas import Strict

LIMIT, MOST = 100, 1_000
OUTCOMES = ["allowed", "allowed_with_warning", "denied"]
FROM_NOW_ON = "latest"


class ChangesQuery(Strict):
    after: Annotated[
        str | None,
        Field(
            max_length=64,
            description=_(
                "The cursor that you were given last: `next` of a page, or `id` of a change. Left out: from the "
                "beginning. `latest`: no changes, and the cursor of now."
            ),
            examples=["1.3f9c2ab1.4711"],
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description=_("At most so many changes."))] = LIMIT


class ChangeOut(Schema):
    """From `at` on the answer about an HSA-ID, a right and a customer number is another than it was."""

    id: Annotated[str, Field(description=_("Stable, and the cursor after this change."), examples=["1.3f9c2ab1.4712"])]
    type: Annotated[str, Field(json_schema_extra={"enum": ["eligibility.changed"]})]
    hsa_id: str
    right: str
    customer_number: Annotated[
        str | None,
        Field(description=_("null: none, or, for a right that is given per unit, any that has no change of its own.")),
    ]
    previous: Annotated[str, Field(json_schema_extra={"enum": OUTCOMES})]
    outcome: Annotated[str, Field(json_schema_extra={"enum": OUTCOMES})]
    allowed: bool
    at: Annotated[str, Field(description=_("Since when it is so."))]
    recorded_at: Annotated[str, Field(description=_("When it was written to the feed: later, if time brought it."))]
    revision: Annotated[int, Field(description=_("The latest change of facts when it was written."))]
    policy_version: int
    cause: Annotated[
        str,
        Field(
            description=_(
                "What brought it: somebody's facts changed, time passed, rules were published or took effect, or it "
                "was so when the feed began."
            ),
            json_schema_extra={"enum": ["facts", "time", "rules", "start"]},
        ),
    ]
    url: Annotated[str, Field(description=_("Ask there for the reasons."))]


class ChangesOut(Schema):
    changes: list[ChangeOut]
    next: Annotated[
        str, Field(description=_("Give it as `after` the next time. It moves on also when nothing is new."))
    ]
    has_more: Annotated[bool, Field(description=_("There is more already: ask again at once."))]
    revision: Annotated[int, Field(description=_("The latest change of facts."))]
    catching_up: Annotated[
        bool,
        Field(
            description=_(
                "Rules were published, or facts have come in by the thousand, and not everybody has been gone through: "
                "more changes are to come that `revision` has brought."
            )
        ),
    ]
