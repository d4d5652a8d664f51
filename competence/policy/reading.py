"""Reading plain values out of a rule document, each with its place, so that a fault can be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from competence.policy.rules import Period
from lms.lib.clock import day_ends_at, day_starts_at


class RuleError(ValueError):
    """The document is wrong. `place` is the path to the fault, such as `requirements[2].gate`."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place
        self.what = what


def only(data: Mapping[str, Any], place: str, *, required: set[str], optional: set[str]) -> None:
    """The fields of `data` are all of `required` and perhaps some of `optional`."""
    for name in sorted(required - set(data)):
        raise RuleError(f"{place}.{name}".lstrip("."), "is missing")
    for name in data:
        if name not in required | optional:
            raise RuleError(f"{place}.{name}".lstrip("."), "is no field of a rule document")


def mapping(value: Any, place: str) -> Mapping[str, Any]:
    """A mapping with texts as keys."""
    if not isinstance(value, Mapping):
        raise RuleError(place, "must be a mapping")
    for key in value:
        if not isinstance(key, str):
            raise RuleError(place, f"the key {key!r} must be a text")
    return value


def sequence(value: Any, place: str) -> Sequence[Any]:
    """A list."""
    if not isinstance(value, list | tuple):
        raise RuleError(place, "must be a list")
    return value


def text(value: Any, place: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise RuleError(place, "must be a text")
    return value


def texts(value: Any, place: str) -> list[str]:
    """A list of texts, none of them twice."""
    found = [text(item, f"{place}[{index}]") for index, item in enumerate(sequence(value, place))]
    for index, name in enumerate(found):
        if name in found[:index]:
            raise RuleError(f"{place}[{index}]", f"{name!r} stands there twice")
    return found


def some_texts(value: Any, place: str) -> list[str]:
    """A list of at least one text."""
    found = texts(value, place)
    if not found:
        raise RuleError(place, "is empty")
    return found


def optional_set(value: Any, place: str) -> frozenset[str] | None:
    """A set of texts, or None for all."""
    return None if value is None else frozenset(some_texts(value, place))


def titles(value: Any, place: str) -> dict[str, str]:
    """Titles by key."""
    return {key: text(title, f"{place}.{key}") for key, title in mapping(value, place).items()}


def boolean(value: Any, place: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise RuleError(place, "must be true or false")
    return value


def optional_count(value: Any, place: str) -> int | None:
    """A whole number from 1 to 1200, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_COUNT:
        raise RuleError(place, f"must be a whole number from 1 to {LARGEST_COUNT}")
    return value


LARGEST_COUNT = 1200
"""A hundred years of months: more is a slip of the pen, and would go beyond the calendar."""


def day(value: Any, place: str) -> date:
    """A day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        found = value
    else:
        try:
            found = date.fromisoformat(str(value))
        except ValueError:
            raise RuleError(place, f"{value!r} is no day; write it as 2025-01-22") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RuleError(place, f"{found} is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return found


FIRST_YEAR, LAST_YEAR = 1900, 2999


def period(data: Mapping[str, Any], place: str) -> Period:
    """The days `from` and `to` of `data`, both included and local; either may be missing."""
    first, last = data.get("from"), data.get("to")
    start = None if first is None else day_starts_at(day(first, f"{place}.from"))
    end = None if last is None else day_ends_at(day(last, f"{place}.to"))
    if start is not None and end is not None and end <= start:
        raise RuleError(f"{place}.to", "is before `from`")
    return Period(start=start, end=end)
