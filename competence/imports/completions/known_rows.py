"""The staged rows of some people, and what is known of each already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from competence.imports.completions.faults import Code
from competence.models.completion import Completion
from competence.models.completion_import import CompletionImport, StagedCompletion
from competence.models.ending import Ending
from lms.lib.clock import STOCKHOLM
from lms.users.models import User

Range = tuple[int, int]
"""People from the first primary key to the last."""


class Staged(NamedTuple):
    """A staged row. `day`: the local one. `was_withdrawn`: whether the same person completed the same course on the
    same day according to what is recorded, by anybody, and that was withdrawn as wrong; None: nothing is recorded.
    """

    pk: int
    row: int
    person_id: int
    course_id: int
    completed_at: datetime
    source_id: str
    score: Decimal | None
    day: date
    was_withdrawn: bool | None

    @property
    def said(self) -> tuple[object, ...]:
        """What is compared with what is recorded under the same key."""
        return (self.person_id, self.course_id, self.completed_at, self.score)


def rows_about(one: CompletionImport, people: Range) -> QuerySet[StagedCompletion]:
    """What is staged about the people."""
    return StagedCompletion.objects.filter(completion_import=one, person__gte=people[0], person__lte=people[1])


def staged_rows(one: CompletionImport, people: Range) -> list[Staged]:
    """The staged rows of the people, in the order of the list for each. Two queries."""
    rows = rows_about(one, people)
    first, last = people
    theirs = Q(pk__gte=first, pk__lte=last) | Q(merged_into__gte=first, merged_into__lte=last)
    merged = User.objects.filter(theirs, merged_into__isnull=False)
    day = TruncDate("completed_at", tzinfo=STOCKHOLM)
    same = Completion.objects.filter(_is_of_the_same_person(has_merged=merged.exists()))
    corrected = Ending.objects.filter(completion=OuterRef("pk"), kind=Ending.Kind.CORRECTED)
    recorded = (
        same.filter(course=OuterRef("course_id"))
        .alias(local_day=day)
        .filter(local_day=OuterRef("day"))
        .annotate(is_withdrawn=Exists(corrected))
        .order_by("is_withdrawn")  # one that holds comes first
        .values("is_withdrawn")[:1]
    )
    ordered = (
        rows.alias(record=Coalesce("person__merged_into_id", "person_id"))
        .annotate(day=day, was_withdrawn=Subquery(recorded))
        .order_by("person_id", "row")
        .values_list(*Staged._fields)
    )
    return [Staged(*row) for row in ordered]


def _is_of_the_same_person(*, has_merged: bool) -> Q:
    """Recorded of the staged row's person; of merged records each counts for the other."""
    if not has_merged:
        return Q(person=OuterRef("person_id"))
    hub = OuterRef(OuterRef("record"))
    return Q(person__in=User.objects.filter(Q(pk=hub) | Q(merged_into=hub)).values("pk"))


@dataclass
class Sorted:
    """Staged rows by what is to become of them. `known`: recorded already, or twice in the list."""

    new: list[Staged] = field(default_factory=list)
    known: list[Staged] = field(default_factory=list)
    wrong: list[tuple[Staged, Code]] = field(default_factory=list)


def sort(rows: Sequence[Staged]) -> Sorted:
    """What is known already: the same person completed the same course on the same day, wherever that came from. A row
    with the source's own number is told by that number. What was recorded so and then withdrawn is wrong."""
    found, seen, own = Sorted(), set[tuple[int, int, date]](), dict[str, tuple[object, ...]]()
    for row in rows:
        if row.source_id.startswith("id:"):
            if row.source_id not in own:
                own[row.source_id] = row.said
                found.new.append(row)
            elif own[row.source_id] == row.said:
                found.known.append(row)
            else:
                found.wrong.append((row, Code.CONFLICT))
            continue
        place = (row.person_id, row.course_id, row.day)
        if place in seen or row.was_withdrawn is False:
            found.known.append(row)
        elif row.was_withdrawn:
            found.wrong.append((row, Code.WITHDRAWN))
        else:
            found.new.append(row)
        seen.add(place)
    return found
