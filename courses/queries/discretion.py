"""What of a course's figures may be told to who may not see persons. Pure.

A group of one to four people is not told, nor can it be worked out: whoever adds and subtracts what is told gets
groups of five and more. So a number is told only if what follows from it, together with those told before, names no
small group. What is of most use is asked for first: how many have finished, how many there are, how many have begun,
then the rest as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from courses.queries.figures import Funnel, PartFigures, Step, StuckLine

SMALLEST_GROUP = 5
_WIDTH = 10
Groups = frozenset[str]
NOT_SAID = Groups()


class Told:
    """What has been told so far, and all that follows from it."""

    def __init__(self) -> None:
        self._known: dict[Groups, int] = {frozenset(): 0}
        self._numbers = [0]

    def tell(self, number: int | None, groups: Groups = NOT_SAID) -> int | None:
        """`number`, if it may be told of the people in `groups`, which are apart from each other; else None. Without
        groups it is only compared with the other numbers: the parts of a course lie between its steps."""
        if number is None or self._is_near(number, self._numbers):
            return None
        known = self._known if not groups else _with_what_follows(self._known, groups, number)
        if known is None:
            return None
        self._known = known
        self._numbers.append(number)
        return number

    @staticmethod
    def _is_near(number: int, others: Iterable[int]) -> bool:
        return any(0 < abs(number - other) < SMALLEST_GROUP for other in others)


def _with_what_follows(known: dict[Groups, int], groups: Groups, number: int) -> dict[Groups, int] | None:
    """`known` with the new number and every sum and difference that names a group; None if one of them is small."""
    result, new = dict(known), {groups: number}
    while new:
        one, count = new.popitem()
        if one in result:
            continue
        if 0 < abs(count) < SMALLEST_GROUP:
            return None
        for other, another in result.items():
            if not one & other:
                new[one | other] = count + another
            if other < one:
                new[one - other] = count - another
            if one < other:
                new[other - one] = another - count
        result[one] = count
    return result


def without_small_groups(funnel: Funnel) -> Funnel:
    """What may be told of `funnel`."""
    told = Told()
    last = len(funnel.steps) - 1
    end = min(funnel.end, last)
    people: dict[int, int | None] = {}
    for place in dict.fromkeys([end, 0, min(1, last), *range(last + 1)]):
        people[place] = told.tell(funnel.steps[place].people, funnel.steps[place].groups)
    steps: list[Step] = []
    for place, step in enumerate(funnel.steps):
        number = people[place]
        before = steps[-1].people if steps else number
        share = None if number is None or people[0] is None else step.share
        steps.append(replace(step, people=number, share=share, lost=_difference(before, number)))
    tallies = [replace(one, count=told.tell(one.count, one.groups)) for one in funnel.tallies]
    parts = []
    for part in funnel.parts:
        finished = told.tell(part.finished)
        opened = told.tell(part.opened)
        parts.append(PartFigures(part.title, opened, finished, part.seconds if _is_large(part.finished) else None))
    numbers = [*(one.people for one in steps), *(one.count for one in tallies)]
    numbers += [number for part in parts for number in (part.opened, part.finished)]
    return replace(
        funnel,
        steps=steps,
        tallies=tallies,
        parts=parts,
        hides=None in numbers,
        seconds=funnel.seconds if _is_large(funnel.steps[end].people) else None,
    )


def _is_large(number: int | None) -> bool:
    """Whether a middle value of so many people's is nobody's own; also where their number is not told."""
    return number is not None and number >= SMALLEST_GROUP


def _difference(before: int | None, number: int | None) -> int | None:
    return None if before is None or number is None else before - number


def two_told(everybody: int, finished: int) -> tuple[int | None, int | None]:
    """How many are on a course and how many have finished it, as a funnel tells them, without the steps between."""
    told = Told()
    done = told.tell(finished, frozenset({"finished"}))
    return told.tell(everybody, frozenset({"finished", "others"})), done


def about(number: int) -> str:
    """How many, no more exactly than that nothing can be worked out from it: *5–14*. Empty for one to four people."""
    if number < SMALLEST_GROUP:
        return "" if number else "0"
    low = (number - SMALLEST_GROUP) // _WIDTH * _WIDTH + SMALLEST_GROUP
    return f"{low}–{low + _WIDTH - 1}"


def stuck_without_small_groups(lines: Sequence[StuckLine]) -> list[StuckLine]:
    """What is stuck: that somebody is, is told, so that it can be mended, and about how many. The exact numbers are
    parts of those who have not finished, which the funnel beside them tells."""
    return [replace(one, count=None, about=about(one.count or 0)) for one in lines]
