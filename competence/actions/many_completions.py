"""The door for completions when they come in thousands: the same rules as `record_completion`, one change for them all.

What takes time is done before the revision's lock is taken: reading what is prepared about the people, and working out
how their rights will stand with the new completions. Under the lock it is believed for those about whom nothing has
been recorded meanwhile; the others are worked out anew. So several processes can be at it at once, and other writers
wait only while rows are written.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from competence.actions import prepared
from competence.actions.change import Change, begin_change
from competence.actions.completions import CLOCK_SKEW, fingerprint_of
from competence.copying import NewRows, new_keys
from competence.feed.announcing import Audience
from competence.feed.walk import Rules
from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.outbox import Revision
from competence.models.prepared import PreparedFacts
from competence.outcome_rows import Row, rows_of
from competence.outcomes import latest_version
from competence.policy import facts
from competence.policy.facts import PersonFacts
from competence.prepared_facts import NOT_YET, decode, recorded_at, with_completions
from competence.queries.eligibility import Moment, current_moment
from competence.queries.employments import units_where_counted
from competence.queries.facts import unsettled
from competence.queries.merges import bonds_of
from competence.queries.recorded import recorded_under
from competence.queries.rules import current_rule_book
from lms.audit.api import record_writes_by_id
from lms.lib.actors import Actor, name_of, person_or_none
from lms.lib.clock import local_day
from lms.lib.garbage import no_search_for_circles

MOST = 5_000
"""So many at a time: more would hold the lock for seconds."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Somebody completed a course, as `record_completion` is told of it."""

    person_id: int
    course_key: str
    completed_at: datetime
    source: str
    source_id: str
    score: Decimal | None = None
    flags: tuple[str, ...] = ()


class Answer(StrEnum):
    """What became of it. Where `record_completion` raises, nothing was recorded."""

    RECORDED = "recorded"
    KNOWN = "known"
    CONFLICT = "conflict"
    UNKNOWN_COURSE = "unknown_course"
    AHEAD = "ahead"


Key = tuple[str, str]


@no_search_for_circles()
@transaction.atomic
def record_completions(*, reported: Sequence[Reported], by: Actor, subject: str = "") -> list[Answer]:
    """Record each of at most MOST completions as `record_completion` would, one after the other; what became of each.

    One change, so they bear one number and one instant. `subject`: what they belong to, for the audit record.
    """
    if len(reported) > MOST:
        raise ValueError(f"at most {MOST} at a time")
    batch = _Batch(reported)
    if not batch.fresh:
        return batch.answers
    foreseen = _Foreseen.of(batch)
    change = begin_change(by=by)
    late = foreseen.overtaken(change, batch)
    # Whoever has recorded one of the keys meanwhile has written that person's prepared row anew.
    batch.sort(_existing(batch.keys_of(batch.about(late))))
    batch.turn_away_what_lies_ahead(change.at)
    if not batch.fresh:
        return batch.answers
    try:
        with transaction.atomic():
            written = _write(batch, foreseen, late, change)
    except IntegrityError:  # or has recorded it for somebody else
        late |= batch.sort(_existing(batch.keys_of(batch.fresh)))
        if not batch.fresh:
            return batch.answers
        written = _write(batch, foreseen, late, change)
    believed = {person: known for person, known in foreseen.facts.items() if person not in late}
    if believed:
        audience, revision = Audience.of(believed), Revision.objects.get(pk=1)
        texts = {person: recorded_at(foreseen.texts[person], NOT_YET, change.at) for person in believed}
        rows = [row for row in foreseen.rows if row[0] in believed]
        prepared.keep(believed, texts, rows, audience, foreseen.rules, revision)
    prepared.refresh(batch.people() - believed.keys())
    record_writes_by_id("record_completions", by=by, people=sorted(batch.people()), subject=subject)
    change.announce("completions.recorded", person=None, subject=subject, completions=written)
    return batch.answers


class _Batch:
    """What was reported, what has become of it, and what is still to be recorded (`fresh`, by position)."""

    def __init__(self, reported: Sequence[Reported]) -> None:
        self.reported = reported
        self.courses = dict(CourseReference.objects.values_list("key", "pk"))
        self.fingerprints = [fingerprint_of(r.person_id, r.course_key, r.completed_at, r.score) for r in reported]
        self.answers = [Answer.RECORDED if r.course_key in self.courses else Answer.UNKNOWN_COURSE for r in reported]
        self.fresh: list[int] = []
        known = [position for position, answer in enumerate(self.answers) if answer is Answer.RECORDED]
        self.fresh = known
        self.sort(_existing(self.keys_of(known)))

    def keys_of(self, positions: Iterable[int]) -> list[Key]:
        return [(self.reported[p].source, self.reported[p].source_id) for p in positions]

    def people(self) -> set[int]:
        """Those for whom something is to be recorded."""
        return {self.reported[position].person_id for position in self.fresh}

    def about(self, people: Collection[int]) -> list[int]:
        """What of `fresh` is about the people."""
        return [position for position in self.fresh if self.reported[position].person_id in people]

    def sort(self, existing: dict[Key, str]) -> set[int]:
        """Leave out of `fresh` what is recorded already, and what comes twice: `existing` are fingerprints by key.
        Returns whom that was about."""
        fresh, left_out = [], set[int]()
        seen = dict(existing)
        for position, key in zip(self.fresh, self.keys_of(self.fresh), strict=True):
            fingerprint = self.fingerprints[position]
            if key not in seen:
                seen[key] = fingerprint
                fresh.append(position)
            else:
                self.answers[position] = Answer.KNOWN if seen[key] == fingerprint else Answer.CONFLICT
                left_out.add(self.reported[position].person_id)
        self.fresh = fresh
        return left_out

    def turn_away_what_lies_ahead(self, at: datetime) -> None:
        for position in self.fresh:
            if self.reported[position].completed_at > at + CLOCK_SKEW:
                self.answers[position] = Answer.AHEAD
        self.fresh = [position for position in self.fresh if self.answers[position] is Answer.RECORDED]


