"""The stable codes of grounds and of missing steps, and the values that carry them.

The codes are part of the contract with ordering systems: never rename one. `docs/eligibility.md` has a row for each.
The values are tuples, which are made five times as fast as frozen data classes: every assessment makes a dozen.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Code(StrEnum):
    """Why the answer is what it is."""

    # The person and the employment.
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    NOT_EMPLOYED = "NOT_EMPLOYED"
    EMPLOYED = "EMPLOYED"
    SUSPENDED = "SUSPENDED"
    RIGHT_NOT_FOR_PRINCIPAL = "RIGHT_NOT_FOR_PRINCIPAL"
    RIGHT_NOT_IN_USE = "RIGHT_NOT_IN_USE"
    # What the manager decides.
    NOT_APPOINTED = "NOT_APPOINTED"
    APPOINTED = "APPOINTED"
    HELD_BY_PROFESSION = "HELD_BY_PROFESSION"
    LEVEL_NOT_DECIDED = "LEVEL_NOT_DECIDED"
    # What the person shows.
    COURSE_MISSING = "COURSE_MISSING"
    COURSE_EXPIRED = "COURSE_EXPIRED"
    ATTESTATION_MISSING = "ATTESTATION_MISSING"
    REQUIREMENT_MET = "REQUIREMENT_MET"
    REQUIREMENT_RECOMMENDED = "REQUIREMENT_RECOMMENDED"
    EXEMPTED = "EXEMPTED"
    GRANDFATHERED = "GRANDFATHERED"
    # The ordering right.
    NOT_AUTHORISED = "NOT_AUTHORISED"
    AUTHORISED = "AUTHORISED"
    AUTHORISATION_NOT_STARTED = "AUTHORISATION_NOT_STARTED"
    AUTHORISATION_ENDED = "AUTHORISATION_ENDED"
    AUTHORISATION_INACTIVE = "AUTHORISATION_INACTIVE"
    REVOKED = "REVOKED"


class Reason(NamedTuple):
    """A ground: something that holds and that the answer rests on. `fact` is the key of the fact it cites."""

    code: Code
    requirement: str | None = None
    course: str | None = None
    attestation: str | None = None
    role: str | None = None
    right: str | None = None
    fact: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Alternative(NamedTuple):
    """One way to meet a requirement: all of these courses and all of these attestations."""

    courses: tuple[str, ...] = ()
    attestations: tuple[str, ...] = ()

    def is_part_of(self, other: Alternative) -> bool:
        """Whether whoever does `other` has also done this."""
        return set(self.courses) <= set(other.courses) and set(self.attestations) <= set(other.attestations)


class Missing(NamedTuple):
    """A step that remains. Any one of `alternatives` does; `is_blocking` False: recommended, not demanded.

    `also_meets`: further requirements that this step meets at the same time, and that are therefore no step of
    their own. `after`: requirements still missing that come before this one. `since`: when it began to be missing.
    `until`: before when a log-in is enough, for an ordering right that is inactive and not yet closed.
    """

    code: Code
    requirement: str | None = None
    alternatives: tuple[Alternative, ...] = ()
    also_meets: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    role: str | None = None
    right: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_blocking: bool = True
