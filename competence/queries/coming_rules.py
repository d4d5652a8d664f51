"""What the published rules will change for a role, told beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.policy.rules import Gate, NoRules, Requirement, Right, RuleBook, RuleSet
from competence.queries.eligibility import Moment
from lms.lib.clock import local_day


@dataclass(frozen=True)
class Announcement:
    """Something that will change on a day."""

    day: date
    text: str


def day_text(day: date) -> str:
    """A day as it is written in a sentence."""
    return date_format(day, "DATE_FORMAT")


def rights_of(rules: RuleSet, role: str, at: datetime) -> list[Right]:
    """The rights in use at `at` that `role` carries."""
    return [right for right in rules.rights.values() if role in right.roles and right.period.holds(at)]


def requirements_of(rules: RuleSet, role: str, at: datetime) -> list[Requirement]:
    """The requirements in force at `at` that concern `role`."""
    return [one for one in rules.requirements if one.is_in_force(at) and role in one.roles]


def announcements(book: RuleBook, role: str, moment: Moment) -> Iterator[Announcement]:
    """What changes for `role` at each instant that the published rules name, from now on."""
    before = book.in_force(moment.now, moment.known_at)
    at = moment.now
    known = [one for one in book.publications if one.published_at <= moment.known_at]
    instants = {i for one in known for i in (one.in_force_from, *one.rule_set.instants())}
    for instant in sorted(instants):
        if instant <= moment.now:
            continue
        try:
            after = book.in_force(instant, moment.known_at)
        except NoRules:
            continue
        day = local_day(instant)
        for text in _changes(before, at, after, instant, role):
            yield Announcement(day, text)
        before, at = after, instant


def _changes(before: RuleSet, at: datetime, after: RuleSet, instant: datetime, role: str) -> Iterator[str]:
    def said(text: str, **words: str) -> str:
        return text % {"day": day_text(local_day(instant)), **words}

    old_role, new_role = before.roles.get(role), after.roles.get(role)
    if new_role is None or not new_role.period.holds(instant):
        if old_role is not None and old_role.period.holds(at):
            yield said(_("From %(day)s the role is no longer in use."))
        return
    if old_role is not None and old_role.title != new_role.title:
        yield said(_("From %(day)s the role is called %(title)s."), title=new_role.title)
    old = {one.key: one for one in requirements_of(before, role, at)}
    new = {one.key: one for one in requirements_of(after, role, instant)}
    for key, one in new.items():
        earlier = old.get(key)
        if one.gate is Gate.REPORT and (earlier is None or earlier.gate is Gate.REPORT):
            continue
        if earlier is None or earlier.gate is Gate.REPORT:
            text = _("From %(day)s this is also required: %(title)s.")
            if one.gate is Gate.WARN:
                text = _("From %(day)s this is also recommended: %(title)s.")
            yield said(text, title=one.title)
        elif earlier.gate is not one.gate and one.gate is not Gate.REPORT:
            text = _("From %(day)s this is required, no longer only recommended: %(title)s.")
            if one.gate is Gate.WARN:
                text = _("From %(day)s this is recommended, no longer required: %(title)s.")
            yield said(text, title=one.title)
        elif one.gate is Gate.REPORT:
            yield said(_("From %(day)s this is no longer required: %(title)s."), title=one.title)
        elif _told(earlier) != _told(one):
            yield said(_("From %(day)s this is changed: %(title)s."), title=one.title)
    for key, one in old.items():
        if key not in new and one.gate is not Gate.REPORT:
            yield said(_("From %(day)s this is no longer required: %(title)s."), title=one.title)
    old_rights = {right.key for right in rights_of(before, role, at)}
    new_rights = {right.key: right for right in rights_of(after, role, instant)}
    for key, right in new_rights.items():
        if key not in old_rights:
            yield said(_("From %(day)s the role also gives the right %(title)s."), title=right.title)
    for key in old_rights - set(new_rights):
        yield said(_("From %(day)s the role no longer gives the right %(title)s."), title=before.rights[key].title)


def _told(one: Requirement) -> object:
    """What of a requirement concerns its readers: all but when it begins and ends."""
    return (
        one.title,
        one.options,
        one.principals,
        one.professions,
        one.exempt_professions,
        one.units,
        one.validity_months,
        one.grace_days,
        one.grandfathered_before,
    )
