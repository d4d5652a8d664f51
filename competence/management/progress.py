"""How far a command has come with its people: told once a second at most, with the rate and the time that is left."""

from __future__ import annotations

import time

from django.core.management.base import OutputWrapper


class Progress:
    """`total`: how many people there are to be; `before`: how many of them were done when the command began."""

    def __init__(self, out: OutputWrapper, total: int, before: int = 0) -> None:
        self._out = out
        self._total = total
        self._before = before
        self._started = self._told = time.monotonic()

    def at(self, done: int) -> None:
        """So many are done."""
        now = time.monotonic()
        if now - self._told < 1:
            return
        self._told = now
        rate = self._rate(done, now)
        left = max(self._total - done, 0) / rate
        self._out.write(f"{done:,} of {self._total:,} people, {rate:,.0f} a second, {left:,.0f} s left")
        self._out.flush()

    def took(self, done: int) -> str:
        """How long it has taken, at what rate."""
        now = time.monotonic()
        return f"in {now - self._started:.1f} s, {self._rate(done, now):,.0f} a second"

    def _rate(self, done: int, now: float) -> float:
        return max((done - self._before) / max(now - self._started, 0.001), 0.001)
