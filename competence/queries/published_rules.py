"""The published requirements for people to read, from the rules in force: what a role needs, and what will change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from competence.explain import NamedCourse, Names, named_course
from competence.exports.statistics import principal_name
from competence.models.course_reference import CourseReference
from competence.models.organisation_unit import OrganisationUnit
from competence.models.requirement import RuleSetVersion
from competence.policy.facts import Level
from competence.policy.rules import Gate, Option, Requirement, Right, Role, RuleSet
from competence.queries.coming_rules import Announcement, announcements, day_text, requirements_of, rights_of
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from competence.rule_documents.terms import gate_text, months_text, scope_text
from lms.lib.clock import local_day


@dataclass(frozen=True)
class Way:
    """One way to meet a requirement: all of it. `note`: when it counts."""

    courses: tuple[NamedCourse, ...]
    attestations: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class PublishedRequirement:
    """A requirement in words. `limits`: whom it concerns, or not; `facts`: validity, grace and the like.

    `ways` can be gone today, `earlier` cannot any more but still count.
    """

    key: str
    title: str
    gate: str
    gate_text: str
    scope_text: str
    limits: tuple[str, ...]
    ways: tuple[Way, ...]
    earlier: tuple[Way, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class PublishedRight:
    """What the role may order when everything is done."""

    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class PublishedRole:
    """A role with all that it needs today, and what will change."""

    key: str
    title: str
    rights: tuple[PublishedRight, ...]
    requirements: tuple[PublishedRequirement, ...]
    coming: tuple[Announcement, ...]
    needs_level_decision: bool
    product_groups: tuple[str, ...]
    is_held_by_profession: tuple[str, ...]

    @property
    def demanded(self) -> tuple[PublishedRequirement, ...]:
        return tuple(one for one in self.requirements if one.gate == Gate.BLOCK)

    @property
    def recommended(self) -> tuple[PublishedRequirement, ...]:
        return tuple(one for one in self.requirements if one.gate == Gate.WARN)


@dataclass(frozen=True)
class Edition:
    """A version as the public may know of it."""

    version: int
    since: date
    reason: str


@dataclass(frozen=True)
class PublishedRules:
    """The rules in force: their roles, when they took effect, and the versions before them."""

    edition: Edition
    earlier: tuple[Edition, ...]
    roles: tuple[PublishedRole, ...]

    def role(self, key: str) -> PublishedRole | None:
        """The role with `key`, if it is in use."""
        return next((role for role in self.roles if role.key == key), None)


def published_rules(only: str | None = None) -> PublishedRules:
    """The rules in force now; with the role `only` alone, if that is said. Raises NoRules.

    Four queries, five when the rules speak of units.
    """
    moment = current_moment()
    book = current_rule_book()
    rules = book.in_force(moment.now, moment.known_at)
    names = Names(courses={course.key: course for course in CourseReference.objects.all()}, book=book)
    wanted = {unit for one in rules.requirements for unit in one.units or ()}
    units = dict(OrganisationUnit.objects.filter(key__in=wanted).values_list("key", "name")) if wanted else {}
    teller = _Teller(rules, names, units, moment.now)
    roles = [role for role in rules.roles.values() if role.period.holds(moment.now) and only in (None, role.key)]
    editions = _editions(moment.now)
    return PublishedRules(
        edition=next(one for one in editions if one.version == rules.version),
        earlier=tuple(one for one in editions if one.version != rules.version),
        roles=tuple(teller.role(role, tuple(announcements(book, role.key, moment))) for role in roles),
    )


def _editions(now: datetime) -> list[Edition]:
    rows = RuleSetVersion.objects.filter(in_force_from__lte=now).order_by("-in_force_from", "-version")
    return [
        Edition(version, local_day(since), reason)
        for version, since, reason in rows.values_list("version", "in_force_from", "reason")
    ]


@dataclass(frozen=True)
class _Teller:
    rules: RuleSet
    names: Names
    units: dict[str, str]
    now: datetime

    def role(self, role: Role, coming: tuple[Announcement, ...]) -> PublishedRole:
        return PublishedRole(
            key=role.key,
            title=role.title,
            rights=tuple(self.right(right) for right in rights_of(self.rules, role.key, self.now)),
            requirements=tuple(
                self.requirement(one)
                for one in requirements_of(self.rules, role.key, self.now)
                if one.gate is not Gate.REPORT
            ),
            coming=coming,
            needs_level_decision=role.needs_level_decision,
            product_groups=tuple(self.rules.product_groups.get(key, key) for key in sorted(role.product_groups)),
            is_held_by_profession=self.professions(role.held_by_professions),
        )

    def professions(self, keys: frozenset[str] | None) -> tuple[str, ...]:
        return tuple(sorted(self.rules.professions.get(key, key) for key in keys or ()))

    def right(self, right: Right) -> PublishedRight:
        facts = []
        if right.principals is not None:
            facts.append(_("Given at: %(principals)s.") % {"principals": _principals(right.principals)})
        facts.append(_("You apply for it.") if right.needs_application else _("It follows with the role."))
        if right.needs_customer_number:
            facts.append(_("For each of the unit’s customer numbers."))
        if right.inactivity_months:
            text = _("Becomes inactive without a log-in for %(time)s.")
            facts.append(text % {"time": months_text(right.inactivity_months)})
        return PublishedRight(right.title, tuple(facts))

    def requirement(self, one: Requirement) -> PublishedRequirement:
        open_ways = [way for way in one.options if self.can_be_gone(way)]
        closed = [way for way in one.options if not self.can_be_gone(way) and way.period.holds(self.now)]
        return PublishedRequirement(
            key=one.key,
            title=one.title,
            gate=one.gate.value,
            gate_text=gate_text(one.gate.value),
            scope_text=scope_text(one.scope),
            limits=tuple(self.limits(one)),
            ways=tuple(self.way(way) for way in open_ways),
            earlier=tuple(self.way(way) for way in closed),
            facts=tuple(self.facts(one)),
        )

    def can_be_gone(self, way: Option) -> bool:
        closed = way.is_closed or any(self.rules.is_closed(course, self.now) for course in way.courses)
        return way.period.holds(self.now) and not closed

    def way(self, way: Option) -> Way:
        return Way(
            courses=tuple(named_course(key, self.names) for key in way.courses),
            attestations=tuple(self.rules.attestations.get(key, key) for key in way.attestations),
            note="" if way.only_for_level is None else _LEVEL_NOTES[way.only_for_level](),
        )

    def limits(self, one: Requirement) -> Iterator[str]:
        if one.principals is not None:
            yield _("Only at: %(names)s.") % {"names": _principals(one.principals)}
        if one.professions is not None:
            yield _("Only for: %(names)s.") % {"names": ", ".join(self.professions(one.professions))}
        if one.exempt_professions:
            yield _("Not for: %(names)s.") % {"names": ", ".join(self.professions(one.exempt_professions))}
        if one.units is not None:
            names = sorted(self.units.get(key, key) for key in one.units)
            yield _("Only at these units and those below them: %(names)s.") % {"names": ", ".join(names)}

    def facts(self, one: Requirement) -> Iterator[str]:
        if one.validity_months is not None:
            yield _("Counts for %(time)s, then it must be renewed.") % {"time": months_text(one.validity_months)}
        if one.grace_days and one.gate is Gate.BLOCK:
            yield _("Whoever was appointed before gets %(days)d days to do it.") % {"days": one.grace_days}
        if one.grandfathered_before is not None:
            day = day_text(local_day(one.grandfathered_before))
            yield _("Not demanded of those who were appointed before %(day)s.") % {"day": day}
        after = [found.title for key in one.after if (found := self.rules.requirement(key, self.now)) is not None]
        if after:
            yield _("Comes after: %(names)s.") % {"names": ", ".join(after)}


_LEVEL_NOTES = {
    Level.FULL: lambda: _("when your manager has decided that you need the whole course"),
    Level.BASIC: lambda: _("when your manager has decided that the basic level is enough"),
}


def _principals(keys: frozenset[str]) -> str:
    return ", ".join(principal_name(key) for key in sorted(keys))
