"""Who asks, where and when: what one way to a right is judged by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from competence.policy.decision import Context
from competence.policy.facts import Employment, EndingKind, Fact, LevelDecision, PersonFacts
from tests.reference.documents import Document

F = TypeVar("F", bound=Fact)
LISTS = (
    "employments",
    "appointments",
    "level_decisions",
    "attestations",
    "exemptions",
    "suspensions",
    "authorisations",
    "logins",
    "completions",
)


@dataclass(frozen=True)
class Way:
    """'A way to a right is an employment, a right that grants it, and a competence role.'"""

    document: Document
    facts: PersonFacts
    context: Context
    now: datetime
    employment: Employment | None
    right: str
    role: str
    names: set[str]

    @property
    def employment_key(self) -> str | None:
        return self.employment.key if self.employment is not None else None

    def is_for_it(self, fact: Any) -> bool:
        """'For this employment or for all.'"""
        return fact.employment is None or fact.employment == self.employment_key


def holds(fact: Fact, now: datetime) -> bool:
    """'A fact holds from its start (included) to its end (excluded).'"""
    return fact.start <= now and (fact.end is None or now < fact.end)


def has_ended(fact: Fact, now: datetime) -> bool:
    return fact.end is not None and fact.end <= now


def lasts_longest(facts: list[F]) -> list[F]:
    """Those that end last; without an end is later than any."""
    if any(fact.end is None for fact in facts):
        return [fact for fact in facts if fact.end is None]
    latest = max((fact.end for fact in facts if fact.end is not None), default=None)
    return [fact for fact in facts if fact.end == latest]


def greatest_key(facts: list[F]) -> F:
    """'The greatest key as a text.'"""
    return max(facts, key=lambda fact: fact.key)


def facts_known_at(facts: PersonFacts, known_at: datetime) -> PersonFacts:
    """'A fact counts only if it was recorded at or before `known_at`. So does an ending.'"""
    known: dict[str, Any] = {}
    for name in LISTS:
        kept = (_with_endings_known_at(fact, known_at) for fact in getattr(facts, name) if fact.recorded_at <= known_at)
        known[name] = tuple(fact for fact in kept if fact is not None)
    return PersonFacts(**known, is_known=facts.is_known)


def _with_endings_known_at(fact: F, known_at: datetime) -> F | None:
    endings = [ending for ending in fact.endings if ending.recorded_at <= known_at]
    end, revoked_at = fact.end, None
    for ending in endings:
        # 'An ending of the kind corrected removes its fact.'
        if ending.kind is EndingKind.CORRECTED:
            return None
        # 'One of the kind ended or revoked cuts the fact at its instant, if it did not end before.'
        if end is None or ending.at < end:
            end = ending.at
    for ending in endings:
        if ending.kind is EndingKind.REVOKED and ending.at == end:
            revoked_at = end
    return replace(fact, end=end, endings=(), revoked_at=revoked_at) if endings else fact


def is_asked_about(employment: Employment, context: Context) -> bool:
    """'An identifier asked about leaves out employments under another identifier (one under no identifier stays);
    principals asked about leave out the others.'"""
    if context.employment is not None and employment.key != context.employment:
        return False
    if context.identity is not None and employment.identity is not None and employment.identity != context.identity:
        return False
    return context.principals is None or employment.principal in context.principals


def level_of(way: Way) -> LevelDecision | None:
    """'The level decision in the employment that holds now, for one of the role's names or for every role, and started
    last; of those, one for a role before one for every role; then the one recorded last; then the greatest key.'"""
    there = [
        decision
        for decision in way.facts.level_decisions
        if decision.employment == way.employment_key
        and holds(decision, way.now)
        and (decision.role is None or decision.role in way.names)
    ]
    if not there:
        return None
    there = [d for d in there if d.start == max(e.start for e in there)]
    for_a_role = [d for d in there if d.role is not None]
    there = for_a_role or there
    there = [d for d in there if d.recorded_at == max(e.recorded_at for e in there)]
    return greatest_key(there)


def is_held_by_profession(way: Way) -> bool:
    """'The employment's profession is one that holds the role without being appointed.'"""
    professions = way.document["roles"][way.role].get("held_by_professions") or []
    return way.employment is not None and way.employment.profession in professions


def first_appointed(way: Way) -> datetime:
    """'The earliest start of an appointment in this employment to one of the role's names now, held or ended, or, for a
    role held by profession, the employment's start if that is earlier; but never later than now.'"""
    starts = [way.now]
    for appointment in way.facts.appointments:
        is_to_the_role = appointment.employment == way.employment_key and appointment.role in way.names
        if is_to_the_role and (holds(appointment, way.now) or has_ended(appointment, way.now)):
            starts.append(appointment.start)
    if is_held_by_profession(way) and way.employment is not None:
        starts.append(way.employment.start)
    return min(starts)
