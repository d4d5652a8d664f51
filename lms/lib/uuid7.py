"""Identifiers that sort by the instant they were made at, so that rows added one after the other lie side by side."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(at: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562): milliseconds of `at` (aware), then 74 random bits."""
    random = int.from_bytes(os.urandom(10), "big")
    number = (at - _EPOCH) // _MILLISECOND << 80 | random
    # The version's four bits and the variant's two lie where random ones were.
    return UUID(int=number & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def made_at(identifier: UUID) -> datetime | None:
    """The instant, to the millisecond, that `identifier` bears; None when it is of another version."""
    return _EPOCH + (identifier.int >> 80) * _MILLISECOND if identifier.version == 7 else None


def first_of(at: datetime) -> UUID:
    """No identifier that was made at `at` or later sorts before this one, and every earlier one does."""
    return UUID(int=(at - _EPOCH) // _MILLISECOND << 80)
