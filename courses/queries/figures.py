"""The shape of what a course's keepers see of how it goes, whatever its kind: steps, parts, counts, and what is stuck.

Counts only: no person is in it. To who may not see persons, `without_small_groups` tells no count of one to four
people, nor two counts that differ by so few: whoever subtracts learns nothing of a small group either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SMALLEST_GROUP = 5
_HOUR, _DAY = 3600, 86_400


@dataclass(frozen=True)
class Step:
    """How many people came as far as this. `share`: of those at the first step, in whole per cent; `lost`: how many
    fewer than at the step before. None: not told."""

    title: str
    people: int | None
    share: int | None
    lost: int | None


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
    """A count beside the steps. None: not told."""

    title: str
    count: int | None
    note: str = ""


@dataclass(frozen=True)
class Funnel:
    """`at`: when it was counted. `seconds`: the middle time from beginning to finish. `parts_of`: what the parts are,
    for their table's caption. `hides`: something is not told, since it is about few people."""

    steps: Sequence[Step]
    parts: Sequence[PartFigures] = ()
    tallies: Sequence[Tally] = ()
    parts_of: str = ""
    seconds: float | None = None
    at: datetime = field(default_factory=timezone.now)
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
    """How many are stuck for one cause; None: fewer than `SMALLEST_GROUP`."""

    cause: Cause
    count: int | None


def steps_of(counted: Sequence[tuple[str, int]]) -> list[Step]:
    """The steps of a funnel from their titles and numbers, the first of which is everybody."""
    steps: list[Step] = []
    everybody = counted[0][1]
    for title, number in counted:
        lost = (steps[-1].people or 0) - number if steps else 0
        steps.append(Step(title, number, round(100 * number / everybody) if everybody else 0, lost))
    return steps


def without_small_groups(funnel: Funnel) -> Funnel:
    """What may be told of `funnel` to who may not see persons."""
    shown = [0]

    def told(number: int | None) -> int | None:
        if number is None or any(0 < abs(number - other) < SMALLEST_GROUP for other in shown):
            return None
        shown.append(number)
        return number

    steps: list[Step] = []
    for step in funnel.steps:
        people = told(step.people)
        first, before = (steps[0].people, steps[-1].people) if steps else (people, people)
        steps.append(
            Step(
                step.title,
                people,
                share=None if people is None or first is None else step.share,
                lost=None if people is None or before is None else before - people,
            )
        )
    tallies = [replace(one, count=told(one.count)) for one in funnel.tallies]
    parts = []
    for part in funnel.parts:
        opened, finished = told(part.opened), told(part.finished)
        parts.append(PartFigures(part.title, opened, finished, part.seconds if finished else None))
    numbers = [*(one.people for one in steps), *(one.count for one in tallies)]
    numbers += [number for part in parts for number in (part.opened, part.finished)]
    return replace(
        funnel,
        steps=steps,
        tallies=tallies,
        parts=parts,
        hides=None in numbers,
        seconds=funnel.seconds if steps[-1].people else None,
    )


def stuck_without_small_groups(lines: Sequence[StuckLine]) -> list[StuckLine]:
    """The same for what is stuck: that somebody is, is told, so that it can be mended."""
    return [replace(one, count=None) if (one.count or 0) < SMALLEST_GROUP else one for one in lines]


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
