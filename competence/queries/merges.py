"""Records of one and the same person, as facts: whose facts are known to be whose, and from when until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from competence.models.employment import Employment
from competence.models.merge import PersonMerge
from competence.policy.facts import Ending, EndingKind, Fact, PersonFacts
from lms.users.models import User


@dataclass(frozen=True)
class Bond:
    """The facts of `person` are known as one's own from `since` until (not including) `until` (None: still)."""

    person: int
    since: datetime
    until: datetime | None


def bonds_of(person_ids: Iterable[int]) -> dict[int, list[Bond]]:
    """For each of the people who ever shared a record with somebody: with whom and when. One query.

    At any instant a merged person is part of exactly one other, which is itself part of none: all that are merged into
    the same one share everything.
    """
    ids = set(person_ids)
    hubs = PersonMerge.objects.filter(person__among=ids).values("into")
    rows = PersonMerge.objects.filter(Q(person__among=ids) | Q(into__among=ids) | Q(into__in=hubs)).order_by("pk")
    merges = list(rows.values_list("person_id", "into_id", "recorded_at", "endings__recorded_at"))
    found: dict[int, list[Bond]] = defaultdict(list)
    for person, into, since, until in merges:
        found[into].append(Bond(person, since, until))
        found[person].append(Bond(into, since, until))
        for other, hub, other_since, other_until in merges:
            if hub == into and other != person:
                start = max(since, other_since)
                ends = [end for end in (until, other_until) if end is not None]
                end = min(ends, default=None)
                if end is None or start < end:
                    found[person].append(Bond(other, start, end))
    return {person: found[person] for person in ids if person in found}


def people_with_bonds(person_ids: Iterable[int]) -> set[int]:
    """The people, and everybody who ever shared a record with one of them. One query."""
    ids = set(person_ids)
    return ids | {bond.person for bonds in bonds_of(ids).values() for bond in bonds}


def merged_records(person_ids: Iterable[int]) -> dict[int, int]:
    """Every record that is one with another now, of those that are one with the people's: with the one it is merged
    into, which is its own for that one. One query; two where there are any."""
    ids = list(person_ids)
    rows = User.objects.filter(Q(pk__among=ids, merged_into__isnull=False) | Q(merged_into__among=ids))
    hubs = set(rows.values_list("merged_into_id", flat=True))
    if not hubs:
        return {}
    records = User.objects.filter(Q(pk__among=hubs) | Q(merged_into__among=hubs))
    return {pk: into or pk for pk, into in records.values_list("pk", "merged_into_id")}


def employments_of(person_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Person and employment, as recorded. Of merged records each tells of its own, so that nothing is told twice."""
    return set(Employment.objects.filter(person_id__among=list(person_ids)).values_list("person_id", "pk"))


def as_one(own: PersonFacts, bonds: Iterable[Bond], others: Mapping[int, PersonFacts]) -> PersonFacts:
    """`own` facts with those of `others`, each known for as long as its bond was: before and after it is not.

    A fact is known through a bond from when both were recorded; a split takes it away as a correction does, so that
    "as known at" tells one person from two without being told more.
    """
    lists: dict[str, list[Any]] = {}
    for field in fields(PersonFacts):
        if field.name != "is_known":
            lists[field.name] = list(getattr(own, field.name))
    for bond in bonds:
        for name, rows in lists.items():
            rows += [shared for fact in getattr(others[bond.person], name) if (shared := _through(fact, bond))]
    return PersonFacts(**{name: tuple(rows) for name, rows in lists.items()}, is_known=own.is_known)


def _through(fact: Fact, bond: Bond) -> Fact | None:
    if bond.until is None:
        return replace(fact, recorded_at=max(fact.recorded_at, bond.since))
    if fact.recorded_at >= bond.until:
        return None
    split = Ending(at=bond.until, kind=EndingKind.CORRECTED, recorded_at=bond.until)
    return replace(fact, recorded_at=max(fact.recorded_at, bond.since), endings=(*fact.endings, split))
