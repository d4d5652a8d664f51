"""The bodies and parameters of the API, as its OpenAPI document tells them, in the reader's language."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

HSA_ID = "SE2321000131-E000000000001"
HsaId = Annotated[
    str,
    Field(
        description=_("HSA-ID of the person, as the employer of the assignment knows them."),
        examples=[HSA_ID],
        max_length=64,
    ),
]
RightKey = Annotated[
    str,
    Field(description=_("The right, such as websesam.health-care."), examples=["websesam.health-care"], max_length=60),
]
CustomerNumber = Annotated[
    str | None, Field(description=_("The unit's customer number, six digits, for rights that are given per unit."))
]
ProductGroup = Annotated[
    str | None, Field(description=_("Only roles that cover this product group count."), max_length=100)
]
ValidAt = Annotated[
    str | None,
    Field(
        description=_("The instant that is asked about, ISO 8601 with offset. Now, when left out."),
        examples=["2026-03-01T08:00:00+01:00"],
        max_length=40,
    ),
]
KnownAt = Annotated[
    str | None,
    Field(description=_("Answer as it was known at this instant, ISO 8601 with offset."), max_length=40),
]
AtLeast = Annotated[
    int | None,
    Field(
        ge=0,
        le=2**63 - 1,
        description=_("The answer reflects at least this revision; otherwise the status is 503."),
    ),
]


class Strict(Schema):
    """Parameters, which come as text. What is not known is refused by name."""

    model_config = ConfigDict(extra="forbid")


class StrictBody(BaseModel):
    """A body, or part of one: JSON has its own kinds, so that "92" is no number and true is not 1.

    Not ninja's Schema, which reads models too, and takes six times as long for it: a batch has 10,000 of these.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


class EligibilityQuery(Strict):
    hsa_id: HsaId
    right: RightKey
    customer_number: CustomerNumber = None
    product_group: ProductGroup = None
    valid_at: ValidAt = None
    known_at: KnownAt = None
    at_least: AtLeast = None


class RightsQuery(Strict):
    valid_at: ValidAt = None
    known_at: KnownAt = None
    at_least: AtLeast = None


class Check(StrictBody):
    id: Annotated[str, Field(max_length=100, description=_("Your own name for this check; it comes back."))]
    hsa_id: HsaId
    right: RightKey
    customer_number: CustomerNumber = None
    product_group: ProductGroup = None
    valid_at: ValidAt = None


class Batch(StrictBody):
    checks: Annotated[list[Check], Field(min_length=1, max_length=10_000)]
    valid_at: ValidAt = None
    known_at: KnownAt = None
    at_least: AtLeast = None


class ReasonOut(Schema):
    """A ground that the answer rests on."""

    code: Annotated[str, Field(description=_("Stable; see the table of codes."), examples=["REQUIREMENT_MET"])]
    requirement: str | None
    course: str | None
    attestation: str | None
    role: str | None
    since: Annotated[str | None, Field(description=_("Local day, included."))]
    until: Annotated[str | None, Field(description=_("Local day, included."))]
    text: str


class MissingOut(Schema):
    """A step that remains. When every step is taken, the answer is allowed."""

    code: Annotated[str, Field(description=_("Stable; see the table of codes."), examples=["COURSE_MISSING"])]
    requirement: str | None
    also_meets: Annotated[list[str], Field(description=_("Further requirements that this step meets."))]
    alternatives: Annotated[
        list[list[str]],
        Field(
            description=_("Any one of these does, all of its parts: keys of courses, or attestation: and a name."),
            examples=[[["regional-forskrivare"]]],
        ),
    ]
    after: Annotated[list[str], Field(description=_("Requirements still missing that come before this one."))]
    role: str | None
    right: str | None
    since: str | None
    until: Annotated[
        str | None, Field(description=_("Before when a log-in is enough, for a right that is inactive; null: never."))
    ]
    is_blocking: Annotated[bool, Field(description=_("False: recommended, not demanded."))]
    who: Annotated[str, Field(description=_("Who takes the step: person, manager, employer or nobody (time)."))]
    url: str | None
    minutes: int | None
    text: str


class NextOut(Schema):
    """What the answer will be from `valid_until` on, as far as is known."""

    outcome: Annotated[str, Field(json_schema_extra={"enum": ["allowed", "allowed_with_warning", "denied"]})]
    missing: Annotated[list[str], Field(description=_("The codes of the steps that will be missing then."))]
    policy_version: int
    text: str


class EligibilityAnswer(Schema):
    """May this person order, and why?"""

    hsa_id: str
    right: str
    customer_number: str | None
    product_group: str | None
    outcome: Annotated[str, Field(json_schema_extra={"enum": ["allowed", "allowed_with_warning", "denied"]})]
    allowed: bool
    text: str
    reasons: list[ReasonOut]
    missing: list[MissingOut]
    valid_from: Annotated[str | None, Field(description=_("Since when the outcome is this; null: always."))]
    valid_until: Annotated[
        str | None,
        Field(description=_("When the outcome changes by time alone, as far as is known; null: never.")),
    ]
    next: Annotated[NextOut | None, Field(description=_("What changes at valid_until; null: nothing that is known."))]
    policy_version: int
    revision: Annotated[int, Field(description=_("The latest change that the answer reflects."))]
    valid_at: str
    known_at: str
    decision_id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class ProblemOut(Schema):
    """A problem document, RFC 9457."""

    type: str
    title: str
    status: int
    code: Annotated[str, Field(description=_("Stable; see the table of errors."))]
    detail: str | None = None
    errors: list[dict[str, str]] | None = None


class BatchResult(EligibilityAnswer):
    """The answer to one check, or the problem with it."""

    id: str


class BatchProblem(Schema):
    """What is wrong with one check."""

    id: str
    problem: ProblemOut


class BatchOut(Schema):
    results: list[BatchResult | BatchProblem]
    revision: int


class RightsOut(Schema):
    hsa_id: str
    rights: list[EligibilityAnswer]
    revision: int


class DecisionOut(Schema):
    """An answer as it was given, and the same question asked again of the same state."""

    decision_id: str
    asked_at: str
    asked_by: str
    decision: EligibilityAnswer
    replay: EligibilityAnswer
    replayed_equal: Annotated[bool, Field(description=_("The replay decides the same; words may have changed since."))]


class CompletionIn(StrictBody):
    source: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._-]{1,23}$",
            description=_("Your register, such as larportal. Together with source_id it names the completion."),
            examples=["larportal"],
        ),
    ]
    source_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$", examples=["4711"])]
    hsa_id: HsaId
    course: Annotated[str, Field(max_length=100, examples=["national-hjalpmedel"])]
    completed_at: Annotated[
        str, Field(max_length=40, description=_("ISO 8601 with offset."), examples=["2026-02-03T10:15:00+01:00"])
    ]
    score: Annotated[float | None, Field(ge=0, le=100, allow_inf_nan=False)] = None


class CompletionsIn(StrictBody):
    completions: Annotated[list[CompletionIn], Field(min_length=1, max_length=1000)]


class CompletionOut(Schema):
    source: str
    source_id: str
    status: Annotated[str, Field(json_schema_extra={"enum": ["recorded", "already_recorded", "conflict", "refused"]})]
    completion_id: str | None = None
    problem: ProblemOut | None = None


class CompletionsOut(Schema):
    results: list[CompletionOut]
    revision: int


def parameters_of(query: type[Schema]) -> frozenset[str]:
    """The names of the query parameters."""
    return frozenset(query.model_fields)
