"""Which process this is, without asking the system each time."""

from __future__ import annotations

import os

_own = os.getpid()


def this_process() -> int:
    """The process's number, which is another one after a fork: what a parent began, its child must begin anew."""
    return _own


def _learn() -> None:
    global _own
    _own = os.getpid()


os.register_at_fork(after_in_child=_learn)
