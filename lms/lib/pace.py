"""How often anybody may do something that needs no log-in, by the address they call from."""

from __future__ import annotations

import ipaddress
import time

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

log = structlog.get_logger(__name__)
IPV6_SUBNET = 64
"""Whoever has an IPv6 address has a whole subnet of them."""


def address_of_caller(request: HttpRequest) -> str:
    """The caller's address, behind as many proxies as the settings say."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # a server that listens on a socket in the file system tells no address
        return "unknown"


def keeps_pace(request: HttpRequest, what: str, *, limit: int, seconds: int) -> bool:
    """Count one `what` for the caller's address; False when there were more than `limit` in this window of `seconds`.

    A cache that is away stops nobody.
    """
    window = int(time.time()) // seconds
    key = f"pace:{what}:{_network(address_of_caller(request))}:{window}"
    try:
        cache.add(key, 0, seconds)
        used = cache.incr(key)
    except Exception as error:  # the cache's client raises what it likes; ValueError: the window ended meanwhile
        log.warning("pace.not_counted", what=what, error=repr(error))
        return True
    return used <= limit


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network(f"{found}/{IPV6_SUBNET}", strict=False))
