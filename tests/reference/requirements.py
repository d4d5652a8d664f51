"""The requirements of one way to a right: what is met, what remains."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from competence.policy.facts import Attestation, Completion, Employment
from competence.policy.reasons import Alternative, Code, Missing, Reason
from tests.reference import documents
from tests.reference.days import after_days, after_months, as_day, begins, first_instant, in_use
from tests.reference.situation import Way, first_appointed, holds, is_asked_about, lasts_longest, level_of


@dataclass
class Step:
    """A requirement that is missing."""

    requirement: dict[str, Any]
    code: Code
    since: datetime | None
    alternatives: tuple[Alternative, ...]
    blocks: bool
    takes_care_of: list[Step] = field(default_factory=list)


def ask_requirements(way: Way) -> tuple[list[Reason], list[Missing]]:
    """The grounds and the steps of all requirements that concern the way."""
    grounds: list[Reason] = []
    steps: list[Step] = []
    decision = level_of(way)
    level = decision.level.value if decision is not None else None
    for requirement in documents.in_turn(way.document.get("requirements") or []):
        # 'One whose gate is `report` is passed over here.'
        if _concerns(requirement, way) and requirement["gate"] != "report":
            ground, step = _ask(requirement, way, level)
            grounds.extend([ground] if ground is not None else [])
            steps.extend([step] if step is not None else [])
    return grounds, _steps_of_their_own(steps, way.role)


def _latest_employment(way: Way) -> Employment | None:
    """'The latest employment (by start, then by key as a text) that the question is about, past or coming.'"""
    if way.employment is not None:
        return way.employment
    there = [employment for employment in way.facts.employments if is_asked_about(employment, way.context)]
    return max(there, key=lambda employment: (employment.start, employment.key), default=None)


def _concerns(requirement: dict[str, Any], way: Way) -> bool:
    """'In force now, names the role, and is not limited to other principals, professions or units.'"""
    if way.role not in requirement["roles"] or not in_use(requirement, way.now):
        return False
    employment = _latest_employment(way)
    principal = employment.principal if employment is not None else ""
    profession = employment.profession if employment is not None else ""
    units = employment.units if employment is not None else frozenset()
    # 'An unknown principal or profession, or an employment without units, is not left out by a limit; professions that
    # are exempt are left out only if known.'
    if requirement.get("principals") is not None and principal and principal not in requirement["principals"]:
        return False
    if requirement.get("professions") is not None and profession and profession not in requirement["professions"]:
        return False
    if profession and profession in (requirement.get("exempt_professions") or []):
        return False
    return not (requirement.get("units") is not None and units and not units & set(requirement["units"]))


def _ask(requirement: dict[str, Any], way: Way, level: str | None) -> tuple[Reason | None, Step | None]:
    key = requirement["key"]
    # 1. 'An exemption from it that holds, for this employment or for all.'
    for exemption in way.facts.exemptions:
        if exemption.requirement == key and way.is_for_it(exemption) and holds(exemption, way.now):
            ground = Reason(
                code=Code.EXEMPTED,
                requirement=key,
                role=way.role,
                fact=exemption.key,
                since=exemption.start,
                until=exemption.end,
            )
            return ground, None
    # 2. 'The person was first appointed to the role before `grandfathered_before`.'
    first = first_appointed(way)
    before = requirement.get("grandfathered_before")
    if before is not None and first < first_instant(as_day(before)):
        return Reason(code=Code.GRANDFATHERED, requirement=key, role=way.role, since=first), None
    # 3. 'One of its ways to meet it is met. If several are met, the one that lasts longest is cited, and of those the
    # first.'
    ways = documents.ways_to_meet(way.document, requirement, level, way.now)
    met = [cited for cited in (_met(one, requirement, way) for one in ways) if cited is not None]
    if met:
        return lasts_longest_ground(met), None
    # 4. 'Else it is missing.'
    return _missing(requirement, way, ways, first)


def lasts_longest_ground(grounds: list[Reason]) -> Reason:
    for ground in grounds:
        if ground.until is None:
            return ground
    latest = max(ground.until for ground in grounds if ground.until is not None)
    return next(ground for ground in grounds if ground.until == latest)


def _counts_until(completion: Completion, requirement: dict[str, Any]) -> datetime | None:
    """'A completion counts from its instant until its validity, if the requirement has one, is over.'"""
    months = requirement.get("validity_months")
    ends = [completion.end] if completion.end is not None else []
    if months is not None:
        ends.append(after_months(completion.start, months))
    return min(ends, default=None)


def _completion_that_counts(course: str, requirement: dict[str, Any], way: Way) -> Completion | None:
    """'Of several completions of a course that count, the one that lasts longest, and of those the first.'"""
    counting = []
    for completion in way.facts.completions:
        if completion.course == course:
            until = _counts_until(completion, requirement)
            if completion.start <= way.now and (until is None or way.now < until):
                counting.append(replace(completion, end=until))
    return lasts_longest(counting)[0] if counting else None


def _attestation_that_holds(name: str, way: Way) -> Attestation | None:
    """'... so too for attestations', 'for this employment or for all'."""
    holding = [
        attestation
        for attestation in way.facts.attestations
        if attestation.attestation == name and way.is_for_it(attestation) and holds(attestation, way.now)
    ]
    return lasts_longest(holding)[0] if holding else None


def _met(one: documents.Way, requirement: dict[str, Any], way: Way) -> Reason | None:
    parts: list[Completion | Attestation] = []
    for course in one.courses:
        completion = _completion_that_counts(course, requirement, way)
        if completion is None:
            return None
        parts.append(completion)
    for name in one.attestations:
        attestation = _attestation_that_holds(name, way)
        if attestation is None:
            return None
        parts.append(attestation)
    # 'The part that began last (of several, the first, courses before attestations), its start; and the end of the
    # first part to end. The course is that part's, or else the way's first; the attestation is the way's first.'
    began_last = max(part.start for part in parts)
    cited = next(part for part in parts if part.start == began_last)
    first_course = one.courses[0] if one.courses else None
    return Reason(
        code=Code.REQUIREMENT_MET,
        requirement=requirement["key"],
        course=cited.course if isinstance(cited, Completion) else first_course,
        attestation=one.attestations[0] if one.attestations else None,
        role=way.role,
        fact=cited.key,
        since=cited.start,
        until=min((part.end for part in parts if part.end is not None), default=None),
    )


def _missing(
    requirement: dict[str, Any], way: Way, ways: list[documents.Way], first: datetime
) -> tuple[Reason | None, Step]:
    courses = {course for one in ways for course in one.courses}
    # 'COURSE_EXPIRED if a completion of a course of one of its ways has expired.'
    expiries = []
    if requirement.get("validity_months") is not None:
        for completion in way.facts.completions:
            over = after_months(completion.start, requirement["validity_months"])
            if completion.course in courses and over <= way.now and (completion.end is None or over <= completion.end):
                expiries.append(over)
    if expiries:
        code = Code.COURSE_EXPIRED
    elif courses:
        code = Code.COURSE_MISSING
    else:
        code = Code.ATTESTATION_MISSING
    # 'A missing requirement blocks if its gate is `block` and no grace applies. Grace lasts `grace_days` local days,
    # from the latest expiry of a course of one of its ways, or from the requirement's start for those first appointed
    # before it.'
    grace_days = requirement.get("grace_days") or 0
    bases = [max(expiries)] if expiries else []
    start = begins(requirement)
    if start is not None and first < start:
        bases.append(start)
    has_grace = any(way.now < after_days(base, grace_days) for base in bases)
    blocks = requirement["gate"] == "block" and not has_grace
    # 'Where it does not block, REQUIREMENT_RECOMMENDED stands among the grounds.'
    key = requirement["key"]
    ground = None if blocks else Reason(code=Code.REQUIREMENT_RECOMMENDED, requirement=key, role=way.role)
    since = max(expiries) if expiries else None
    return ground, Step(requirement, code, since, _alternatives(requirement, way, ways), blocks)


def _alternatives(requirement: dict[str, Any], way: Way, ways: list[documents.Way]) -> tuple[Alternative, ...]:
    """'What remains of each way: its courses without a completion that counts, and its attestations that do not
    hold.'"""
    closed_since = way.document.get("closed_courses") or {}
    open_ones: list[Alternative] = []
    closed_ones: list[Alternative] = []
    for one in ways:
        remain = Alternative(
            courses=tuple(c for c in one.courses if _completion_that_counts(c, requirement, way) is None),
            attestations=tuple(a for a in one.attestations if _attestation_that_holds(a, way) is None),
        )
        # 'A way is closed if its alternative says so, or if one of the courses that remain is closed since a day that
        # has come.'
        is_closed = one.is_closed or any(
            course in closed_since and first_instant(as_day(closed_since[course])) <= way.now
            for course in remain.courses
        )
        (closed_ones if is_closed else open_ones).append(remain)
    # 'Closed ways are not offered, unless there are no others.'
    offered = open_ones or closed_ones
    # 'Equal ones are named once, and one that holds all of another, and more, is left out.'
    named: list[Alternative] = []
    for remain in offered:
        holds_more = any(_is_within(other, remain) and not _is_within(remain, other) for other in offered)
        is_named = any(_is_within(other, remain) and _is_within(remain, other) for other in named)
        if not holds_more and not is_named:
            named.append(remain)
    return tuple(named)


