"""Local days and instants. Times are stored in UTC and belong to Europe/Stockholm for people."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def day_starts_at(day: date) -> datetime:
    """The instant (UTC) at which `day` begins in Stockholm; right on the 23- and the 25-hour day too."""
    return datetime.combine(day, time.min, STOCKHOLM).astimezone(UTC)


def day_ends_at(day: date) -> datetime:
    """The instant (UTC) at which `day` is over in Stockholm: the first instant of the day after."""
    return day_starts_at(day + timedelta(days=1))


def local_day(instant: datetime) -> date:
    """The day in Stockholm that `instant` (aware) falls on."""
    return instant.astimezone(STOCKHOLM).date()