@dataclass(frozen=True)
class _Foreseen:
    """What will follow, worked out without a lock as of `moment`, for those of whom that can be said beforehand.

    `keys`: the primary key of each completion, by position. `stamps`: which writing of the prepared rows it rests on.
    `ready`: the completions as rows.
    """

    moment: Moment
    rules: Rules
    keys: dict[int, int]
    units: dict[int, tuple[int, str]]
    stamps: dict[int, int]
    ready: NewRows
    facts: dict[int, PersonFacts] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, batch: _Batch) -> _Foreseen:
        moment, rules = current_moment(), Rules.of(current_rule_book())
        people = batch.people()
        keys = dict(zip(batch.fresh, new_keys(Completion, len(batch.fresh)), strict=True))
        by_person: dict[int, list[int]] = defaultdict(list)
        for position in batch.fresh:
            by_person[batch.reported[position].person_id].append(position)
        # Records that were merged share their facts, and what lies ahead is not what will be recorded.
        apart = set(bonds_of(people)) | {
            batch.reported[p].person_id for p in batch.fresh if batch.reported[p].completed_at > moment.now
        }
        units = units_where_counted(people, moment.now)
        ready = _rows_of(batch, keys, units)
        ready.make_ready()
        found = cls(moment, rules, keys, units, {}, ready)
        if unsettled() is not None:
            return found
        rows = PreparedFacts.objects.filter(person_id__among=people - apart, stale_since__isnull=True)
        for person, stamp, text in rows.values_list("person_id", "stamp", "facts"):
            known = decode(text)
            if known is None:
                continue
            new = tuple(_fact(batch.reported[p], keys[p]) for p in by_person[person])
            found.stamps[person] = stamp
            found.facts[person] = replace(known, completions=(*known.completions, *new))
            found.texts[person] = with_completions(text, new)
        found.rows.extend(rows_of(found.facts, rules.book, moment.now))
        return found

    def overtaken(self, change: Change, batch: _Batch) -> set[int]:
        """The people about whom something has changed since, or may have."""
        if local_day(change.at) != local_day(self.moment.now):
            return batch.people() | self.facts.keys()
        if change.number == self.moment.revision + 1:
            return set()
        if latest_version(current_rule_book()) != self.rules.latest:
            return batch.people() | self.facts.keys()
        rows = PreparedFacts.objects.filter(person_id__among=self.facts, stale_since__isnull=True)
        still = dict(rows.values_list("person_id", "stamp"))
        moved = {person for person, stamp in self.stamps.items() if still.get(person) != stamp}
        return moved | (batch.people() - self.facts.keys())


def _fact(reported: Reported, key: int) -> facts.Completion:
    at = reported.completed_at
    return facts.Completion(key=f"completion:{key}", start=at, recorded_at=NOT_YET, course=reported.course_key)


def _existing(keys: Collection[Key]) -> dict[Key, str]:
    """The fingerprints of what is recorded under `keys`. One query."""
    if not keys:
        return {}
    rows = recorded_under(keys).values_list("source", "source_id", "fingerprint")
    return {(source, source_id): fingerprint for source, source_id, fingerprint in rows}


_COLUMNS = (
    *("id", "public_id", "person_id", "course_id", "completed_at", "source", "source_id", "fingerprint"),
    *("unit_id", "principal_kind", "score", "flags"),
)


def _rows_of(
    batch: _Batch, keys: dict[int, int], units: dict[int, tuple[int, str]], latest: datetime | None = None
) -> NewRows:
    """The rows of what is fresh, by the keys that they will have; completed at `latest` at the latest."""
    rows = NewRows(Completion, _COLUMNS)
    for position in batch.fresh:
        one = batch.reported[position]
        unit, kind = units.get(one.person_id, (None, ""))
        values: tuple[Any, ...] = (
            keys[position],
            uuid.uuid4(),
            one.person_id,
            batch.courses[one.course_key],
            one.completed_at if latest is None else min(one.completed_at, latest),
            one.source,
            one.source_id,
            batch.fingerprints[position],
            unit,
            kind,
            one.score,
            list(one.flags),
        )
        rows.values.append(values)
    return rows


def _write(batch: _Batch, foreseen: _Foreseen, late: set[int], change: Change) -> list[str]:
    """Insert the rows; returns their public ids. What was made ready is written as it is, unless something came in
    between or a clock was ahead."""
    rows = foreseen.ready
    is_ahead = any(batch.reported[position].completed_at > change.at for position in batch.fresh)
    if late or is_ahead or len(rows.values) != len(batch.fresh):
        units = {person: unit for person, unit in foreseen.units.items() if person not in late}
        if late:
            units |= units_where_counted(late, change.at)
        rows = _rows_of(batch, foreseen.keys, units, change.at)
    actor = person_or_none(change.by)
    rows.write(
        recorded_at=change.at,
        recorded_by_id=actor.pk if actor else None,
        recorded_by_name=name_of(change.by),
    )
    return [str(row[1]) for row in rows.values]
