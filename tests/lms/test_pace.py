"""How often anybody may do what needs no log-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory

from lms.lib.pace import keeps_pace


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def keeps(address: str, what: str = "matter", **limits: Any) -> bool:
    return keeps_pace(RequestFactory(REMOTE_ADDR=address).get("/"), what, **{"limit": 1, "seconds": 60, **limits})


def test_each_address_and_matter_has_its_own_count() -> None:
    assert keeps("192.0.2.1")
    assert not keeps("192.0.2.1")
    assert keeps("192.0.2.2")
    assert keeps("192.0.2.1", "another")


def test_the_addresses_of_one_ipv6_subnet_are_one() -> None:
    assert keeps("2001:db8:1:2::1")
    assert not keeps("2001:db8:1:2:ffff::7")
    assert keeps("2001:db8:1:3::1")


def test_the_next_window_begins_anew() -> None:
    with time_machine.travel(1_000_000_020, tick=False) as clock:
        assert keeps("192.0.2.1")
        assert not keeps("192.0.2.1")
        clock.shift(60)
        assert keeps("192.0.2.1")
