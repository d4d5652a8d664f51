"""The front path in Prometheus' figures, as if Django had answered, and how much of it Django was spared.

All of it is added up here and handed over when the figures are asked for: nine counters and three histograms for each
answer would take as long as the rest of it.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django_prometheus.middleware import Metrics
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

VIEW = "api-1:check_eligibility"
_lock = threading.Lock()
_answered = {True: 0, False: 0}
"""Answers that are not handed over yet, by whether the transport was secure."""


class HandOver(Collector):
    """Has no figures of its own: whoever collects, has the others brought up to date first. It is registered before
    them, since figures are collected in that order: see `competence.apps`."""

    def collect(self) -> Iterable[Metric]:
        with _lock:
            answered = dict(_answered)
            _answered.update(dict.fromkeys(_answered, 0))
            observed = [sums.taken() for sums in _sums()] if any(answered.values()) else []
        for is_secure, number in answered.items():
            if number:
                for count in _counters(is_secure):
                    count(number)
        for histograms, total, numbers in observed:
            for histogram in histograms:
                _add(histogram, total, numbers)
        return ()


class Sums:
    """What some histograms with the same limits would have been told: how many observations up to each limit, and their
    sum."""

    def __init__(self, histograms: Sequence[Histogram]) -> None:
        self.histograms = histograms
        self.limits: list[float] = histograms[0]._upper_bounds
        self._begin()

    def _begin(self) -> None:
        self.total, self.numbers = 0.0, [0] * len(self.limits)

    def taken(self) -> tuple[Sequence[Histogram], float, list[int]]:
        """The histograms, the sum and the numbers until now; from here on they are counted anew."""
        total, numbers = self.total, self.numbers
        self._begin()
        return self.histograms, total, numbers


def _add(histogram: Histogram, total: float, numbers: list[int]) -> None:
    """What `observe` does, for many at a time: the library has no way to say so."""
    histogram._sum.inc(total)
    for bucket, number in zip(histogram._buckets, numbers, strict=True):
        if number:
            bucket.inc(number)


REGISTRY.register(HandOver())
ANSWERED = Counter("api_front_answers_total", "Single checks answered in front of Django.")
PASSED_ON = Counter("api_front_passed_on_total", "Single checks that the front path left to Django.")


def count_answer(began: float, size: int, *, is_secure: bool) -> None:
    """An answer of `size` bytes was given to what was asked at `began` (`time.perf_counter`)."""
    latencies, sizes = _sums()
    took = time.perf_counter() - began
    with _lock:
        _answered[is_secure] += 1
        latencies.total += took
        latencies.numbers[bisect_left(latencies.limits, took)] += 1
        sizes.total += size
        sizes.numbers[bisect_left(sizes.limits, size)] += 1


def count_passed_on() -> None:
    """A question was left to Django, which counts the rest."""
    PASSED_ON.inc()


@cache
def _counters(is_secure: bool) -> list[Callable[[float], Any]]:
    """The counters of Django's middleware that a GET of this view that is answered moves."""
    metrics = Metrics.get_instance()
    transport = "https" if is_secure else "http"
    counters = [
        ANSWERED,
        metrics.requests_total,
        metrics.responses_total,
        metrics.requests_by_method.labels(method="GET"),
        metrics.requests_by_transport.labels(transport=transport),
        metrics.requests_by_view_transport_method.labels(view=VIEW, transport=transport, method="GET"),
        metrics.responses_by_status.labels(status="200"),
        metrics.responses_by_status_view_method.labels(status="200", view=VIEW, method="GET"),
        metrics.responses_by_charset.labels(charset="utf-8"),
    ]
    return [counter.inc for counter in counters]


@cache
def _sums() -> tuple[Sums, Sums]:
    """For the latencies and the size of Django's middleware that it moves, too."""
    metrics = Metrics.get_instance()
    latencies = (
        metrics.requests_latency_before,
        metrics.requests_latency_by_view_method.labels(view=VIEW, method="GET"),
    )
    return Sums(latencies), Sums((metrics.responses_body_bytes,))
