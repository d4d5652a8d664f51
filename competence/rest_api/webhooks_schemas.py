"""Webhooks, as the OpenAPI document tells them."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import Field

from competence.models.webhook import Webhook
from competence.rest_api.schemas import StrictBody

ADDRESS = Field(
    max_length=500,
    description=_("Where to send: https, a host on the open internet, no user name. Redirects are not followed."),
    examples=["https://ordersystem.example/hooks/eligibility"],
)
DESCRIPTION = Field(max_length=120, pattern=r"^[^\x00]*$", description=_("What you call it."))
AFTER = Field(
    max_length=64,
    description=_("Send the changes after this cursor of the feed; `latest`: those to come; `start`: all."),
    examples=["latest"],
)
OVERLAP = Field(
    ge=0,
    le=720,
    description=_("For how many hours messages are signed with the earlier secret, too; 0: it has leaked."),
)


class WebhookIn(StrictBody):
    url: Annotated[str, ADDRESS]
    description: Annotated[str, DESCRIPTION] = ""
    after: Annotated[str, AFTER] = "latest"


class WebhookChange(StrictBody):
    """What is left out stays as it is."""

    url: Annotated[str | None, ADDRESS] = None
    description: Annotated[str | None, DESCRIPTION] = None
    is_active: Annotated[
        bool | None,
        Field(description=_("false: send nothing for now. true: go on, also after it was parked or answered 410.")),
    ] = None
    after: Annotated[str | None, AFTER] = None


class SecretIn(StrictBody):
    overlap_hours: Annotated[int, OVERLAP] = 24


class TestIn(StrictBody):
    """Nothing: an empty object."""

    __test__ = False  # no test, whatever its name says


class WebhookOut(Schema):
    id: str
    url: str
    description: str
    state: Annotated[
        str,
        Field(
            description=_(
                "active, paused (by you or us), parked (it failed for days), gone (you answered 410). Only an active "
                "one is sent to; it begins again where it stopped."
            ),
            json_schema_extra={"enum": list(Webhook.State.values)},
        ),
    ]
    cursor: Annotated[str, Field(description=_("Everything up to here has arrived."), examples=["1.3f9c2ab1.4711"])]
    waiting: Annotated[int, Field(description=_("So many numbers of the feed lie ahead; not all concern you."))]
    failing_since: str | None
    attempts: Annotated[int, Field(description=_("Failures since then."))]
    next_attempt_at: str | None
    last_error: str
    last_delivered_at: str | None
    test_result: Annotated[str, Field(description=_("What came of the latest test message; empty: it is on its way."))]
    created_at: str


class NewWebhookOut(WebhookOut):
    secret: Annotated[
        str,
        Field(
            description=_("What messages are signed with (Standard Webhooks). It is shown this once."),
            examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        ),
    ]


class WebhooksOut(Schema):
    webhooks: list[WebhookOut]


class NewSecretOut(Schema):
    secret: str
    earlier_ends_at: Annotated[str | None, Field(description=_("null: the earlier one signs no more."))]
