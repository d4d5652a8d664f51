"""What two books of rules may say differently from now on, and about whom. Pure.

Errs to one side only: what is not named here is the same under both, in every outcome and in the steps that are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from competence.outcomes import EVERYTHING
from competence.policy.rules import NoRules, RuleBook, RuleSet


def said_of(right: str, rules: RuleSet | None) -> object:
    """Everything in a rule set that an outcome about `right` can depend on, to be compared."""
    if rules is None:
        return None
    granting = rules.rights_that_grant(right)
    roles = [rules.roles[name] for one in granting for name in one.roles]
    names = {role.key for role in roles}
    requirements = [one for one in rules.requirements if not names.isdisjoint(one.roles)]
    courses = {course for one in requirements for option in one.options for course in option.courses}
    closed = {course: since for course, since in rules.closed_courses.items() if course in courses}
    return granting, roles, requirements, closed


@dataclass(frozen=True)
class Difference:
    """The rights whose outcomes may differ, and the words without which nobody's facts can be about one of them: the
    keys of these rights, of the roles that carry them (or are replaced by such a role), and the professions that hold
    such a role."""

    rights: frozenset[str]
    words: frozenset[str]


def difference_since(before: RuleBook, after: RuleBook, since: datetime) -> Difference:
    """Between what was and what will be in force from `since` on; `after` has all that `before` has, and more."""
    earlier = {(p.rule_set.version, p.in_force_from) for p in before.publications}
    new = [p for p in after.publications if (p.rule_set.version, p.in_force_from) not in earlier]
    compared: list[RuleSet | None] = [*_in_force_since(before, since), *(p.rule_set for p in new)]
    every = {right for p in after.publications for right in p.rule_set.rights}
    rights = frozenset(
        right for right in every if any(said_of(right, one) != said_of(right, compared[0]) for one in compared[1:])
    )
    return Difference(rights, frozenset(rights | _carrying(rights, after)))


def _in_force_since(book: RuleBook, since: datetime) -> list[RuleSet | None]:
    """What is in force at `since` (None: nothing), and whatever comes to be after it."""
    found: list[RuleSet | None] = []
    for moment in (since, *(p.in_force_from for p in book.publications if p.in_force_from > since)):
        try:
            found.append(book.in_force(moment, EVERYTHING))
        except NoRules:
            found.append(None)
    return found


def _carrying(rights: frozenset[str], book: RuleBook) -> set[str]:
    words: set[str] = set()
    for publication in book.publications:
        for right in rights:
            for _granting, role in publication.rule_set.carriers_of(right):
                words |= {role.key, *(one.role for one in role.replaces), *role.held_by_professions}
    return words
