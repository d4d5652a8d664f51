"""Local days and instants. Times are stored in UTC and belong to Europe/Stockholm for people."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SHORTEST_MONTH = 28


@lru_cache(maxsize=20_000)  # fifty years of days: the same ones are asked for over and over
def day_starts_at(day: date) -> datetime:
    """The instant (UTC) at which `day` begins in Stockholm; right on the 23- and the 25-hour day too."""
    return datetime.combine(day, time.min, STOCKHOLM).astimezone(UTC)


def day_ends_at(day: date) -> datetime:
    """The instant (UTC) at which `day` is over in Stockholm: the first instant of the day after."""
    return day_starts_at(day + timedelta(days=1))


def local_day(instant: datetime) -> date:
    """The day in Stockholm that `instant` (aware) falls on."""
    return instant.astimezone(STOCKHOLM).date()


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day of that month where there is no such day.

    29 February and twelve months is 28 February.
    """
    month_index = day.year * 12 + day.month - 1 + months
    year, month = divmod(month_index, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    last_day = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last_day))


def months_end_at(start: datetime, months: int) -> datetime:
    """The instant (UTC) at which something that began at `start` and lasts `months` is over: a validity ends with the
    local day."""
    return day_ends_at(add_months(local_day(start), months))
