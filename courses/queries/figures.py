"""The shape of what a course's keepers see of how it goes, whatever its kind: steps, parts, counts, and what is stuck.

Counts only: no person is in it. What of them is told to who may not see persons: `courses.queries.discretion`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_HOUR, _DAY = 3600, 86_400


@dataclass(frozen=True)
class Step:
    """How many people came as far as this. `share`: of those at the first step, in whole per cent; `lost`: how many
    fewer than at the step before. None: not told. `groups`: the groups of people, apart from each other, that it is
    made of."""

    title: str
    people: int | None
    share: int | None
    lost: int | None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PartFigures:
    """A part or a lesson: how many came to it and how many finished it; `seconds`: the middle time from what came
    before it to its end, None where nobody has finished it, where it is not known or not told."""

    title: str
    opened: int | None
    finished: int | None
    seconds: float | None = None

    @property
    def time(self) -> str:
        return "" if self.seconds is None else span_text(self.seconds)


@dataclass(frozen=True)
class Tally:
    """A count beside the steps. None: not told. `groups`: as of a step; empty where it counts something else than
    people."""

    title: str
    count: int | None
    note: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Funnel:
    """`at`: when it was counted. `seconds`: the middle time from beginning to finish. `parts_of`: what the parts are,
    for their table's caption. `end`: the place of the step at which people have finished. `hides`: something is not
    told, since it is about few people."""

    steps: Sequence[Step]
    parts: Sequence[PartFigures] = ()
    tallies: Sequence[Tally] = ()
    parts_of: str = ""
    seconds: float | None = None
    at: datetime = field(default_factory=timezone.now)
    end: int = 0
    hides: bool = False
    is_empty: bool = False

    @property
    def time(self) -> str:
        return "" if self.seconds is None else span_text(self.seconds)

    @property
    def has_times(self) -> bool:
        return any(part.seconds is not None for part in self.parts)


@dataclass(frozen=True)
class Cause:
    """Why something is stuck, in words, and what to do about it."""

    title: Promise | str
    advice: Promise | str


@dataclass(frozen=True)
class StuckLine:
    """How many are stuck for one cause. None: not told, but for `about`, which is empty for one to four people."""

    cause: Cause
    count: int | None
    about: str = ""


def steps_of(counted: Sequence[tuple[str, int, str]]) -> list[Step]:
    """The steps of a funnel from their titles, numbers, and the names (with spaces between) of the groups that have
    come no further. The first is everybody, and each is taken to hold those that come after it."""
    steps: list[Step] = []
    everybody = counted[0][1]
    for place, (title, number, _stopped) in enumerate(counted):
        lost = (steps[-1].people or 0) - number if steps else 0
        groups = frozenset(name for *_rest, stopped in counted[place:] for name in stopped.split())
        steps.append(Step(title, number, round(100 * number / everybody) if everybody else 0, lost, groups))
    return steps


def middle(spans: Sequence[float]) -> float | None:
    """The middle value, or None of nothing."""
    return median(spans) if spans else None


def span_text(seconds: float) -> str:
    """A time in words, in minutes, hours or days: as exact as it is of use."""
    if seconds < 2 * _HOUR:
        number = max(1, round(seconds / 60))
        return ngettext("%(count)s minute", "%(count)s minutes", number) % {"count": number}
    if seconds < 2 * _DAY:
        number = round(seconds / _HOUR)
        return _("%(count)s hours") % {"count": number}
    number = round(seconds / _DAY)
    return ngettext("%(count)s day", "%(count)s days", number) % {"count": number}
