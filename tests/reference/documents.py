"""What a rule document says at an instant. Plain dictionaries, as read from YAML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.reference.days import as_day, first_instant, in_use

Document = dict[str, Any]


class NoAnswer(Exception):
    """'An error, never a permit.'"""


@dataclass(frozen=True)
class Published:
    """A version of the rules."""

    version: int
    document: Document
    in_force_from: datetime
    published_at: datetime


@dataclass(frozen=True)
class Way:
    """One way to meet a requirement: all of these courses and attestations."""

    courses: tuple[str, ...]
    attestations: tuple[str, ...]
    is_closed: bool

    def is_the_same_as(self, other: Way) -> bool:
        """'With the same courses and attestations.'"""
        return set(self.courses) == set(other.courses) and set(self.attestations) == set(other.attestations)


def version_in_force(versions: list[Published], now: datetime, known_at: datetime) -> Published:
    """'Of those published by `known_at` and in effect by that instant, the one that took effect last; of those, the one
    published last; of those, the one with the highest number. If there is none, there is no answer.'"""
    there = [v for v in versions if v.published_at <= known_at and v.in_force_from <= now]
    if not there:
        raise NoAnswer("no version of the rules is in force")
    there = [v for v in there if v.in_force_from == max(w.in_force_from for w in there)]
    there = [v for v in there if v.published_at == max(w.published_at for w in there)]
    return max(there, key=lambda v: v.version)


def right_is_in_use(document: Document, right: str, now: datetime) -> bool:
    """'A right is in use from its `from` to its `to`, as far as its system is so, too.'

    'A system that is only named by a right is in use always.'
    """
    entry = document["rights"][right]
    system = (document.get("systems") or {}).get(entry["system"]) or {}
    return in_use(entry, now) and in_use(system, now)


def granting_rights(document: Document, right: str) -> list[str]:
    """'The right itself, then every right that includes it', in the document's order; whether in use or not."""
    others = [
        key for key, entry in document["rights"].items() if right in (entry.get("includes") or []) and key != right
    ]
    return [right, *others]


def covers(document: Document, role: str, product_group: str) -> bool:
    """`product_groups`: 'the groups that it covers; none: all'."""
    groups = document["roles"][role].get("product_groups") or []
    return not groups or product_group in groups


def names_of(document: Document, role: str, now: datetime) -> set[str]:
    """'Its own key, and the keys of the roles that it replaces since a day that has come, and of the roles that these
    replace since a day that has come, and so on.'"""
    names = {role}
    waiting = [role]
    while waiting:
        entry = document["roles"].get(waiting.pop())
        if entry is None:  # 'The other role need not be in the document.'
            continue
        for replaced in entry.get("replaces") or []:
            if first_instant(as_day(replaced["from"])) <= now and replaced["role"] not in names:
                names.add(replaced["role"])
                waiting.append(replaced["role"])
    return names


def in_turn(requirements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """'In the document's order, but each after those that it names in `after`: of those whose prerequisites have all
    had their turn, the first in the document comes next.'"""
    left, done = list(requirements), []
    while left:
        for entry in left:
            waiting_for = {other["key"] for other in left if other is not entry} & set(entry.get("after") or [])
            if not waiting_for:
                done.append(entry)
                left.remove(entry)
                break
        else:
            raise ValueError("requirements wait for each other")
    return done


def ways_to_meet(document: Document, requirement: dict[str, Any], level: str | None, now: datetime) -> list[Way]:
    """'Its alternatives, in order, and what equivalences make of them.'"""
    ways: list[Way] = []
    equivalences = [e for e in document.get("equivalences") or [] if in_use(e, now)]
    for alternative in requirement["alternatives"]:
        # 'An alternative that is only for one level counts only when the manager decided that level.'
        if alternative.get("only_for_level") is not None and alternative["only_for_level"] != level:
            continue
        own = Way(
            tuple(alternative.get("courses") or ()),
            tuple(alternative.get("attestations") or ()),
            bool(alternative.get("is_closed")),
        )
        # 'They follow after their alternative, the nearest first, and at the same distance in the order of the ways
        # that they come from, then of the equivalences in the document.'
        of_this_alternative = [own]
        nearest = [own]
        while nearest:
            further = []
            for way in nearest:
                for equivalence in equivalences:
                    made = _made_by(equivalence, way)
                    if made is None or any(made.is_the_same_as(other) for other in of_this_alternative):
                        continue
                    of_this_alternative.append(made)
                    further.append(made)
            nearest = further
        ways.extend(of_this_alternative)
    return ways


def _made_by(equivalence: dict[str, Any], way: Way) -> Way | None:
    """'A way whose courses hold one of `counts_as` gives a further way: without those, and with `courses` added.'"""
    if not any(course in equivalence["counts_as"] for course in way.courses):
        return None
    courses = [course for course in way.courses if course not in equivalence["counts_as"]]
    for course in equivalence["courses"]:
        if course not in courses:
            courses.append(course)
    return Way(tuple(courses), way.attestations, way.is_closed)
