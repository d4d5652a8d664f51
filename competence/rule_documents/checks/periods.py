"""Periods of days in a rule document: first and last day, both included; None is without bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`."""

    first: date = date.min
    last: date = date.max

    @property
    def is_reversed(self) -> bool:
        return self.last < self.first

    def common(self, other: Days) -> Days | None:
        """The days that are in both."""
        found = Days(max(self.first, other.first), min(self.last, other.last))
        return None if found.is_reversed else found


def days_of(data: Mapping[str, Any]) -> Days:
    """The period that `from` and `to` say."""
    first, last = data.get("from"), data.get("to")
    return Days(
        date.min if first is None else date.fromisoformat(first), date.max if last is None else date.fromisoformat(last)
    )


def uncovered(whole: Days, parts: Iterable[Days]) -> list[Days]:
    """The stretches of `whole` that none of `parts` covers."""
    found: list[Days] = []
    start = whole.first
    for part in sorted(parts, key=lambda one: one.first):
        if part.last < start:
            continue
        if part.first > whole.last:
            break
        if part.first > start:
            found.append(Days(start, part.first - DAY))
        if part.last >= whole.last:
            return found
        start = part.last + DAY
    found.append(Days(start, whole.last))
    return found
