"""The rules as compiled, immutable values. What they say is data, see `competence/rules/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from competence.policy.facts import Level


class Gate(StrEnum):
    """What an unmet requirement does."""

    BLOCK = "block"
    """The person may not order."""
    WARN = "warn"
    """The person may order, with a warning."""
    REPORT = "report"
    """Nothing but figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of time, `start` included and `end` excluded (None: without bound)."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies within it."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def within(self, other: Period) -> Period | None:
        """The part of it that lies within `other`, if there is any."""
        starts = [start for start in (self.start, other.start) if start is not None]
        ends = [end for end in (self.end, other.end) if end is not None]
        start, end = max(starts, default=None), min(ends, default=None)
        if start is not None and end is not None and end <= start:
            return None
        return Period(start=start, end=end)

    def covers(self, other: Period) -> bool:
        """Whether the whole of `other` lies within it."""
        return self.within(other) == other

    def instants(self) -> tuple[datetime, ...]:
        """Its bounds, those that there are."""
        return tuple(instant for instant in (self.start, self.end) if instant is not None)


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to meet a requirement, within `period`.

    `only_for_level`: it counts only when the manager decided that level. `is_closed`: it still counts for those who
    have it, but nobody can take it any more, so it is never offered as a step. `period`: when the equivalences that
    make it a way are in force.
    """

    courses: tuple[str, ...] = ()
    attestations: tuple[str, ...] = ()
    only_for_level: Level | None = None
    is_closed: bool = False
    period: Period = ALWAYS

    def counts(self, level: Level | None, at: datetime) -> bool:
        """Whether it is a way at `at`, for somebody for whom `level` was decided."""
        if self.only_for_level is not None and self.only_for_level is not level:
            return False
        return self.period is ALWAYS or self.period.holds(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """Whoever completed all of `courses` counts as having completed each of `counts_as`, within `period`."""

    courses: tuple[str, ...]
    counts_as: tuple[str, ...]
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the holders of some roles must show.

    `principals`, `professions` and `units` None: for all; `exempt_professions`: not for these. In force from `start` to
    `end` (None: open). `validity_months` None: a completion counts for ever. `grace_days`: for so long after the
    requirement came into force (for those appointed before it) or after a completion expired, a blocking gate only
    warns. `grandfathered_before`: those first appointed before that instant need not meet it. `after`: requirements
    whose steps come before this one's. `options` are all the ways, those by equivalences among them.
    """

    key: str
    title: str
    scope: str
    roles: frozenset[str]
    options: tuple[Option, ...]
    start: datetime
    end: datetime | None = None
    gate: Gate = Gate.BLOCK
    principals: frozenset[str] | None = None
    professions: frozenset[str] | None = None
    exempt_professions: frozenset[str] = frozenset()
    units: frozenset[str] | None = None
    after: tuple[str, ...] = ()
    validity_months: int | None = None
    grace_days: int = 0
    grandfathered_before: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is in force at `at`."""
        return self.start <= at and (self.end is None or at < self.end)

    def concerns(self, *, role: str, principal: str, profession: str, units: frozenset[str] = frozenset()) -> bool:
        """Whether it is for a holder of `role`. An unknown profession, principal or unit is not left out."""
        return (
            role in self.roles
            and (self.principals is None or not principal or principal in self.principals)
            and (self.professions is None or not profession or profession in self.professions)
            and profession not in self.exempt_professions
            and (self.units is None or not units or not units.isdisjoint(self.units))
        )


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A role that another has replaced since `since`."""

    role: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A competence role: whether a level must be decided for it, and the product groups it covers (none: all).

    `replaces`: every role whose appointments count for it, with those that these replaced in their turn.
    `held_by_professions`: professions that hold it without being appointed. `period`: when it is in use.
    """

    key: str
    title: str
    needs_level_decision: bool = False
    product_groups: frozenset[str] = frozenset()
    replaces: tuple[Predecessor, ...] = ()
    held_by_professions: frozenset[str] = frozenset()
    period: Period = ALWAYS

    def names(self, at: datetime) -> frozenset[str]:
        """The roles whose appointments are appointments to this one at `at`."""
        if not self.replaces:
            return frozenset({self.key})
        return frozenset({self.key, *(p.role for p in self.replaces if p.since <= at)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A right in an ordering system.

    `roles`: any of them carries the right, in this order of preference. `includes`: lesser rights that it contains.
    `needs_application` False: it follows with the role. `inactivity_months`: without a log-in for so long it becomes
    inactive; until `closing_months` (None: at once) a log-in makes it active again, then a new application is needed.
    `period`: when it, and its system, are in use.
    """

    key: str
    title: str
    system: str
    roles: tuple[str, ...]
    includes: frozenset[str] = frozenset()
    needs_customer_number: bool = False
    needs_application: bool = True
    principals: frozenset[str] | None = None
    inactivity_months: int | None = None
    closing_months: int | None = None
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One published version.

    `requirements` stand in the order of their steps. `attestations`, `product_groups`, `professions` and `systems` give
    titles by key. `closed_courses`: since when a course can no longer be taken.
    """

    version: int
    roles: dict[str, Role]
    rights: dict[str, Right]
    requirements: tuple[Requirement, ...]
    attestations: dict[str, str] = field(default_factory=dict)
    product_groups: dict[str, str] = field(default_factory=dict)
    professions: dict[str, str] = field(default_factory=dict)
    systems: dict[str, str] = field(default_factory=dict)
    closed_courses: dict[str, datetime] = field(default_factory=dict)
    equivalences: tuple[Equivalence, ...] = ()
    has_order: bool = field(init=False, repr=False, compare=False)
    """Whether some requirement comes after another."""
    plans: dict[str | None, Any] = field(init=False, repr=False, compare=False)  # kept by `timeline`, once for a right
    _of_role: dict[str, tuple[Requirement, ...]] = field(init=False, repr=False, compare=False)
    _granting: dict[str, tuple[Right, ...]] = field(init=False, repr=False, compare=False)
    _carriers: dict[str, tuple[tuple[Right, Role], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        of_role = {role: tuple(one for one in self.requirements if role in one.roles) for role in self.roles}
        object.__setattr__(self, "plans", {})
        object.__setattr__(self, "_of_role", of_role)
        rights = self.rights.values()
        granting = {key: (own, *(one for one in rights if key in one.includes)) for key, own in self.rights.items()}
        object.__setattr__(self, "_granting", granting)
        carriers = {r: tuple((o, self.roles[k]) for o in several for k in o.roles) for r, several in granting.items()}
        object.__setattr__(self, "_carriers", carriers)
        object.__setattr__(self, "has_order", any(one.after for one in self.requirements))

    def requirements_of(self, role: str) -> tuple[Requirement, ...]:
        """The requirements that name `role`, in the order of their steps."""
        return self._of_role[role]

    def requirement(self, key: str, at: datetime | None = None) -> Requirement | None:
        """The requirement with `key`, if there is one: that in force at `at`, else the latest to begin."""
        own = [one for one in self.requirements if one.key == key]
        in_force = [one for one in own if at is not None and one.is_in_force(at)]
        return max(in_force or own, key=lambda one: one.start, default=None)

    def rights_that_grant(self, right: str) -> tuple[Right, ...]:
        """The right itself and those that include it, the right itself first. Empty when unknown."""
        return self._granting.get(right, ())

    def carriers_of(self, right: str) -> tuple[tuple[Right, Role], ...]:
        """Each right that grants `right` with each role that carries it, in the order of preference."""
        return self._carriers.get(right, ())

    def is_closed(self, course: str, at: datetime) -> bool:
        """Whether `course` can no longer be taken at `at`."""
        since = self.closed_courses.get(course)
        return since is not None and since <= at

    def instants(self) -> tuple[datetime, ...]:
        """The instants at which something that the rules say begins or ends."""
        found: set[datetime] = set(self.closed_courses.values())
        for role in self.roles.values():
            found.update(role.period.instants())
            found.update(predecessor.since for predecessor in role.replaces)
        for right in self.rights.values():
            found.update(right.period.instants())
        for requirement in self.requirements:
            found.add(requirement.start)
            if requirement.end is not None:
                found.add(requirement.end)
            for option in requirement.options:
                found.update(option.period.instants())
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Publication:
    """A rule set with the instant it takes effect and the instant it was published."""

    rule_set: RuleSet
    in_force_from: datetime
    published_at: datetime


class NoRules(LookupError):
    """No rule set was in force and known then. The caller must answer with an error, never with a permit."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All published versions."""

    publications: tuple[Publication, ...]

    def in_force(self, at: datetime, known_at: datetime) -> RuleSet:
        """The version in force at `at`, as known at `known_at`: the latest to take effect, then the latest published.

        Raises NoRules when there is none.
        """
        known = [p for p in self.publications if p.published_at <= known_at and p.in_force_from <= at]
        if not known:
            raise NoRules(f"no rule set was in force at {at.isoformat()}")
        return max(known, key=lambda p: (p.in_force_from, p.published_at, p.rule_set.version)).rule_set

    def version(self, number: int) -> RuleSet:
        """The rule set with that number. Raises NoRules when there is none."""
        for publication in self.publications:
            if publication.rule_set.version == number:
                return publication.rule_set
        raise NoRules(f"there is no rule set {number}")


def rule_book(publications: Sequence[Publication]) -> RuleBook:
    """A book of `publications`, in any order."""
    return RuleBook(tuple(sorted(publications, key=lambda p: (p.in_force_from, p.published_at, p.rule_set.version))))
