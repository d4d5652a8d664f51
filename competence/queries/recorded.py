"""Completions as they cross the door: what others may certify, and hear of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
