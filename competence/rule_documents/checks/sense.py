"""That requirements can be met, concern somebody, and do not contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Any

from competence.policy.facts import Level
from competence.policy.rules import Gate, Requirement, RuleSet
from competence.rule_documents.checks.periods import Days, days_of
from competence.rule_documents.faults import Fault, FaultCode, Place, Severity, error, warning
from lms.lib.clock import local_day


def check_sense(document: dict[str, Any], rules: RuleSet) -> Iterator[Fault]:
    """What nobody can meet, what concerns nobody, and what contradicts. `rules` are the compiled document."""
    by_start = {(one.key, one.start): one for one in rules.requirements}
    for index, data in enumerate(document["requirements"]):
        place: Place = ("requirements", index)
        nobody = list(_concerns_nobody(document, data, place))
        yield from nobody
        compiled = next(
            (one for (key, start), one in by_start.items() if key == data["key"] and _starts(start, data)), None
        )
        if compiled is not None and not nobody:
            yield from _cannot_be_met(rules, compiled, place)
    yield from _contradictions(document)


def _starts(start: datetime, data: dict[str, Any]) -> bool:
    return bool(local_day(start).isoformat() == data["from"])


def _concerns_nobody(document: dict[str, Any], data: dict[str, Any], place: Place) -> Iterator[Fault]:
    named, exempt = data.get("professions"), data.get("exempt_professions", [])
    if named is not None and set(named) <= set(exempt):
        yield error(FaultCode.CONCERNS_NOBODY, (*place, "exempt_professions"), why="professions")
        return
    days = days_of(data)
    roles = [name for name in data["roles"] if days.common(days_of(document["roles"][name])) is not None]
    if not roles:
        yield error(FaultCode.CONCERNS_NOBODY, (*place, "roles"), why="roles")
        return
    carrying = [right for right in document["rights"].values() if not set(roles).isdisjoint(right["roles"])]
    if not carrying:
        if data["gate"] != Gate.REPORT:
            yield warning(FaultCode.NO_EFFECT, (*place, "roles"), roles=roles)
        return
    wanted = data.get("principals")
    given = [right.get("principals") for right in carrying]
    if wanted is not None and None not in given and not set(wanted) & {kind for kinds in given for kind in kinds or ()}:
        yield error(FaultCode.CONCERNS_NOBODY, (*place, "principals"), why="principals")


def _cannot_be_met(rules: RuleSet, requirement: Requirement, place: Place) -> Iterator[Fault]:
    """For each role and level: are there stretches in which nobody new can meet it?"""
    needing = {name for name in requirement.roles if rules.roles[name].needs_level_decision}
    levels: list[Level | None] = [*Level] if needing else []
    if requirement.roles - needing:
        levels.append(None)
    instants = [requirement.start, *(i for i in rules.instants() if requirement.is_in_force(i))]
    for level in levels:
        ways = [one for one in requirement.options if one.only_for_level in (None, level)]
        if not ways:
            yield _fault(requirement, FaultCode.CANNOT_BE_MET, place, level=level, why="level")
            continue
        shut = sorted(i for i in set(instants) if not any(_is_open(rules, way, i) for way in ways))
        if not shut:
            continue
        if len(shut) == len(set(instants)):
            yield _fault(requirement, FaultCode.CANNOT_BE_MET, place, level=level, why="closed")
        else:
            yield warning(
                FaultCode.CLOSES_FOR_NEW, (*place, "alternatives"), key=requirement.key, first=local_day(shut[0])
            )
        return


def _fault(requirement: Requirement, code: FaultCode, place: Place, *, level: Level | None, why: str) -> Fault:
    severity = Severity.WARNING if requirement.gate is Gate.REPORT else Severity.ERROR
    values = {"key": requirement.key, "level": level.value if level else "", "why": why}
    return Fault(code, (*place, "alternatives"), values, severity)


def _is_open(rules: RuleSet, way: Any, at: datetime) -> bool:
    """Whether somebody who has nothing can go this way at `at`."""
    return not way.is_closed and way.period.holds(at) and not any(rules.is_closed(course, at) for course in way.courses)


def _contradictions(document: dict[str, Any]) -> Iterator[Fault]:
    for (_first, one), (index, other) in combinations(enumerate(document["requirements"]), 2):
        if set(one["roles"]).isdisjoint(other["roles"]) or _audience(one) != _audience(other):
            continue
        if _ways(one) != _ways(other) or _common(one, other) is None or one["key"] == other["key"]:
            continue
        for name in ("gate", "validity_months"):
            if one.get(name) != other.get(name):
                yield error(
                    FaultCode.CONTRADICTS,
                    ("requirements", index, name if name in other else "key"),
                    key=other["key"],
                    other=one["key"],
                    field=name,
                )
                break


def _common(one: dict[str, Any], other: dict[str, Any]) -> Days | None:
    return days_of(one).common(days_of(other))


def _audience(data: dict[str, Any]) -> tuple[Any, ...]:
    def names(field: str) -> frozenset[str] | None:
        return None if data.get(field) is None else frozenset(data[field])

    return (
        names("principals"),
        names("professions"),
        names("units"),
        frozenset(data.get("exempt_professions", [])),
        data.get("grandfathered_before"),
    )


def _ways(data: dict[str, Any]) -> frozenset[Any]:
    return frozenset(
        (frozenset(o.get("courses", [])), frozenset(o.get("attestations", [])), o.get("only_for_level"))
        for o in data["alternatives"]
    )
