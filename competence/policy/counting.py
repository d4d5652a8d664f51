"""When somebody counts as having completed a course: by itself, or by all the courses of an equivalence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from competence.policy.rules import Equivalence, Option
from competence.policy.ways import with_equivalences

Way = frozenset[str]
"""The keys of courses of which all must have been completed."""


def ways_to_complete(course: str, equivalences: Sequence[Equivalence], at: datetime) -> tuple[Way, ...]:
    """The sets of courses that count at `at` as having completed `course`, itself first.

    Raises TooManyWays.
    """
    options = with_equivalences([Option(courses=(course,))], equivalences)
    return tuple(frozenset(option.courses) for option in options if option.counts(None, at))


def only_itself(course: str) -> tuple[Way, ...]:
    """The ways where no rules say anything else."""
    return (frozenset({course}),)


def completed_since(course: str, ways: Sequence[Way], completed: Mapping[str, datetime]) -> datetime | None:
    """Since when who has `completed` these courses, each then, counts as having completed `course`; None: does not.

    A set counts when the last of its courses was completed, and the first set that was full counts; but who has
    completed the course itself did so when they did.
    """
    full = [max(completed[one] for one in way) for way in ways if way and way <= completed.keys()]
    if not full:
        return None
    return completed.get(course) or min(full)
