"""Naming roles, rights and systems after the rules in force, so that lists and history call them what they are called.

What a role demands, and when it is in use, is in the rules; these rows only give keys a name and a place to hang facts
on. Nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model

from competence.models.competence_role import CompetenceRole
from competence.models.ordering_system import OrderingRight, OrderingSystem
from competence.policy.rules import NoRules, Period, RuleSet
from competence.queries.eligibility import current_moment
from competence.queries.rules import current_rule_book
from lms.lib.clock import local_day


@transaction.atomic
def name_after_rules_in_force() -> int:
    """Give roles, rights and systems the names of the version in force now; returns that version, 0 when there is none.

    Safe to run at any time: a version that was published for later gives its names when its time has come.
    """
    moment = current_moment()
    try:
        rules = current_rule_book().in_force(moment.now, moment.known_at)
    except NoRules:
        return 0
    name_after(rules, renames=True)
    return rules.version


def name_after(rules: RuleSet, *, renames: bool) -> None:
    """Give every role, right and system of `rules` a row, set-wise. `renames` False: leave those that have one."""
    roles = [
        CompetenceRole(
            key=role.key,
            title=role.title,
            position=position,
            starts_on=_first_day(role.period),
            ends_on=_last_day(role.period),
        )
        for position, role in enumerate(rules.roles.values())
    ]
    _put(CompetenceRole, roles, ["title", "position", "starts_on", "ends_on"], renames=renames)
    named = [OrderingSystem(key=key, name=title) for key, title in rules.systems.items()]
    _put(OrderingSystem, named, ["name"], renames=renames)
    unnamed = {right.system for right in rules.rights.values()} - set(rules.systems)
    _put(OrderingSystem, [OrderingSystem(key=key, name=key) for key in sorted(unnamed)], [], renames=False)
    systems = dict(OrderingSystem.objects.values_list("key", "pk"))
    rights = [
        OrderingRight(
            key=right.key,
            title=right.title,
            system_id=systems[right.system],
            position=position,
            needs_customer_number=right.needs_customer_number,
        )
        for position, right in enumerate(rules.rights.values())
    ]
    _put(OrderingRight, rights, ["title", "system", "position", "needs_customer_number"], renames=renames)
    if renames:
        _note_replaced(rules)


def _put(model: type[Model], rows: Sequence[Model], fields: list[str], *, renames: bool) -> None:
    """Add `rows`; those that are there already get `fields` when `renames` says so."""
    if renames:
        model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=fields)
    else:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


def _note_replaced(rules: RuleSet) -> None:
    """Which role each of the replaced ones has become."""
    for role in rules.roles.values():
        if role.replaces:
            successor = CompetenceRole.objects.get(key=role.key)
            CompetenceRole.objects.filter(key__in=[p.role for p in role.replaces]).update(replaced_by=successor)


def _first_day(period: Period) -> date | None:
    return None if period.start is None else local_day(period.start)


def _last_day(period: Period) -> date | None:
    """The last local day that an excluded end leaves."""
    return None if period.end is None else local_day(period.end - datetime.resolution)
