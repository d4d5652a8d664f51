"""Counting in the cache, at once or soon: one number for each key and window, shared by all processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.core.cache import cache

from lms.lib.processes import this_process

log = structlog.get_logger(__name__)
TELL_EVERY = 0.1
# After the cache has failed it is left alone for so long: a request that counts at once would wait for it in vain.
LEAVE_ALONE = 5.0
MOST = 10_000


@dataclass(slots=True)
class _Count:
    """What is known of a key's window: the cache's number, and what was counted here since and not told yet."""

    window: int
    seconds: int
    told: int
    untold: int = 0


_lock = threading.Lock()
_counts: dict[str, _Count] = {}
_teller_of: dict[int, threading.Thread] = {}
_anything_untold = threading.Event()
_not_before = 0.0


def count(key: str, window: int, amount: int, seconds: int) -> int:
    """Count `amount` in the cache, with what was counted here before; the number in this window, this one included."""
    with _lock:
        one = _counts.get(key)
        if one is None or one.window != window:
            if len(_counts) >= MOST:  # windows that are over, and clients that ask no more
                _counts.clear()
            one = _counts[key] = _Count(window, seconds, 0)
        untold, one.untold = one.untold, 0
    total = _tell(key, window, untold + amount, seconds)
    with _lock:
        one.told = one.told + untold + amount if total is None else total
        return one.told + one.untold


def count_here(wanted: Sequence[tuple[str, int, int]]) -> list[int] | None:
    """Count one for each (key, window, limit), here: the numbers, these included. None, and nothing counted, when one
    would exceed its limit or the cache has said nothing about its window yet."""
    with _lock:
        found = []
        for key, window, limit in wanted:
            one = _counts.get(key)
            if one is None or one.window != window or one.told + one.untold >= limit:
                return None
            found.append(one)
        for one in found:
            one.untold += 1
        numbers = [one.told + one.untold for one in found]
    if not _anything_untold.is_set():
        _anything_untold.set()
        _ensure_teller()
    return numbers


def tell_all() -> None:
    """Tell the cache what was counted here, and learn what others have counted."""
    with _lock:
        untold = [(key, one, one.untold) for key, one in _counts.items() if one.untold]
        for _key, one, _amount in untold:
            one.untold = 0
    for key, one, amount in untold:
        total = _tell(key, one.window, amount, one.seconds)
        with _lock:
            one.told = one.told + amount if total is None else total


def forget_all() -> None:
    """As a new process is."""
    global _not_before
    with _lock:
        _counts.clear()
    _not_before = 0.0


def _tell(key: str, window: int, amount: int, seconds: int) -> int | None:
    """The cache's number after `amount` more; None when it is away."""
    global _not_before
    if time.monotonic() < _not_before:
        return None
    name = f"{key}:{window}"
    try:
        try:
            return cache.incr(name, amount)
        except ValueError:  # the first in this window
            if cache.add(name, amount, timeout=seconds * 2):
                return amount
            return cache.incr(name, amount)
    except Exception as error:  # the cache's client raises what it likes
        _not_before = time.monotonic() + LEAVE_ALONE
        log.warning("api.quota_not_counted", error=repr(error))
        return None


def _ensure_teller() -> None:
    """One telling thread in each process, started after any fork."""
    pid = this_process()
    if pid in _teller_of:
        return
    with _lock:
        if pid not in _teller_of:
            _teller_of.clear()
            _teller_of[pid] = threading.Thread(target=_tell_for_ever, name="quota-teller", daemon=True)
            _teller_of[pid].start()


def _tell_for_ever() -> None:
    while True:
        _anything_untold.wait()
        time.sleep(TELL_EVERY)
        _anything_untold.clear()
        tell_all()
