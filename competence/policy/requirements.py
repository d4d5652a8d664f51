"""Whether one requirement is met at one instant, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from competence.policy.dossier import Dossier
from competence.policy.facts import Attestation, Completion, Level
from competence.policy.reasons import Alternative, Code, Missing, Reason
from competence.policy.rules import Gate, Option, Requirement, RuleSet
from lms.lib.clock import day_starts_at, local_day


class Holder(NamedTuple):
    """For whom a requirement is asked: the employment and role, with what was decided for them."""

    employment: str | None
    role: str
    level: Level | None
    appointed_since: datetime


class _Part(NamedTuple):
    """A course or an attestation that counts, with the time in which it does."""

    fact: str
    name: str
    since: datetime
    until: datetime | None


def judge(
    requirement: Requirement, rules: RuleSet, dossier: Dossier, holder: Holder, at: datetime
) -> tuple[Reason | None, Missing | None]:
    """The ground or the missing step that `requirement` gives; both when it only recommends.

    A requirement whose gate is `report` gives neither.
    """
    if requirement.gate is Gate.REPORT:
        return None, None
    excuse = _excuse(requirement, dossier, holder, at)
    if excuse is not None:
        return excuse, None
    options = [one for one in requirement.options if one.counts(holder.level, at)]
    parts = _parts(options, requirement, dossier, holder, at)
    met = _best_option(requirement, options, parts, holder.role)
    if met is not None:
        return met, None
    return _unmet(requirement, options, parts, rules, dossier, holder, at)


def expires_at(completion: Completion, requirement: Requirement, dossier: Dossier) -> datetime | None:
    """When `completion` stops counting for `requirement`; None: never. The last day counts to its local end."""
    if requirement.validity_months is None:
        return completion.end
    expiry = dossier.runs_out_at(completion, requirement.validity_months)
    return expiry if completion.end is None else min(expiry, completion.end)


def grace_ends_at(since: datetime, requirement: Requirement) -> datetime:
    """When the grace that began at `since` is over, counted in local days."""
    return day_starts_at(local_day(since) + timedelta(days=requirement.grace_days))


def _excuse(requirement: Requirement, dossier: Dossier, holder: Holder, at: datetime) -> Reason | None:
    for exemption in dossier.exemptions.get(requirement.key, ()):
        if exemption.employment in (None, holder.employment) and exemption.holds(at):
            return Reason(
                code=Code.EXEMPTED,
                requirement=requirement.key,
                role=holder.role,
                fact=exemption.key,
                since=exemption.start,
                until=exemption.end,
            )
    before = requirement.grandfathered_before
    if before is not None and holder.appointed_since < before:
        return Reason(
            code=Code.GRANDFATHERED, requirement=requirement.key, role=holder.role, since=holder.appointed_since
        )
    return None


_Parts = dict[tuple[str, bool], _Part | None]
"""What the person holds of each course (True) and attestation (False)."""


def _parts(options: list[Option], requirement: Requirement, dossier: Dossier, holder: Holder, at: datetime) -> _Parts:
    found: _Parts = {}
    for option in options:
        for name in option.courses:
            if (name, True) not in found:
                found[name, True] = _current(name, requirement, dossier, at)
        for name in option.attestations:
            if (name, False) not in found:
                found[name, False] = _attested(name, dossier, holder, at)
    return found


def _best_option(requirement: Requirement, options: list[Option], parts: _Parts, role: str) -> Reason | None:
    """The option that is met and lasts longest, as a ground."""
    best: Reason | None = None
    for option in options:
        held = [part for name in option.courses if (part := parts[name, True]) is not None]
        held += [part for name in option.attestations if (part := parts[name, False]) is not None]
        if len(held) < len(option.courses) + len(option.attestations):
            continue
        ground = _ground(requirement, option, held, role)
        if best is None or _lasts_longer(ground.until, best.until):
            best = ground
    return best


def _ground(requirement: Requirement, option: Option, held: list[_Part], role: str) -> Reason:
    latest = max(held, key=lambda part: part.since)
    return Reason(
        code=Code.REQUIREMENT_MET,
        requirement=requirement.key,
        course=latest.name if latest.name in option.courses else next(iter(option.courses), None),
        attestation=next(iter(option.attestations), None),
        role=role,
        fact=latest.fact,
        since=latest.since,
        until=min((part.until for part in held if part.until is not None), default=None),
    )


def _unmet(
    requirement: Requirement,
    options: list[Option],
    parts: _Parts,
    rules: RuleSet,
    dossier: Dossier,
    holder: Holder,
    at: datetime,
) -> tuple[Reason | None, Missing | None]:
    code, since = _why_unmet(requirement, options, dossier, at)
    blocks = requirement.gate is Gate.BLOCK and not _in_grace(requirement, since, holder, at)
    missing = Missing(
        code=code,
        requirement=requirement.key,
        alternatives=_remaining(options, parts, rules, at),
        role=holder.role,
        since=since,
        is_blocking=blocks,
    )
    if blocks:
        return None, missing
    return Reason(code=Code.REQUIREMENT_RECOMMENDED, requirement=requirement.key, role=holder.role), missing


def _why_unmet(
    requirement: Requirement, options: list[Option], dossier: Dossier, at: datetime
) -> tuple[Code, datetime | None]:
    """The code, and since when: the latest expiry of a course that once met the requirement."""
    if requirement.validity_months is not None:
        expired = [
            expiry
            for name in {name for option in options for name in option.courses}
            for expiry in _expiries(name, requirement.validity_months, dossier, at)
        ]
        if expired:
            return Code.COURSE_EXPIRED, max(expired)
    if any(option.courses for option in options):
        return Code.COURSE_MISSING, None
    return Code.ATTESTATION_MISSING, None


def _in_grace(requirement: Requirement, expired_at: datetime | None, holder: Holder, at: datetime) -> bool:
    if not requirement.grace_days:
        return False
    if expired_at is not None and at < grace_ends_at(expired_at, requirement):
        return True
    was_there_before = holder.appointed_since < requirement.start
    return was_there_before and at < grace_ends_at(requirement.start, requirement)


def _remaining(options: list[Option], parts: _Parts, rules: RuleSet, at: datetime) -> tuple[Alternative, ...]:
    """What is left of each way that can still be taken: of all ways, should none be open."""
    every: list[Alternative] = []
    open_ones: list[Alternative] = []
    for option in options:
        alternative = Alternative(
            courses=tuple([name for name in option.courses if parts[name, True] is None]),
            attestations=tuple([name for name in option.attestations if parts[name, False] is None]),
        )
        every.append(alternative)
        if not option.is_closed and not any(rules.is_closed(course, at) for course in alternative.courses):
            open_ones.append(alternative)
    return _least(open_ones or every)


def _least(alternatives: list[Alternative]) -> tuple[Alternative, ...]:
    """Each alternative once, without those that hold all of another and more."""
    if len(alternatives) == 1:
        return (alternatives[0],)
    kept: list[Alternative] = []
    for one in alternatives:
        is_same = any(one.is_part_of(other) and other.is_part_of(one) for other in kept)
        is_more = any(other.is_part_of(one) and not one.is_part_of(other) for other in alternatives)
        if not is_same and not is_more:
            kept.append(one)
    return tuple(kept)


def _current(course: str, requirement: Requirement, dossier: Dossier, at: datetime) -> _Part | None:
    """The completion of `course` that counts at `at` and does so longest."""
    best: _Part | None = None
    for completion in dossier.completions.get(course, ()):
        if completion.start > at:
            continue
        until = expires_at(completion, requirement, dossier)
        if until is not None and until <= at:
            continue
        if best is None or _lasts_longer(until, best.until):
            best = _Part(completion.key, course, completion.start, until)
    return best


def _expiries(course: str, months: int, dossier: Dossier, at: datetime) -> Iterator[datetime]:
    """When the validity of completions of `course` was over. One that was taken back before that has not expired."""
    for completion in dossier.completions.get(course, ()):
        if completion.start <= at:
            expiry = dossier.runs_out_at(completion, months)
            if expiry <= at and (completion.end is None or expiry <= completion.end):
                yield expiry


def _attested(name: str, dossier: Dossier, holder: Holder, at: datetime) -> _Part | None:
    matching: Iterable[Attestation] = (
        a for a in dossier.attestations.get(name, ()) if a.employment in (None, holder.employment) and a.holds(at)
    )
    best: _Part | None = None
    for attestation in matching:
        if best is None or _lasts_longer(attestation.end, best.until):
            best = _Part(attestation.key, name, attestation.start, attestation.end)
    return best


def _lasts_longer(one: datetime | None, other: datetime | None) -> bool:
    if other is None:
        return False
    return one is None or one > other
