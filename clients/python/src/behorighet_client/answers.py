"""What the service answers. Fields that this version does not know are in `raw`: the service may add some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """A question: may the holder of `hsa_id` use `right`? `customer_number` for rights that are given per unit."""

    hsa_id: str
    right: str
    customer_number: str | None = None
    product_group: str | None = None
    valid_at: str | None = None

    def as_json(self, id: str) -> dict[str, str]:
        names = ("hsa_id", "right", "customer_number", "product_group", "valid_at")
        return {"id": id, **{name: value for name in names if (value := getattr(self, name)) is not None}}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. Decide by `allowed`, or by `outcome`: allowed, allowed_with_warning or denied."""

    hsa_id: str
    right: str
    customer_number: str | None
    outcome: str
    allowed: bool
    text: str
    reasons: Sequence[Json]
    missing: Sequence[Json]
    valid_until: str | None
    revision: int
    decision_id: str
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, raw: Json) -> Answer:
        return cls(
            hsa_id=raw["hsa_id"],
            right=raw["right"],
            customer_number=raw.get("customer_number"),
            outcome=raw["outcome"],
            allowed=raw["allowed"] is True,
            text=raw["text"],
            reasons=raw["reasons"],
            missing=raw["missing"],
            valid_until=raw["valid_until"],
            revision=raw["revision"],
            decision_id=raw["decision_id"],
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """One check of many that got a problem in the place of an answer. It is no permit."""

    code: str
    detail: str
    raw: Json = field(repr=False)

    @property
    def names(self) -> list[str]:
        """The fields that are wrong."""
        return [one["name"] for one in self.raw.get("errors") or []]


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on, the outcome for this person and right is `outcome`; it was `previous`.

    `customer_number` None: the right is not given per unit, or this is about every unit without a change of its own.
    `cause`: facts, time, rules, or start (so it was when the feed began).
    """

    id: str
    hsa_id: str
    right: str
    customer_number: str | None
    previous: str
    outcome: str
    cause: str
    at: str
    revision: int
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, raw: Json) -> Change:
        return cls(
            id=raw["id"],
            hsa_id=raw["hsa_id"],
            right=raw["right"],
            customer_number=raw.get("customer_number"),
            previous=raw["previous"],
            outcome=raw["outcome"],
            cause=raw.get("cause", ""),
            at=raw["at"],
            revision=raw["revision"],
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A page of changes. Ask next time with `cursor`, also when there were none.

    `is_catching_up`: what `revision` has brought is not yet all in the feed.
    """

    changes: Sequence[Change]
    cursor: str
    has_more: bool
    revision: int
    is_catching_up: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may use a right."""

    hsa_id: str
    right: str
    customer_number: str | None
    outcome: str
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a completion that was reported: recorded, already_recorded, conflict or refused."""

    source: str
    source_id: str
    status: str
    raw: Json = field(repr=False)
