"""The rules as compiled, immutable values. What they say is data, see `competence/rules/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from competence.policy.facts import Level


class Gate(StrEnum):
    """What an unmet requirement does."""

    BLOCK = "block"
    """The person may not order."""
    WARN = "warn"
    """The person may order, with a warning."""
    REPORT = "report"
    """Nothing but figures."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to meet a requirement.

    `only_for_level`: it counts only when the manager decided that level. `is_closed`: it still counts for those who
    have it, but nobody can take it any more, so it is never offered as a step.
    """

    courses: tuple[str, ...] = ()
    attestations: tuple[str, ...] = ()
    only_for_level: Level | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the holders of some roles must show.

    `principals` and `professions` None: for all. In force from `start` to `end` (None: open).
    `validity_months` None: a completion counts for ever. `grace_days`: for so long after the requirement came into
    force (for those appointed before it) or after a completion expired, a blocking gate only warns.
    `grandfathered_before`: those appointed before that instant need not meet it.
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
    validity_months: int | None = None
    grace_days: int = 0
    grandfathered_before: datetime | None = None

    def applies(self, *, at: datetime, role: str, principal: str, profession: str) -> bool:
        """Whether it concerns a holder of `role` at `at`. An unknown profession or principal is not left out."""
        return (
            self.start <= at
            and (self.end is None or at < self.end)
            and role in self.roles
            and (self.principals is None or not principal or principal in self.principals)
            and (self.professions is None or not profession or profession in self.professions)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A competence role: whether a level must be decided for it, and the product groups it covers."""

    key: str
    title: str
    needs_level_decision: bool = False
    product_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A right in an ordering system.

    `roles`: any of them carries the right, in this order of preference. `includes`: lesser rights that it contains.
    `inactivity_months`: without a log-in for so long the authorisation lapses, and a new application is needed.
    """

    key: str
    title: str
    system: str
    roles: tuple[str, ...]
    includes: frozenset[str] = frozenset()
    needs_customer_number: bool = False
    principals: frozenset[str] | None = None
    inactivity_months: int | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One published version. `attestations` and `product_groups` give titles by key."""

    version: int
    roles: dict[str, Role]
    rights: dict[str, Right]
    requirements: tuple[Requirement, ...]
    attestations: dict[str, str] = field(default_factory=dict)
    product_groups: dict[str, str] = field(default_factory=dict)

    def requirement(self, key: str) -> Requirement | None:
        """The requirement with `key`, if there is one."""
        return next((one for one in self.requirements if one.key == key), None)

    def rights_that_grant(self, right: str) -> tuple[Right, ...]:
        """The right itself and those that include it, the right itself first. Empty when unknown."""
        own = self.rights.get(right)
        if own is None:
            return ()
        return (own, *(other for other in self.rights.values() if right in other.includes))

    def instants(self) -> tuple[datetime, ...]:
        """The instants at which a requirement begins or ends."""
        return tuple(
            instant
            for requirement in self.requirements
            for instant in (requirement.start, requirement.end)
            if instant is not None
        )


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

    def instants(self, known_at: datetime) -> tuple[datetime, ...]:
        """The instants at which the rules may change an outcome."""
        known = [p for p in self.publications if p.published_at <= known_at]
        return tuple(i for p in known for i in (p.in_force_from, *p.rule_set.instants()))


def rule_book(publications: Sequence[Publication]) -> RuleBook:
    """A book of `publications`, in any order."""
    return RuleBook(tuple(sorted(publications, key=lambda p: (p.in_force_from, p.published_at, p.rule_set.version))))
