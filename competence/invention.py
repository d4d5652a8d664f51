"""One invented person and everything recorded about them: the same, whenever it is made. Pure.

A life has no primary keys yet: `invented_rows` gives it some, and says it as rows of the tables and as facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from lms.lib.clock import day_starts_at

YEARS = 4
SHARE_APPOINTED, SHARE_AUTHORISED, SHARE_SECOND_JOB, SHARE_LEFT, SHARE_WITHDRAWN = 0.85, 0.6, 0.05, 0.03, 0.01
SHARE_LOGGING_IN = 0.9  # of those with a right: in the last ten months, so that it has not become inactive
PROFESSION = "occupational-therapist"


@dataclass(frozen=True)
class Plan:
    """What is asked for. `completions_per_person` on average; `until`: the last day on which anything happened."""

    people: int
    completions_per_person: int
    seed: int
    until: date
    people_per_unit: int = 50

    @property
    def prefix(self) -> str:
        """How the user names of this population begin."""
        return f"population{self.seed}-"


@dataclass(frozen=True, slots=True)
class Place:
    """A unit to work at: `above` are the keys of the unit and of all above it."""

    pk: int
    principal: str
    above: frozenset[str]


@dataclass(frozen=True, slots=True)
class Role:
    """A role to be appointed to, with the right that goes with it and its system; each as primary key and key."""

    role: tuple[int, str]
    right: tuple[int, str]
    system: tuple[int, str]


@dataclass(frozen=True)
class Ground:
    """What everybody stands on. `courses` by primary key and key."""

    places: Sequence[Place]
    courses: Sequence[tuple[int, str]]
    roles: Sequence[Role]


@dataclass(frozen=True, slots=True)
class Job:
    """An employment and what was decided in it: the ids are None where nothing was."""

    place: Place
    starts_on: date
    public_id: UUID
    role: Role | None
    appointment: UUID | None
    level: UUID | None
    authorisation: UUID | None
    logins: tuple[tuple[datetime, UUID], ...]
    left: tuple[datetime, UUID] | None


@dataclass(frozen=True, slots=True)
class Completed:
    """`withdrawn`: the id of the correction, if the completion was recorded in error."""

    course: tuple[int, str]
    at: datetime
    public_id: UUID
    withdrawn: UUID | None


@dataclass(slots=True)
class Life:
    number: int
    public_id: UUID
    jobs: list[Job] = field(default_factory=list)
    completions: list[Completed] = field(default_factory=list)


def live(plan: Plan, ground: Ground, number: int) -> Life:
    """The `number`th person, the same whenever it is made."""
    chance = Random(f"{plan.seed}:{number}")  # noqa: S311  invented people, not secrets
    life = Life(number, _uuid(chance))
    days = YEARS * 365
    seen: set[datetime] = set()
    for _job in range(2 if chance.random() < SHARE_SECOND_JOB else 1):
        starts_on = plan.until - timedelta(days=chance.randrange(days // 2, days))
        life.jobs.append(_employed(plan, ground, chance, starts_on, seen))
    last = day_starts_at(plan.until)
    for _completion in range(chance.randint(0, 2 * plan.completions_per_person)):
        at = last - timedelta(minutes=chance.randrange(1, days * 24 * 60))
        course, public_id = chance.choice(ground.courses), _uuid(chance)
        withdrawn = _uuid(chance) if chance.random() < SHARE_WITHDRAWN else None
        life.completions.append(Completed(course, at, public_id, withdrawn))
    return life


def _employed(plan: Plan, ground: Ground, chance: Random, starts_on: date, seen: set[datetime]) -> Job:
    place, public_id = chance.choice(ground.places), _uuid(chance)
    role: Role | None = None
    appointment = level = authorisation = None
    logins: tuple[tuple[datetime, UUID], ...] = ()
    if chance.random() < SHARE_APPOINTED:
        role, appointment, level = chance.choice(ground.roles), _uuid(chance), _uuid(chance)
        if chance.random() < SHARE_AUTHORISED:
            authorisation = _uuid(chance)
            logins = tuple(_logged_in(chance, plan, starts_on, seen))
    left = None
    if chance.random() < SHARE_LEFT:
        left = day_starts_at(starts_on + timedelta(days=chance.randrange(30, 365))), _uuid(chance)
    return Job(place, starts_on, public_id, role, appointment, level, authorisation, logins, left)


def _logged_in(chance: Random, plan: Plan, first: date, seen: set[datetime]) -> Iterator[tuple[datetime, UUID]]:
    """Log in every few months until not long ago, most people; the others leave their right to become inactive."""
    if chance.random() >= SHARE_LOGGING_IN:
        return
    day = plan.until - timedelta(days=chance.randrange(1, 300))
    while day > first:
        at = day_starts_at(day) + timedelta(minutes=chance.randrange(24 * 60 - 60))
        if at not in seen:
            seen.add(at)
            yield at, _uuid(chance)
        day -= timedelta(days=chance.randrange(200, 350))


def _uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