def _is_within(one: Alternative, other: Alternative) -> bool:
    return set(one.courses) <= set(other.courses) and set(one.attestations) <= set(other.attestations)


def _steps_of_their_own(steps: list[Step], role: str) -> list[Missing]:
    """'A step with one alternative takes care of every other requirement's step that has an alternative within it:
    those are no steps of their own, and if one of them blocked, so does this one.'"""
    standing = list(steps)
    for step in steps:
        if step not in standing or len(step.alternatives) != 1:
            continue
        for other in steps:
            if other is step or other not in standing:
                continue
            if any(_is_within(alternative, step.alternatives[0]) for alternative in other.alternatives):
                step.takes_care_of += [other, *other.takes_care_of]
                standing.remove(other)
    missing = []
    keys = [step.requirement["key"] for step in steps]
    for step in standing:
        also_meets = [other.requirement["key"] for other in step.takes_care_of]
        # 'The requirements among its prerequisites that are still missing, whether as steps of their own or taken care
        # of by another step.'
        prerequisites = step.requirement.get("after") or []
        missing.append(
            Missing(
                code=step.code,
                requirement=step.requirement["key"],
                alternatives=step.alternatives,
                also_meets=tuple(also_meets),
                after=tuple(key for key in prerequisites if key in keys and key not in also_meets),
                role=role,
                since=step.since,
                is_blocking=step.blocks or any(other.blocks for other in step.takes_care_of),
            )
        )
    return missing
