"""How the answers about one person came to be what they are, from what was announced last until now. Pure.

The answer at an instant follows from the facts recorded by then, the rules published by then, and the instant. So the
answers of the past can be gone through again, whatever was not running meanwhile: at each instant at which something
was recorded or published, and at each at which time changed the answer in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from competence.feed.numbers import Mixed, mixed_rights, with_mixed_rights
from competence.feed.outcomes import NOWHERE, ByPrincipal, Identity, Key, Outcomes, Prospect, works_of
from competence.models.feed import EligibilityChange
from competence.outcomes import EVERYTHING, Carriers, Stretch, latest_version, stretches_of
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import NoRules, Publication, RuleBook

Cause = EligibilityChange.Cause


class Difference(NamedTuple):
    """From `at` on the outcome of `key` is another."""

    at: datetime
    key: Key
    before: ByPrincipal
    after: ByPrincipal
    version: int
    cause: EligibilityChange.Cause


@dataclass(frozen=True, slots=True)
class Told:
    """What the feed has told about a person: see `AnnouncedOutcomes`. `through` None: nothing ever."""

    outcomes: Outcomes
    through: datetime | None
    next_at: datetime | None
    rules_version: int
    is_behind: bool


NOTHING_TOLD = Told({}, None, None, 0, is_behind=False)


@dataclass(frozen=True, slots=True)
class Walked:
    """What is to be announced about a person, and what has been told then."""

    differences: list[Difference]
    told: Told


@dataclass(frozen=True)
class Rules:
    """A book of rules, and what the feed makes of it once for everybody."""

    book: RuleBook
    carriers: Carriers
    mixed: Mixed
    latest: int
    _earlier: dict[int, Rules] = field(default_factory=dict)

    @classmethod
    def of(cls, book: RuleBook) -> Rules:
        return cls(book, Carriers.of(book), mixed_rights(book), latest_version(book))

    def in_force(self, at: datetime) -> int:
        """The version in force at `at`; 0: none."""
        try:
            return self.book.in_force(at, EVERYTHING).version
        except NoRules:
            return 0

    def published_after(self, version: int) -> list[Publication]:
        """The later ones, in the order of their publication."""
        later = [p for p in self.book.publications if p.rule_set.version > version]
        return sorted(later, key=lambda p: p.published_at)

    def without_later(self, version: int) -> Rules:
        """The book as it was when `version` was the latest."""
        if version >= self.latest:
            return self
        if version not in self._earlier:
            kept = tuple(p for p in self.book.publications if p.rule_set.version <= version)
            self._earlier[version] = Rules.of(RuleBook(kept))
        return self._earlier[version]


def prospect_of(
    facts: PersonFacts,
    rules: Rules,
    identities: Sequence[Identity],
    since: datetime,
    stretches: Sequence[Stretch] | None = None,
) -> Prospect:
    """How the answers about a person stand from `since` on. `stretches`: what `stretches_of` gave for it already."""
    if stretches is None:
        stretches = stretches_of(facts, rules.book, rules.carriers, since)
    stretches = with_mixed_rights(stretches, facts, rules.book, rules.mixed, since)
    return Prospect(since, identities, works_of(facts), stretches)


def is_due(told: Told, now: datetime) -> bool:
    """Whether time has changed something that has not been told."""
    return told.next_at is not None and told.next_at <= now


def compare(told: Told, prospect: Prospect, rules: Rules, now: datetime, cause: EligibilityChange.Cause) -> Walked:
    """What differs `now` from what was told, for one cause, when nothing can have come in between."""
    found = prospect.at(now)
    differences = list(_differences(told.outcomes, found, now, rules, cause))
    return Walked(differences, Told(found, now, prospect.next_change(now, found), rules.latest, is_behind=False))


def walk(
    told: Told,
    facts: PersonFacts,
    rules: Rules,
    identities: Sequence[Identity],
    now: datetime,
    *,
    covered: int | None,
    ready: Prospect | None = None,
) -> Walked:
    """Everything that came in between, each at its instant. Something must have been told before.

    `covered`: no facts have been recorded that are not announced, and this is the latest version of the rules under
    which all is announced. None: facts may have been recorded since, so that everything is gone through. `ready`: the
    prospect under the latest rules, if there is one.
    """
    assert told.through is not None
    now = max(now, told.through)
    known_by = told.rules_version if covered is None else covered
    publications = [p for p in rules.published_after(known_by) if told.through < p.published_at <= now]
    causes = dict.fromkeys(_recorded(facts, told.through, now) if covered is None else (), Cause.FACTS)
    causes |= {p.published_at: Cause.RULES for p in publications}
    starts = sorted(causes)
    begins = told.through if covered is None else told.next_at
    if begins is not None and begins < min(starts, default=now):
        starts.insert(0, begins)
    outcomes, differences = told.outcomes, list[Difference]()
    for position, start in enumerate(starts):
        end = starts[position + 1] if position + 1 < len(starts) else None
        version = max([known_by, *(p.rule_set.version for p in publications if p.published_at <= start)])
        then = rules.without_later(version)
        if covered is None:
            prospect = prospect_of(as_known_at(facts, start), then, identities, start)
        elif then is rules and ready is not None and ready.since <= start:
            prospect = ready
        else:
            prospect = prospect_of(facts, then, identities, start)
            ready = prospect if then is rules else ready
        for at in [start, *(i for i in prospect.instants(start, now) if end is None or i < end)]:
            found = prospect.at(at)
            differences += _differences(outcomes, found, at, then, causes.get(at) or _cause_of_time(at, then))
            outcomes = found
    # What bears no instant of its own, such as an HSA-ID that was moved, counts from now.
    if ready is None:
        ready = prospect_of(facts, rules, identities, now)
    last = compare(replace(told, outcomes=outcomes), ready, rules, now, Cause.FACTS)
    return Walked(differences + last.differences, last.told)


def _cause_of_time(at: datetime, rules: Rules) -> EligibilityChange.Cause:
    """Why time changed the outcome: other rules took effect at that instant, or it ran out."""
    return Cause.RULES if any(p.in_force_from == at for p in rules.book.publications) else Cause.TIME


def _differences(
    before: Outcomes, after: Outcomes, at: datetime, rules: Rules, cause: EligibilityChange.Cause
) -> Iterator[Difference]:
    if before == after:
        return
    version = rules.in_force(at)
    for key in sorted(before.keys() | after.keys()):
        was, will = before.get(key, NOWHERE), after.get(key, NOWHERE)
        if was != will:
            yield Difference(at, key, was, will, version, cause)


def _recorded(facts: PersonFacts, after: datetime, upto: datetime) -> list[datetime]:
    """The instants at which something was recorded about the person, after `after` and until `upto`."""
    found: set[datetime] = set()
    for fact in facts.all_facts():
        found.add(fact.recorded_at)
        found.update(ending.recorded_at for ending in fact.endings)
    return sorted(instant for instant in found if after < instant <= upto)
