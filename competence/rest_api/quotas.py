"""How much a client may ask: a fixed window for each quota, counted in the cache.

A cache that is away stops nobody: the limit guards against harvesting, not against asking. Answers carry the headers
of the IETF's draft "RateLimit header fields for HTTP".
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from competence.rest_api.problems import Problem

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Quota:
    """At most `limit` of something in each window of `seconds`."""

    name: str
    limit: int
    seconds: int


@dataclass(frozen=True)
class Usage:
    """What is left of a quota, and after how many seconds it is whole again."""

    quota: Quota
    used: int
    resets_in: int

    @property
    def remaining(self) -> int:
        return max(0, self.quota.limit - self.used)

    @property
    def policy_header(self) -> str:
        return f'"{self.quota.name}";q={self.quota.limit};w={self.quota.seconds}'

    @property
    def header(self) -> str:
        return f'"{self.quota.name}";r={self.remaining};t={self.resets_in}'


def requests_quota() -> Quota:
    """Requests of any kind."""
    return Quota("requests", settings.API_REQUESTS_PER_MINUTE, 60)


def people_quota() -> Quota:
    """Answers about people: whoever asks about everybody is harvesting."""
    return Quota("people", settings.API_ANSWERS_PER_HOUR, 3600)


def take(quota: Quota, client_id: str, amount: int = 1) -> Usage:
    """Count `amount` against the client's quota. Raises Problem (429) when it is used up."""
    now = time.time()
    window, into = divmod(int(now), quota.seconds)
    key = f"api-quota:{quota.name}:{client_id}:{window}"
    try:
        used = _count(key, amount, quota.seconds)
    except Exception as error:  # the cache's client raises what it likes
        log.warning("api.quota_not_counted", error=repr(error))
        used = 0
    usage = Usage(quota, used, quota.seconds - into)
    if used > quota.limit:
        log.warning("api.quota_exceeded", client=client_id, quota=quota.name, used=used)
        raise Problem(
            "too_many_requests",
            _("Wait %(seconds)d seconds.") % {"seconds": usage.resets_in},
            headers={
                "Retry-After": str(usage.resets_in),
                "RateLimit-Policy": usage.policy_header,
                "RateLimit": usage.header,
            },
        )
    return usage


def _count(key: str, amount: int, seconds: int) -> int:
    try:
        return cache.incr(key, amount)
    except ValueError:  # the first in this window
        if cache.add(key, amount, timeout=seconds * 2):
            return amount
        return cache.incr(key, amount)
