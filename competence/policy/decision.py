"""The question and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from competence.policy.reasons import Missing, Reason


class Outcome(StrEnum):
    """May this person order?"""

    ALLOWED = "allowed"
    ALLOWED_WITH_WARNING = "allowed_with_warning"
    DENIED = "denied"

    @property
    def is_allowed(self) -> bool:
        return self is not Outcome.DENIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is asked beside person and right. None: not asked about, so any will do.

    `identity` is a folded HSA-ID: only employments under that identity, or under none, count.
    `principals`: only employments with such principals count.
    """

    customer_number: str | None = None
    product_group: str | None = None
    role: str | None = None
    identity: str | None = None
    employment: str | None = None
    principals: frozenset[str] | None = None


ANYWHERE = Context()


class Assessment(NamedTuple):
    """The answer at one instant, without its duration."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    policy_version: int
    role: str | None = None
    employment: str | None = None
    granting_right: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecision:
    """The answer, explained.

    `valid_from` and `valid_until` bound the time around `valid_at` in which the outcome stays the same, as far as is
    known at `known_at`; None: without bound. `next` is the answer at `valid_until`, if there is one. Carrying out every
    step in `missing` makes the answer `allowed`.
    """

    right: str
    context: Context
    valid_at: datetime
    known_at: datetime
    outcome: Outcome
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    role: str | None
    employment: str | None
    granting_right: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    next: Assessment | None
    policy_version: int

    @property
    def allowed(self) -> bool:
        return self.outcome.is_allowed


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time, `start` included and `end` excluded (None: without bound), with one assessment."""

    start: datetime | None
    end: datetime | None
    assessment: Assessment
