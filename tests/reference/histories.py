"""Random histories: published rules, a person's facts, and questions about them. Seeded, and quick to make.

Times lie on a coarse grid of days that is drawn anew for each history, among them days on which summer time begins or
ends and 29 February, so that things coincide. Half of the people are first made such as the rules want them, and then
disturbed: purely random people are hardly ever allowed anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from competence.policy.decision import Context
from competence.policy.facts import PersonFacts
from tests.reference.days import ONE_DAY, after_days, after_months, first_instant
from tests.reference.documents import Published
from tests.reference.people import make_person
from tests.reference.rule_documents import (
    PRINCIPALS,
    PRODUCT_GROUPS,
    RIGHTS,
    ROLES,
    changed_document,
    make_document,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SPECIAL_DAYS = (
    date(2023, 10, 29),
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 10, 27),
    date(2025, 2, 28),
    date(2025, 3, 30),
    date(2025, 10, 26),
)
ORDINARY_DAYS = tuple(date(year, month, 1) for year in (2023, 2024, 2025, 2026) for month in range(1, 13))


@dataclass(frozen=True)
class Question:
    """May the person use the right?"""

    right: str
    context: Context
    valid_at: datetime
    known_at: datetime


@dataclass(frozen=True)
class History:
    """All that is given, and what is asked about it."""

    versions: tuple[Published, ...]
    facts: PersonFacts
    questions: tuple[Question, ...]


def make_history(seed: int, number: int, questions: int = 2) -> History:
    """The history with that number; the same again for the same seed."""
    random = Random(f"{seed}:{number}")
    days = _days(random)
    versions = _versions(random, days)
    facts = make_person(random, days, versions[-1].document if random.random() < 0.5 else versions[0].document)
    return History(
        versions=tuple(versions),
        facts=facts,
        questions=tuple(_question(random, days, facts) for _question_number in range(questions)),
    )


def _days(random: Random) -> list[date]:
    found = set(random.sample(ORDINARY_DAYS, 6))
    if random.random() < 0.5:
        found.update(random.sample(SPECIAL_DAYS, 2))
    # The day before and the day after, so that ends and beginnings meet, and a year later, where validities end.
    one = random.choice(sorted(found))
    found.update({one - ONE_DAY, one + ONE_DAY, one + timedelta(days=365)})
    return sorted(found)


def _versions(random: Random, days: list[date]) -> list[Published]:
    document = make_document(random, days)
    versions = [Published(1, document, LONG_AGO, LONG_AGO)]
    if random.random() < 0.1:
        late = first_instant(days[0])
        versions = [Published(1, document, late, late if random.random() < 0.5 else LONG_AGO)]
    while len(versions) < 3 and random.random() < 0.4:
        last = versions[-1]
        document = (
            changed_document(random, days, last.document) if random.random() < 0.7 else make_document(random, days)
        )
        takes_effect = first_instant(random.choice(days)) + timedelta(hours=random.choice((0, 0, 0, 10)))
        published = takes_effect if random.random() < 0.3 else first_instant(random.choice(days))
        if random.random() < 0.1:
            takes_effect, published = last.in_force_from, last.published_at
        versions.append(Published(len(versions) + 1, document, takes_effect, published))
    return versions


def _question(random: Random, days: list[date], facts: PersonFacts) -> Question:
    chance = random.random
    known_at = first_instant(days[-1]) + 30 * ONE_DAY if chance() < 0.6 else _instant(random, days, facts)
    return Question(
        right=_right(random, facts),
        context=Context(
            customer_number=random.choice(("111111", "111111", "111111", "222222", "")) if chance() < 0.8 else None,
            product_group=random.choice(PRODUCT_GROUPS) if chance() < 0.1 else None,
            role=random.choice(ROLES) if chance() < 0.1 else None,
            identity=random.choice(("SE1", "SE1", "SE2")) if chance() < 0.2 else None,
            employment=random.choice(("employment:1", "employment:2", "employment:10")) if chance() < 0.05 else None,
            principals=frozenset(random.sample(PRINCIPALS, random.randint(1, 2))) if chance() < 0.15 else None,
        ),
        valid_at=_instant(random, days, facts),
        known_at=known_at,
    )


def _right(random: Random, facts: PersonFacts) -> str:
    """Mostly one that the person was granted."""
    if facts.authorisations and random.random() < 0.85:
        return random.choice(facts.authorisations).right
    return random.choice(RIGHTS) if random.random() < 0.99 else "unknown"


def _instant(random: Random, days: list[date], facts: PersonFacts) -> datetime:
    """An instant on the grid, or one that is reckoned from it, or one beside it."""
    chance = random.random()
    instant = first_instant(max(random.choice(days), random.choice(days)))
    if chance < 0.3:
        instant += timedelta(hours=random.choice((7, 12)))
    elif chance < 0.5 and facts.all_facts():
        fact = random.choice(facts.all_facts())
        instant = random.choice([fact.start, fact.end or fact.start, *(ending.at for ending in fact.endings)])
    elif chance < 0.6 and facts.completions:
        instant = after_months(random.choice(facts.completions).start, random.choice((6, 12, 24)))
        if random.random() < 0.5:
            instant = after_days(instant, random.choice((10, 45)))
    elif chance < 0.7 and facts.authorisations:
        instant = after_months(random.choice(facts.authorisations).start, random.choice((6, 12, 15)))
    return instant + random.choice((timedelta(0), timedelta(0), timedelta(0), TICK, -TICK))
