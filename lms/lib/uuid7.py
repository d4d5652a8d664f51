"""Identifiers that sort by the instant they were made at, so that rows added one after the other lie side by side."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from lms.lib.processes import this_process

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""The digit that says what kind of identifier it is, with two random bits."""
_DIGITS = 19
"""Random hexadecimal digits of each identifier: 74 bits, and two that the variant takes away."""
_AT_ONCE = 256


class _Random(threading.local):
    """Random digits in stock: the system is asked for some hundred identifiers at a time, by each thread for itself."""

    process = 0
    digits = ""
    used = 0


_stock = _Random()


def uuid7_text(at: datetime) -> str:
    """A UUID of version 7 (RFC 9562): milliseconds of `at` (aware), then 74 random bits."""
    stock = _stock
    if stock.used + _DIGITS > len(stock.digits) or stock.process != this_process():
        # A child must not use up what its parent has in stock, too.
        stock.digits, stock.used, stock.process = os.urandom(_DIGITS * _AT_ONCE).hex(), 0, this_process()
    r = stock.digits[stock.used : stock.used + _DIGITS]
    stock.used += _DIGITS
    time = f"{(at - _EPOCH) // _MILLISECOND:012x}"
    return f"{time[:8]}-{time[8:]}-7{r[:3]}-{_VARIANT[r[3]]}{r[4:7]}-{r[7:]}"


def uuid7(at: datetime) -> UUID:
    """The same as a UUID."""
    return UUID(uuid7_text(at))


def uuid7_texts(at: datetime, count: int) -> list[str]:
    """So many of them for the same instant, one after the other: 58 bits are random and the same for all, and the last
    four digits count. At most 65,536."""
    stamp, r = f"{(at - _EPOCH) // _MILLISECOND:012x}", os.urandom(8).hex()
    start = f"{stamp[:8]}-{stamp[8:]}-7{r[:3]}-{_VARIANT[r[3]]}{r[4:7]}-{r[7:15]}"
    return [start + last for last in _counted(count)]


@lru_cache(maxsize=4)
def _counted(count: int) -> tuple[str, ...]:
    return tuple(f"{number:04x}" for number in range(count))


def made_at(identifier: UUID) -> datetime | None:
    """The instant, to the millisecond, that `identifier` bears; None when it is of another version."""
    return _EPOCH + (identifier.int >> 80) * _MILLISECOND if identifier.version == 7 else None


def first_of(at: datetime) -> UUID:
    """No identifier that was made at `at` or later sorts before this one, and every earlier one does."""
    return UUID(int=(at - _EPOCH) // _MILLISECOND << 80)
