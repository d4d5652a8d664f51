"""What is known about one person, as frozen values. No clock, no database, no translation.

Every instant is timezone-aware. A period holds from `start` (included) to `end` (excluded; None: open).
Every fact carries `recorded_at`: a fact is *known* at an instant when it was recorded no later than that instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar


class EndingKind(StrEnum):
    """Why a fact no longer holds."""

    ENDED = "ended"
    """It ran its course: the employment is over, the person came back from leave."""
    REVOKED = "revoked"
    """Somebody took it back, with a reason."""
    CORRECTED = "corrected"
    """It was recorded in error and never held. Before the correction was recorded, we believed it."""


class Level(StrEnum):
    """How much of the national course a unit's manager asks of a prescriber."""

    FULL = "full"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Ending:
    """A later fact that ends another one at `at`."""

    at: datetime
    kind: EndingKind
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that holds for a period. `key` identifies it in grounds and logs."""

    key: str
    start: datetime
    recorded_at: datetime
    end: datetime | None = None
    endings: tuple[Ending, ...] = ()
    revoked_at: datetime | None = None
    """Filled by `known_at`: the instant from which a revocation ended this fact."""

    def holds(self, at: datetime) -> bool:
        """Whether the fact holds at `at`."""
        return self.start <= at and (self.end is None or at < self.end)

    def instants(self) -> tuple[datetime, ...]:
        """The instants at which this fact may change an outcome."""
        return (self.start,) if self.end is None else (self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment(Fact):
    """Work for an employer. `identity` is the folded HSA-ID under which the employer knows the person, if any.

    `units` are the keys of the unit and of all units above it; `principal` is the kind of principal (huvudman).
    """

    principal: str
    units: frozenset[str] = frozenset()
    profession: str = ""
    identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment(Fact):
    """A manager appointed the person to a competence role, within one employment."""

    employment: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelDecision(Fact):
    """A manager decided the level, within one employment; `role` None: for every role."""

    employment: str
    level: Level
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation(Fact):
    """A manager attested something that is no course. `employment` None: it follows the person."""

    attestation: str
    employment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption(Fact):
    """The person need not meet one requirement, within one employment (None: in all)."""

    requirement: str
    employment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Fact):
    """The person is away (leave) or barred, within one employment. It beats every permit."""

    employment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation(Fact):
    """An ordering right granted within one employment; `customer_number` only where the right is per customer."""

    employment: str
    right: str
    customer_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Fact):
    """The person logged in to an ordering system at `start`."""

    system: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion(Fact):
    """The person completed a course at `start`. Completions follow the person, whatever the employer."""

    course: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Everything known about one person."""

    employments: tuple[Employment, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    level_decisions: tuple[LevelDecision, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    logins: tuple[Login, ...] = ()
    completions: tuple[Completion, ...] = ()
    is_known: bool = field(default=True)
    """False for an identifier that nobody here has."""

    def all_facts(self) -> tuple[Fact, ...]:
        return (
            *self.employments,
            *self.appointments,
            *self.level_decisions,
            *self.attestations,
            *self.exemptions,
            *self.suspensions,
            *self.authorisations,
            *self.logins,
            *self.completions,
        )


UNKNOWN_PERSON = PersonFacts(is_known=False)

F = TypeVar("F", bound=Fact)


def as_known_at(facts: PersonFacts, known_at: datetime) -> PersonFacts:
    """`facts` as they were known at `known_at`: later records left out, known endings applied.

    A correction removes the fact; an ending or a revocation cuts its period. The result has no endings left.
    """
    return PersonFacts(
        employments=_known(facts.employments, known_at),
        appointments=_known(facts.appointments, known_at),
        level_decisions=_known(facts.level_decisions, known_at),
        attestations=_known(facts.attestations, known_at),
        exemptions=_known(facts.exemptions, known_at),
        suspensions=_known(facts.suspensions, known_at),
        authorisations=_known(facts.authorisations, known_at),
        logins=_known(facts.logins, known_at),
        completions=_known(facts.completions, known_at),
        is_known=facts.is_known,
    )


def _known(facts: tuple[F, ...], known_at: datetime) -> tuple[F, ...]:
    kept = []
    for fact in facts:
        if fact.recorded_at > known_at:
            continue
        if not fact.endings:
            kept.append(fact)
            continue
        endings = [ending for ending in fact.endings if ending.recorded_at <= known_at]
        if any(ending.kind is EndingKind.CORRECTED for ending in endings):
            continue
        revocations = [ending.at for ending in endings if ending.kind is EndingKind.REVOKED]
        ends = [ending.at for ending in endings] + ([] if fact.end is None else [fact.end])
        kept.append(
            replace(
                fact,
                endings=(),
                end=min(ends) if ends else None,
                # A revocation after the fact had already ended changes nothing.
                revoked_at=min(revocations) if revocations and min(revocations) <= min(ends) else None,
            )
        )
    return tuple(kept)
