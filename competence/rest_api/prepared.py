"""Answers kept for the next one who asks the same: what names them, when they are so, and how they are written.

Only on PostgreSQL: SQLite has no server whose round trips would be spared.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from competence.models.prepared import PreparedFacts
from competence.models.prepared_answer import PreparedAnswer
from competence.policy.decision import EligibilityDecision
from competence.policy.facts import PersonFacts, as_known_at
from competence.policy.rules import RuleBook
from competence.policy.timeline import instants
from competence.queries.eligibility import Moment
from competence.queries.facts import unsettled
from competence.rest_api.edition import edition

_FIELDS = [field.name for field in PreparedAnswer._meta.concrete_fields if not field.primary_key]


@dataclass(frozen=True)
class Stamp:
    """Which writing of a person's prepared facts is meant."""

    stamp: int
    revision: int


def key_of(identity: str, right: str, customer_number: str, language: str, principals: str) -> UUID:
    """The name of a question. `identity`: the folded HSA-ID; `principals`: see `principals_key`; no number: ""."""
    return UUID(key_text(identity, right, customer_number, language, principals))


def key_text(identity: str, right: str, customer_number: str, language: str, principals: str) -> str:
    """The same as 32 hexadecimal digits."""
    return key_of_person(identity, beside_the_person(right, customer_number, language, principals))


def beside_the_person(right: str, customer_number: str, language: str, principals: str) -> str:
    """What of a question's name is the same whoever it is about."""
    return "\0".join(("", right, customer_number, language, principals))


def key_of_person(identity: str, beside: str) -> str:
    """The same as `key_text`. `beside`: see `beside_the_person`."""
    return hashlib.blake2b(f"{identity}{beside}".encode(), digest_size=16).hexdigest()


def principals_key(principals: frozenset[str] | None) -> str:
    """The principals that a caller sees, as part of a question's name."""
    return "*" if principals is None else ",".join(sorted(principals))


def can_prepare() -> bool:
    """Whether answers are kept here at all."""
    return connection.vendor == "postgresql"


def stamps_of(people: Iterable[int], moment: Moment) -> dict[int, Stamp]:
    """For each of the people whose prepared facts are those of `moment`: which writing they are. One query, or none.

    Read it before the facts: if these change in between, the answer bears a stamp that is gone, and nobody believes it.
    Facts written after `moment` are left out: the answer is worked out as of `moment`, and is not theirs.
    """
    wanted = set(people) - (unsettled() or set())
    if not wanted or not can_prepare():
        return {}
    rows = PreparedFacts.objects.filter(
        person_id__in=wanted, stale_since__isnull=True, revision__lte=moment.revision
    ).values_list("person_id", "stamp", "revision")
    return {person: Stamp(stamp, revision) for person, stamp, revision in rows}


def published_by(book: RuleBook, known_at: datetime) -> int:
    """The highest version published by then; 0: none."""
    return max((one.rule_set.version for one in book.publications if one.published_at <= known_at), default=0)


def stretch_around(
    facts: PersonFacts, book: RuleBook, right: str, at: datetime, known_at: datetime
) -> tuple[datetime, datetime | None]:
    """The stretch around `at` in which nothing changes the answer about `right`: start included, end excluded.

    The outcome, its bounds and what comes next change at the instants of the timeline only. What is missing to somebody
    who is denied anyway changes also where a requirement stops sparing those who are not appointed yet. `facts` as they
    are shown to the caller.
    """
    changes = sorted({*instants(as_known_at(facts, known_at), book, known_at, right), *_ends_of_sparing(book)})
    position = bisect_right(changes, at)
    return changes[position - 1], changes[position] if position < len(changes) else None


def moves_along(decision: EligibilityDecision) -> bool:
    """Whether the answer speaks of the very instant asked about, and so is another one each time: somebody who is not
    appointed yet is spared as if appointed now."""
    return any(ground.since == decision.valid_at for ground in decision.reasons)


def _ends_of_sparing(book: RuleBook) -> Iterator[datetime]:
    for publication in book.publications:
        for requirement in publication.rule_set.requirements:
            if requirement.grandfathered_before is not None:
                yield requirement.grandfathered_before


def keep(answers: Mapping[UUID, PreparedAnswer]) -> None:
    """Put these in the place of what was kept under their keys."""
    # In the order of their keys: two who write the same ones do not wait for each other in a circle.
    rows = [answers[key] for key in sorted(answers)]
    PreparedAnswer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["key"], update_fields=_FIELDS, batch_size=1_000
    )


def prepared_answer(
    *,
    key: UUID,
    person: int,
    known_as: str,
    stamp: Stamp,
    rules_version: int,
    names: int,
    stretch: tuple[datetime, datetime | None],
    system: str,
    outcome: str,
    policy_version: int,
    digest: UUID,
) -> PreparedAnswer:
    """The row to keep, made by this edition of the code."""
    return PreparedAnswer(
        key=key,
        person_id=person,
        known_as=known_as,
        stamp=stamp.stamp,
        facts_revision=stamp.revision,
        rules_version=rules_version,
        names=names,
        edition=edition(),
        start=stretch[0],
        until=stretch[1],
        system=system,
        outcome=outcome,
        policy_version=policy_version,
        given_id=digest,
    )
