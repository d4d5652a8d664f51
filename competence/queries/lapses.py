"""Ordering rights that will become inactive for lack of log-ins, if nobody logs in. When is for the policy to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from competence.models.authorisation import Authorisation
from competence.policy.authorisations import life
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import RuleSet
from competence.queries.eligibility import Moment
from competence.queries.facts import facts_for
from competence.queries.rules import current_rule_book
from competence.queries.transfers import may_be_silent
from lms.lib.clock import local_day

BATCH = 500


@dataclass(frozen=True)
class Lapse:
    """`authorisation` becomes inactive at `at`, unless its holder logs in before."""

    authorisation: Authorisation
    at: datetime


def lapses_ahead(within: timedelta, moment: Moment) -> Iterator[Lapse]:
    """The rights that hold now and become inactive within that time, in batches of a fixed number of queries each.

    A right that ends before, by itself or with the employment, is left out: there is nothing to keep alive.
    """
    rules = current_rule_book().in_force(moment.now, moment.known_at)
    condition = may_be_silent(rules, local_day(moment.now + within))
    rows = Authorisation.objects.filter(condition, endings__isnull=True).order_by("pk")
    rows = rows.select_related("employment__person", "right__system")
    yield from _ahead(rows.iterator(chunk_size=BATCH), rules, within, moment)


def lapses_of(authorisations: Iterable[Authorisation], within: timedelta, moment: Moment) -> list[Lapse]:
    """The same of these `authorisations` only."""
    rules = current_rule_book().in_force(moment.now, moment.known_at)
    return list(_ahead(authorisations, rules, within, moment))


def _ahead(
    authorisations: Iterable[Authorisation], rules: RuleSet, within: timedelta, moment: Moment
) -> Iterator[Lapse]:
    rest = iter(authorisations)
    while batch := list(islice(rest, BATCH)):
        people = {one.employment.person_id for one in batch}
        facts = {person: as_known_at(own, moment.known_at) for person, own in facts_for(people).items()}
        for one in batch:
            at = next_lapse(one, facts[one.employment.person_id], rules, moment.now)
            if at is not None and at <= moment.now + within:
                yield Lapse(one, at)


def next_lapse(authorisation: Authorisation, facts: PersonFacts, rules: RuleSet, now: datetime) -> datetime | None:
    """When the right, which holds `now`, becomes inactive unless its holder logs in. None: it does not hold, or ends
    before."""
    own = next((a for a in facts.authorisations if a.key == f"authorisation:{authorisation.pk}"), None)
    if own is None or own.right not in rules.rights:
        return None
    work = next((e for e in facts.employments if e.key == own.employment), None)
    if work is None or not work.holds(now):
        return None
    stretches, _closing = life(own, rules.rights[own.right], facts)
    now_in = next((s for s in stretches if s.start <= now and (s.end is None or now < s.end)), None)
    if now_in is None or now_in.end is None:
        return None
    ends = [end for end in (own.end, work.end) if end is not None]
    return None if ends and min(ends) <= now_in.end else now_in.end
