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


def take_here(client_id: str) -> tuple[str, str] | None:
    """Count one against both quotas in this process, and have the cache told soon. The values of the headers
    RateLimit-Policy and RateLimit.

    None, and nothing counted, when one is used up, or when the cache has not been asked about its window yet: then the
    ordinary path counts, and refuses.
    """
    requests, people, policy = _here(client_id, settings.API_REQUESTS_PER_MINUTE, settings.API_ANSWERS_PER_HOUR)
    now = int(time.time())
    minute, second = divmod(now, 60)
    hour, of_hour = divmod(now, 3600)
    used = counting.count_here(((requests.key, minute, requests.limit), (people.key, hour, people.limit)))
    if used is None:
        return None
    return policy, (
        f"{requests.start}{requests.limit - used[0]};t={60 - second}, "
        f"{people.start}{people.limit - used[1]};t={3600 - of_hour}"
    )


class _Here(NamedTuple):
    """What is the same in all that is counted here: the key, the limit, and how the header begins."""

    key: str
    limit: int
    start: str


@lru_cache(maxsize=1_000)
def _here(client_id: str, per_minute: int, per_hour: int) -> tuple[_Here, _Here, str]:
    """For both quotas of the client, which have these limits; and what tells them."""
    quotas = requests_quota(), people_quota()
    requests, people = (_Here(_key(one, client_id), one.limit, f'"{one.name}";r=') for one in quotas)
    return requests, people, ", ".join(_policy_header(one) for one in quotas)


def _key(quota: Quota, client_id: str) -> str:
    return f"api-quota:{quota.name}:{client_id}"
