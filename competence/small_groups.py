"""Which counts may be told to somebody who may not see persons. Pure; the rule in words is in docs/statistics.md.

A count that rests on one to four persons is hidden. Totals must not give it away either, nor the difference between two
totals of different periods. So every total is put together from *parts*, which are fixed beforehand and the same
whatever is asked: a month that may be shown is a part by itself, and hidden months are joined into parts of at least
five persons, within a tertial if that is possible, else a year, else all years, else all principals. A total counts the
parts that lie wholly within it, and says when it leaves something out. Whoever adds and subtracts totals therefore gets
sums of whole parts, and nothing finer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date

SMALLEST_GROUP = 5


@dataclass(frozen=True)
class Cell:
    """Completions of one course in one month (its first day) at one kind of principal (empty: not known).

    `people`: the persons behind them, where the count is small and somebody asks who may not see persons; else None.
    """

    course: str
    month: date
    principal: str
    count: int
    people: frozenset[int] | None = None

    @property
    def is_small(self) -> bool:
        return self.people is not None and len(self.people) < SMALLEST_GROUP


@dataclass(frozen=True)
class Figure:
    """A count as it may be told: `count` completions, and some more that stay hidden unless `is_exact`.

    `is_one_group`: nothing but one small group is hidden, so that "fewer than five" can be said of it.
    """

    count: int = 0
    is_exact: bool = True
    is_one_group: bool = False


NOTHING = Figure()
Part = tuple[Cell, ...]


def first_month_of_tertial(month: date) -> date:
    """January, May or September."""
    return month.replace(month=(month.month - 1) // 4 * 4 + 1, day=1)


_LEVELS: tuple[Callable[[Cell], Hashable], ...] = (
    lambda cell: (cell.course, cell.principal, first_month_of_tertial(cell.month)),
    lambda cell: (cell.course, cell.principal, cell.month.year),
    lambda cell: (cell.course, cell.principal),
    lambda cell: (cell.course,),
)


def parts_of(cells: Iterable[Cell]) -> tuple[list[Part], list[Cell]]:
    """The parts that totals are put together from, and the cells that are in none of them."""
    parts: list[Part] = []
    small: list[Cell] = []
    for cell in cells:
        if cell.is_small:
            small.append(cell)
        else:
            parts.append((cell,))
    for level in _LEVELS:
        groups: dict[Hashable, list[Cell]] = defaultdict(list)
        for cell in small:
            groups[level(cell)].append(cell)
        small = []
        for group in groups.values():
            if _may_be_told(group):
                parts.append(tuple(group))
            else:
                small.extend(group)
    return parts, small


def _may_be_told(group: list[Cell]) -> bool:
    """Whether the sum of hidden cells gives none of them away.

    It must rest on five persons and on two cells, and not be the least or the most that so many cells can hold.
    """
    total = sum(cell.count for cell in group)
    people = frozenset[int]().union(*(cell.people or () for cell in group))
    least, most = len(group), (SMALLEST_GROUP - 1) * len(group)
    return len(group) > 1 and len(people) >= SMALLEST_GROUP and least < total < most


def tally(
    parts: Iterable[Part], left_out: Iterable[Cell], place: Callable[[Cell], Hashable | None]
) -> dict[Hashable, Figure]:
    """The figures for the places that `place` puts cells in (None: outside what is asked for)."""
    counts: dict[Hashable, int] = defaultdict(int)
    hidden: dict[Hashable, int] = defaultdict(int)
    for part in parts:
        places = {place(cell) for cell in part}
        if len(places) == 1:
            counts[places.pop()] += sum(cell.count for cell in part)
        else:
            for cell in part:
                hidden[place(cell)] += 1
    for cell in left_out:
        hidden[place(cell)] += 1
    return {
        key: Figure(
            count=counts[key], is_exact=not hidden.get(key), is_one_group=hidden.get(key) == 1 and not counts[key]
        )
        for key in {*counts, *hidden}
        if key is not None
    }
