"""That the days of a rule document make sense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from competence.rule_documents.checks.periods import Days, days_of, uncovered
from competence.rule_documents.faults import Fault, FaultCode, Place, error, warning


def check_time(document: dict[str, Any]) -> Iterator[Fault]:
    """Reversed dates, keys that overlap, gaps."""
    reversed_at = list(_reversed_dates(document))
    yield from reversed_at
    for key, right in document["rights"].items():
        if right.get("closing_months") is not None and right["closing_months"] <= right["inactivity_months"]:
            yield error(
                FaultCode.CLOSES_BEFORE_INACTIVE, ("rights", key, "closing_months"), months=right["inactivity_months"]
            )
    if not reversed_at:
        yield from _requirements_over_time(document)
        yield from _rights_over_time(document)


def _reversed_dates(document: dict[str, Any]) -> Iterator[Fault]:
    dated: list[tuple[Place, dict[str, Any]]] = [
        *((("systems", key), one) for key, one in document.get("systems", {}).items()),
        *((("roles", key), one) for key, one in document["roles"].items()),
        *((("rights", key), one) for key, one in document["rights"].items()),
        *((("equivalences", index), one) for index, one in enumerate(document.get("equivalences", []))),
        *((("requirements", index), one) for index, one in enumerate(document["requirements"])),
    ]
    for place, one in dated:
        if days_of(one).is_reversed:
            yield error(FaultCode.DATES_REVERSED, (*place, "to"), first=one["from"], last=one["to"])


def _requirements_over_time(document: dict[str, Any]) -> Iterator[Fault]:
    by_key: dict[str, list[tuple[Days, int]]] = {}
    for index, one in enumerate(document["requirements"]):
        by_key.setdefault(one["key"], []).append((days_of(one), index))
    for key, periods in by_key.items():
        periods.sort(key=lambda pair: pair[0].first)
        for (earlier, _first), (later, index) in zip(periods, periods[1:], strict=False):
            if earlier.common(later) is not None:
                yield error(FaultCode.SAME_KEY_OVERLAPS, ("requirements", index, "key"), key=key, first=later.first)
        whole = Days(periods[0][0].first, max(days.last for days, _index in periods))
        for gap in uncovered(whole, [days for days, _index in periods]):
            after = next(index for days, index in periods if days.first > gap.last)
            yield warning(
                FaultCode.GAP_IN_REQUIREMENT, ("requirements", after, "from"), key=key, first=gap.first, last=gap.last
            )


def _rights_over_time(document: dict[str, Any]) -> Iterator[Fault]:
    for key, right in document["rights"].items():
        place: Place = ("rights", key)
        whole: Days | None = days_of(right)
        system = document.get("systems", {}).get(right["system"])
        if whole is not None and system is not None:
            whole = whole.common(days_of(system))
        if whole is None:
            yield error(FaultCode.CONCERNS_NOBODY, place, why="system")
            continue
        granting = [right, *(other for other in document["rights"].values() if key in other.get("includes", []))]
        roles = {name for one in granting for name in one["roles"]} & set(document["roles"])
        for gap in uncovered(whole, [days_of(document["roles"][name]) for name in roles]):
            yield warning(
                FaultCode.GAP_IN_RIGHT,
                (*place, "roles"),
                key=key,
                first=None if gap.first == date.min else gap.first,
                last=None if gap.last == date.max else gap.last,
            )
