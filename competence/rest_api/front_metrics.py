"""The front path in Prometheus' figures, as if Django had answered, and how much of it Django was spared.

What only counts is added up here and handed over when the figures are asked for: nine counters for each answer would
take as long as the rest of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django_prometheus.middleware import Metrics
from prometheus_client import REGISTRY, Counter
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
        for is_secure, number in answered.items():
            if number:
                for count in _counters(is_secure):
                    count(number)
        return ()


REGISTRY.register(HandOver())
ANSWERED = Counter("api_front_answers_total", "Single checks answered in front of Django.")
PASSED_ON = Counter("api_front_passed_on_total", "Single checks that the front path left to Django.")


def count_answer(began: float, size: int, *, is_secure: bool) -> None:
    """An answer of `size` bytes was given to what was asked at `began` (`time.perf_counter`)."""
    took = time.perf_counter() - began
    with _lock:
        _answered[is_secure] += 1
    latencies, observe_size = _observers()
    for observe in latencies:
        observe(took)
    observe_size(size)


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
def _observers() -> tuple[list[Callable[[float], Any]], Callable[[float], Any]]:
    """The latencies and the size of Django's middleware that it moves, too."""
    metrics = Metrics.get_instance()
    latencies = [
        metrics.requests_latency_before,
        metrics.requests_latency_by_view_method.labels(view=VIEW, method="GET"),
    ]
    return [one.observe for one in latencies], metrics.responses_body_bytes.observe
