"""Completions as they cross the door: what others may certify, and hear of."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from competence.models.completion import Completion
from competence.models.ending import Ending
from competence.models.outbox import OutboxEvent
from competence.outbox import listens_to
from lms.users.models import User


@dataclass(frozen=True)
class RecordedCompletion:
    """A completion, and whether it turned out to have been recorded in error (`withdrawn_at`)."""

    public_id: UUID
    person: User
    course_key: str
    completed_at: datetime
    source: str
    source_id: str
    withdrawn_at: datetime | None


TOLD_AT_A_TIME = 500
Listener = Callable[[RecordedCompletion], None]


def recorded_completions(*, sources: Collection[str], course_keys: Collection[str]) -> Iterator[RecordedCompletion]:
    """Those of `course_keys` that came from `sources`, in the order in which they were recorded."""
    rows = Completion.objects.filter(source__in=sources, course__key__in=course_keys).order_by("recorded_at", "pk")
    yield from map(_recorded, _with_parts(rows).iterator(chunk_size=500))


def stand_or_fall(source: str, source_ids: Collection[str]) -> Mapping[str, bool]:
    """Of those of `source_ids` by which `source` has recorded a completion: whether it stands, or was withdrawn.

    One query.
    """
    ended = Ending.objects.filter(completion=OuterRef("pk"))
    rows = Completion.objects.filter(source=source, source_id__in=source_ids).annotate(stands=~Exists(ended))
    return dict(rows.values_list("source_id", "stands"))


def recorded_under(keys: Iterable[tuple[str, str]]) -> QuerySet[Completion]:
    """The completions that were recorded under any of `keys`: source, and the source's own number. A query, and
    another one for whoever reads what was found.

    Each key is looked up by itself. Asked for one source and thousands of numbers, PostgreSQL takes a source of which
    it has seen little for a small one, and goes through all that has come from it since: for a list, more each time.
    """
    asked = list(keys)
    if connection.vendor == "postgresql":
        table = "unnest(%s::text[], %s::text[]) AS k (source, source_id)"
        values: list[Any] = [[source for source, _id in asked], [source_id for _source, source_id in asked]]
    else:
        columns = "json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS source_id"
        table, values = f"(SELECT {columns} FROM json_each(%s)) AS k", [json.dumps(asked)]  # noqa: S608 - as below
    name = connection.ops.quote_name(Completion._meta.db_table)
    own = f"SELECT c.id FROM {name} AS c WHERE c.source = k.source AND c.source_id = k.source_id"  # noqa: S608 - as below
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({own}) FROM {table}", values)  # noqa: S608 - no value is in it
        found = [pk for (pk,) in cursor.fetchall() if pk is not None]
    return Completion.objects.filter(pk__among=found) if found else Completion.objects.none()


def hears_of_completions(listener: Listener) -> Listener:
    """`listener` is to hear of each completion that is recorded, and again when it turns out to have been an error.

    At least once each, from the outbox: the listener sees to it that the effect comes once. The value is of the moment
    when it is told, so one that was withdrawn meanwhile is told as withdrawn.
    """

    def tell(event: OutboxEvent) -> None:
        row = _with_parts(Completion.objects.filter(public_id=event.payload["completion"])).first()
        if row is not None:
            listener(_recorded(row))

    def tell_of_many(event: OutboxEvent) -> None:
        ids = event.payload["completions"]
        for start in range(0, len(ids), TOLD_AT_A_TIME):
            rows = Completion.objects.filter(public_id__in=ids[start : start + TOLD_AT_A_TIME])
            for row in _with_parts(rows).order_by("pk"):
                listener(_recorded(row))

    listens_to("completion.recorded", "completion.withdrawn")(tell)
    listens_to("completions.recorded")(tell_of_many)
    return listener


def _with_parts(rows: QuerySet[Completion]) -> QuerySet[Completion]:
    return rows.select_related("course", "person").prefetch_related("endings")


def _recorded(row: Completion) -> RecordedCompletion:
    return RecordedCompletion(
        public_id=row.public_id,
        person=row.person,
        course_key=row.course.key,
        completed_at=row.completed_at,
        source=row.source,
        source_id=row.source_id,
        withdrawn_at=min((ending.takes_effect_at for ending in row.endings.all()), default=None),
    )
