"""The outcome for an HSA-ID: the best over the employments that the HSA-ID covers, by kind of principal. Pure.

Denied is not kept: what is not there is denied, as for somebody whom nobody here knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from competence.outcomes import POSITION, Stretch, number_of
from competence.policy.decision import Outcome
from competence.policy.facts import PersonFacts

DENIED = POSITION[Outcome.DENIED]


class Identity(NamedTuple):
    """An HSA-ID: its primary key, as it was given, and how employments under it are named."""

    pk: int
    value: str
    known_as: str


class Key(NamedTuple):
    """What an outcome is of. `customer_number` empty: none, or any other."""

    identity: int
    right: str
    customer_number: str


ByPrincipal = Mapping[str, int]
"""The position of the outcome for each kind of principal where it is better than denied. Never empty."""
Outcomes = Mapping[Key, ByPrincipal]
NOWHERE: ByPrincipal = {}


class Work(NamedTuple):
    """What of an employment decides who is told of its outcomes."""

    principal: str
    identity: str | None


@dataclass(frozen=True, slots=True)
class Prospect:
    """One person's outcomes from `since` on, by employment, and the HSA-IDs by which these are asked about."""

    since: datetime
    identities: Sequence[Identity]
    works: Mapping[int, Work]
    stretches: Sequence[Stretch]

    def at(self, instant: datetime) -> Outcomes:
        """The outcomes at `instant`, which must not be before `since`."""
        found: dict[Key, dict[str, int]] = {}
        for s in self.stretches:
            if s.outcome is Outcome.DENIED or s.start > instant or (s.end is not None and s.end <= instant):
                continue
            work, position = self.works[s.employment], POSITION[s.outcome]
            for one in self.identities:
                if work.identity is None or work.identity == one.known_as:
                    best = found.setdefault(Key(one.pk, s.right, s.customer_number), {})
                    best[work.principal] = min(position, best.get(work.principal, DENIED))
        return found

    def instants(self, after: datetime, upto: datetime | None = None) -> list[datetime]:
        """When something may change, after `after` and until `upto`, both as the stretches have it."""
        found = {instant for s in self.stretches for instant in (s.start, s.end) if instant is not None}
        return sorted(i for i in found if after < i and (upto is None or i <= upto))

    def next_change(self, after: datetime, now: Outcomes) -> datetime | None:
        """The first instant after `after` at which the outcomes are others than `now`."""
        return next((instant for instant in self.instants(after) if self.at(instant) != now), None)


def works_of(facts: PersonFacts) -> dict[int, Work]:
    """The employments, by primary key."""
    return {number_of(e.key): Work(e.principal, e.identity) for e in facts.employments}


def best(outcomes: ByPrincipal, principals: Iterable[str] | None = None) -> int:
    """The position of the best outcome at `principals` (None: anywhere)."""
    if principals is None:
        return min(outcomes.values(), default=DENIED)
    return min((outcomes.get(principal, DENIED) for principal in principals), default=DENIED)


def written(outcomes: Outcomes) -> str:
    """`outcomes` as text; the same ones always as the same text."""
    rows = [[*key, dict(sorted(by_principal.items()))] for key, by_principal in sorted(outcomes.items())]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def read(text: str) -> dict[Key, ByPrincipal]:
    """What `written` wrote."""
    return {Key(*row[:3]): row[3] for row in json.loads(text)} if text else {}


def both(before: ByPrincipal, after: ByPrincipal) -> str:
    """Before and after for each kind of principal, such as `municipality:20,vgr:02`."""
    kinds = sorted({*before, *after})
    return ",".join(f"{kind}:{before.get(kind, DENIED)}{after.get(kind, DENIED)}" for kind in kinds)


def before_and_after(text: str, principals: Iterable[str]) -> tuple[int, int]:
    """What `both` wrote, for somebody who sees these kinds of principal."""
    seen = frozenset(principals)
    pairs = [digits for kind, _colon, digits in (part.partition(":") for part in text.split(",")) if kind in seen]
    return (
        min((int(digits[0]) for digits in pairs), default=DENIED),
        min((int(digits[1]) for digits in pairs), default=DENIED),
    )
