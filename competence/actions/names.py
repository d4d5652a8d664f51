"""Naming roles, rights and systems after the rules in force, so that lists and history call them what they are called.

What a role demands, and when it is in use, is in the rules; these rows only give keys a name and a place to hang facts
on. Nothing is decided by them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

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
    """Give every role, right and system of `rules` a row. `renames` False: leave the names of those that have one."""
    for position, role in enumerate(rules.roles.values()):
        starts_on, ends_on = _days(role.period)
        _name(
            CompetenceRole,
            role.key,
            {"title": role.title, "position": position, "starts_on": starts_on, "ends_on": ends_on},
            renames,
        )
    for position, right in enumerate(rules.rights.values()):
        title = rules.systems.get(right.system)
        _name(OrderingSystem, right.system, {"name": title or right.system}, renames and title is not None)
        system = OrderingSystem.objects.get(key=right.system)
        _name(
            OrderingRight,
            right.key,
            {
                "title": right.title,
                "system": system,
                "position": position,
                "needs_customer_number": right.needs_customer_number,
            },
            renames,
        )
    if renames:
        _note_replaced(rules)


def _name(
    model: type[CompetenceRole] | type[OrderingSystem] | type[OrderingRight],
    key: str,
    values: dict[str, object],
    renames: bool,
) -> None:
    if renames:
        model._default_manager.update_or_create(key=key, defaults=values)
    else:
        model._default_manager.get_or_create(key=key, defaults=values)


def _note_replaced(rules: RuleSet) -> None:
    """Which role each of the replaced ones has become."""
    for role in rules.roles.values():
        if role.replaces:
            successor = CompetenceRole.objects.get(key=role.key)
            CompetenceRole.objects.filter(key__in=[p.role for p in role.replaces]).update(replaced_by=successor)


def _days(period: Period) -> tuple[object, object]:
    """The first and the last local day of `period`, None where it has no bound."""
    first = None if period.start is None else local_day(period.start)
    last = None if period.end is None else local_day(_last_instant(period.end))
    return first, last


def _last_instant(end: datetime) -> datetime:
    """The last instant that an excluded end leaves."""
    return end - datetime.resolution
