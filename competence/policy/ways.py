"""What equivalences, replaced roles and prerequisites make of a document, worked out once when it is compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from competence.policy.rules import Equivalence, Option, Predecessor, Requirement

MOST_WAYS = 64
"""More ways to meet one requirement than this nobody could survey."""


class TooManyWays(ValueError):
    """The equivalences give more ways to meet a requirement than MOST_WAYS."""


class Circular(ValueError):
    """Things that depend on each other in a circle, which `names` goes round."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(" → ".join([*names, names[0]]))
        self.names = tuple(names)


def with_equivalences(options: Sequence[Option], equivalences: Sequence[Equivalence]) -> tuple[Option, ...]:
    """Each of `options`, followed by the ways that `equivalences` make of it, the nearest first.

    Raises TooManyWays.
    """
    found: list[Option] = []
    for option in options:
        family = [option]
        for way in family:  # grows while it is gone through: breadth first
            for equivalence in equivalences:
                further = _replaced(way, equivalence)
                if further is not None and not any(_makes_needless(other, further) for other in (*found, *family)):
                    family.append(further)
                    if len(found) + len(family) > MOST_WAYS:
                        raise TooManyWays
        found += family
    return tuple(found)


def _replaced(way: Option, equivalence: Equivalence) -> Option | None:
    """`way` by completing `equivalence.courses` instead of what they count as; None when that is no other way."""
    if set(equivalence.counts_as).isdisjoint(way.courses):
        return None
    period = way.period.within(equivalence.period)
    if period is None:
        return None
    kept = [course for course in way.courses if course not in equivalence.counts_as]
    return Option(
        courses=(*kept, *(course for course in equivalence.courses if course not in kept)),
        attestations=way.attestations,
        only_for_level=way.only_for_level,
        is_closed=way.is_closed,
        period=period,
    )


def _makes_needless(one: Option, other: Option) -> bool:
    """Whether `one` is the same way as `other`, and at least as long."""
    return (
        set(one.courses) == set(other.courses)
        and set(one.attestations) == set(other.attestations)
        and one.only_for_level in (None, other.only_for_level)
        and (other.is_closed or not one.is_closed)
        and one.period.covers(other.period)
    )


def refuse_circles(after: Mapping[str, Sequence[str]]) -> None:
    """Raises Circular when something comes, by way of `after`, after itself."""
    done: set[str] = set()
    for start in after:
        trail: list[str] = []
        _walk(start, after, trail, done)


def _walk(name: str, after: Mapping[str, Sequence[str]], trail: list[str], done: set[str]) -> None:
    if name in trail:
        raise Circular(trail[trail.index(name) :])
    if name in done:
        return
    trail.append(name)
    for earlier in after.get(name, ()):
        _walk(earlier, after, trail, done)
    trail.pop()
    done.add(name)


def in_order(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """`requirements` as they stand, but each behind those that it comes after. There must be no circle."""
    left, ordered = list(requirements), list[Requirement]()
    while left:
        waiting = {one.key for one in left}
        ready = next(one for one in left if waiting.isdisjoint(set(one.after) - {one.key}))
        left.remove(ready)
        ordered.append(ready)
    return tuple(ordered)


def predecessors(role: str, replaces: Mapping[str, Sequence[Predecessor]]) -> tuple[Predecessor, ...]:
    """Every role that `role` replaced, with those that these replaced, each since the latest day on the shortest wait.

    There must be no circle.
    """
    found: dict[str, Predecessor] = {}
    waiting = list(replaces.get(role, ()))
    while waiting:
        one = waiting.pop(0)
        known = found.get(one.role)
        if known is not None and known.since <= one.since:
            continue
        found[one.role] = one
        waiting += [Predecessor(p.role, max(p.since, one.since)) for p in replaces.get(one.role, ())]
    return tuple(found.values())
