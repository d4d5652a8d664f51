"""Somebody has changed employment: what they could do before, and what must be done anew where they are now."""

from __future__ import annotations

from datetime import datetime, timedelta

from competence.models.employment import Employment
from competence.policy import facts as known
from competence.queries.rights import RightNow, RightsReader, key_of

LOOKS_BACK = timedelta(days=365)
OVERLAP = timedelta(days=90)
"""A new employment that began so long before the old one ended is still the one that follows it."""


def rights_to_do_anew(employment: Employment, rights: RightsReader) -> list[RightNow]:
    """The rights that the person had, or was appointed for, in the employment before, and does not have in this one.

    Appointment, level and ordering right belong to an employment and are made anew; courses follow along. Decided like
    everything else: no query, and no rule of its own. `rights` was made for `employment`.
    """
    facts = rights.facts(employment)
    now = rights.moment.now
    this = next((e for e in facts.employments if e.key == key_of(employment)), None)
    if this is None or now - this.start > LOOKS_BACK:
        return []
    before = {
        e.key: e.end
        for e in facts.employments
        if e.key != this.key and e.end is not None and _is_followed_by(e.end, this, rights)
    }
    roles = {a.role for a in facts.appointments if a.employment in before and _held_to(a, before[a.employment])}
    held = {a.right for a in facts.authorisations if a.employment in before and _held_to(a, before[a.employment])}
    found: dict[tuple[str, str, str], RightNow] = {}
    for role in rights.roles_for(employment):
        if role.key not in roles:
            continue
        for answer in rights.details(employment, role.key):
            concerns = (
                answer.role is not None and answer.role.key == role.key and (not held or answer.right.key in held)
            )
            if concerns and not answer.is_allowed:
                found[answer.right.key, role.key, answer.customer_number] = answer
    return list(found.values())


def _is_followed_by(end: datetime, this: known.Employment, rights: RightsReader) -> bool:
    now = rights.moment.now
    return end <= max(now, this.start + OVERLAP) and this.start >= end - OVERLAP and now - end <= LOOKS_BACK


def _held_to(fact: known.Fact, end: datetime) -> bool:
    return fact.start < end and (fact.end is None or fact.end >= end)
