"""Local days in Stockholm, reckoned anew: nothing here is the product's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ONE_DAY = timedelta(days=1)


@cache
def first_instant(day: date) -> datetime:
    """The first instant of a local day. Summer time begins and ends later in the night: midnight is always there."""
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)


@cache
def local_day(instant: datetime) -> date:
    """The local day on which an instant falls."""
    return instant.astimezone(STOCKHOLM).date()


def months_later(day: date, months: int) -> date:
    """'Calendar months from the local day (29 February plus twelve months is 28 February).'"""
    year, month = day.year, day.month
    for _month in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    day_of_month = day.day
    while True:
        try:
            return date(year, month, day_of_month)
        except ValueError:
            day_of_month -= 1


@cache
def after_months(instant: datetime, months: int) -> datetime:
    """'... and ends when that local day ends.'"""
    return first_instant(months_later(local_day(instant), months) + ONE_DAY)


def after_days(instant: datetime, days: int) -> datetime:
    """So many local days from the one on which an instant falls."""
    return first_instant(local_day(instant) + timedelta(days=days))


def as_day(written: Any) -> date:
    """A day as YAML or JSON gives it."""
    return written if isinstance(written, date) else date.fromisoformat(written)


def begins(entry: dict[str, Any]) -> datetime | None:
    """The first instant of an entry's `from`; none: without bound."""
    return first_instant(as_day(entry["from"])) if entry.get("from") is not None else None


def ends(entry: dict[str, Any]) -> datetime | None:
    """The instant after the last of an entry's `to`; none: without bound."""
    return first_instant(as_day(entry["to"]) + ONE_DAY) if entry.get("to") is not None else None


def in_use(entry: dict[str, Any], now: datetime) -> bool:
    """'The same is true of `from` and `to` wherever a rule document has them.'"""
    begin, end = begins(entry), ends(entry)
    return (begin is None or begin <= now) and (end is None or now < end)
