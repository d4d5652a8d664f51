"""How much a client may ask: a fixed window for each quota, counted in the cache.

The ordinary path counts in the cache at once. The front path counts here and tells the cache within a tenth of a second
(`counting`), so that a request needs no round trip to it: what it shows is what the cache said last and what this
process has counted since. A cache that is away stops nobody from asking; each process then counts for itself.
Answers carry the headers of the IETF's draft "RateLimit header fields for HTTP".
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from competence.rest_api import counting
from competence.rest_api.problems import Problem

log = structlog.get_logger(__name__)


class Quota(NamedTuple):
    """At most `limit` of something in each window of `seconds`."""

    name: str
    limit: int
    seconds: int


class Usage(NamedTuple):
    """What is left of a quota, and after how many seconds it is whole again."""

    quota: Quota
    used: int
    resets_in: int

    @property
    def remaining(self) -> int:
        return max(0, self.quota.limit - self.used)

    @property
    def policy_header(self) -> str:
        return _policy_header(self.quota)

    @property
    def header(self) -> str:
        return f'"{self.quota.name}";r={self.remaining};t={self.resets_in}'


@lru_cache(maxsize=100)
def _policy_header(quota: Quota) -> str:
    return f'"{quota.name}";q={quota.limit};w={quota.seconds}'


def requests_quota() -> Quota:
    """Requests of any kind."""
    return Quota("requests", settings.API_REQUESTS_PER_MINUTE, 60)


def people_quota() -> Quota:
    """Answers about people: whoever asks about everybody is harvesting."""
    return Quota("people", settings.API_ANSWERS_PER_HOUR, 3600)


def take(quota: Quota, client_id: str, amount: int = 1) -> Usage:
    """Count `amount` against the client's quota. Raises Problem (429) when it is used up."""
    window, into = divmod(int(time.time()), quota.seconds)
    used = counting.count(_key(quota, client_id), window, amount, quota.seconds)
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


def take_here(quotas: tuple[Quota, ...], client_id: str) -> list[Usage] | None:
    """Count one against each quota in this process, and have the cache told soon.

    None, and nothing counted, when one is used up, or when the cache has not been asked about its window yet: then the
    ordinary path counts, and refuses.
    """
    now = int(time.time())
    wanted = []
    for quota in quotas:
        window, into = divmod(now, quota.seconds)
        wanted.append((_key(quota, client_id), window, quota.limit, into))
    used = counting.count_here([(key, window, limit) for key, window, limit, _into in wanted])
    if used is None:
        return None
    return [
        Usage(quota, number, quota.seconds - into)
        for quota, number, (_key_, _window, _limit, into) in zip(quotas, used, wanted, strict=True)
    ]


def _key(quota: Quota, client_id: str) -> str:
    return f"api-quota:{quota.name}:{client_id}"
