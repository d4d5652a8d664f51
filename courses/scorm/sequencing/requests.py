"""What a learner or a part of the package can ask for, and what comes of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHOOSING = frozenset({"choice", "jump"})
KINDS = CHOOSING | {
    "start", "resumeAll", "continue", "previous", "exit", "exitAll", "suspendAll", "abandon", "abandonAll", "retry",
}  # fmt: skip
_TARGETED = re.compile(r"\{target=([^{}]+)\}(choice|jump)")


@dataclass(frozen=True)
class Request:
    """A navigation request; `target` is the activity that a *choice* or a *jump* goes to."""

    kind: str
    target: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a request: the activity to start, the end of the session, or a refusal.

    `refusal` is a word that says why nothing was started (see `queries.contents` for the sentences); the activity that
    was open may have been left all the same.
    """

    delivered: str | None = None
    has_ended: bool = False
    refusal: str = ""


class Refused(Exception):
    """A process of the standard came to an exception. `code` is a word of ours for it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class SessionOver(Exception):
    """Going on led past the last activity: the session is over."""


def from_content(value: str) -> Request | None:
    """What a part asked for through `adl.nav.request`; None for nothing."""
    if match := _TARGETED.fullmatch(value):
        return Request(match[2], match[1])
    return Request(value) if value in KINDS and value not in {"start", "resumeAll", "retry"} else None
