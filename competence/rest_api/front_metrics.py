"""The front path in Prometheus' figures, as if Django had answered, and how much of it Django was spared."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django_prometheus.middleware import Metrics
from prometheus_client import Counter

VIEW = "api-1:check_eligibility"
ANSWERED = Counter("api_front_answers_total", "Single checks answered in front of Django.")
PASSED_ON = Counter("api_front_passed_on_total", "Single checks that the front path left to Django.")


def count_answer(began: float, size: int, *, is_secure: bool) -> None:
    """An answer of `size` bytes was given to what was asked at `began` (`time.perf_counter`)."""
    took = time.perf_counter() - began
    counters, latencies, observe_size = _children(is_secure)
    for count in counters:
        count()
    for observe in latencies:
        observe(took)
    observe_size(size)


def count_passed_on() -> None:
    """A question was left to Django, which counts the rest."""
    PASSED_ON.inc()


@cache
def _children(is_secure: bool) -> tuple[list[Callable[[], Any]], list[Callable[[float], Any]], Callable[[float], Any]]:
    """The counters, latencies and size of Django's middleware that a GET of this view that is answered moves."""
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
    latencies = [
        metrics.requests_latency_before,
        metrics.requests_latency_by_view_method.labels(view=VIEW, method="GET"),
    ]
    return (
        [counter.inc for counter in counters],
        [one.observe for one in latencies],
        metrics.responses_body_bytes.observe,
    )
