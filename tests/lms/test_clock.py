"""Local days, on ordinary days and on those of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lms.lib.clock import add_months, day_ends_at, day_starts_at, local_day, months_end_at


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)],
    ids=["ordinary", "summer time begins", "summer time ends"],
)
def test_f18_a_day_ends_with_the_local_day(day: date, hours: int) -> None:
    assert day_ends_at(day) - day_starts_at(day) == timedelta(hours=hours)
    assert local_day(day_ends_at(day) - timedelta(microseconds=1)) == day
    assert local_day(day_ends_at(day)) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 1), 7, date(2026, 12, 1)),
    ],
)
def test_f19_months_are_added_by_the_calendar(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


def test_f18_a_validity_lasts_to_the_end_of_its_last_local_day() -> None:
    # Half past eleven in the evening in Stockholm is the day before in UTC, in summer.
    completed = datetime(2025, 6, 30, 22, 30, tzinfo=UTC)
    assert local_day(completed) == date(2025, 7, 1)
    assert months_end_at(completed, 12) == datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
