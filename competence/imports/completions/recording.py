"""From staged rows to completions: what would happen, and making it happen, some people at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from competence.actions.many_completions import MOST, Answer, Reported, record_completions
from competence.copying import BATCH
from competence.imports.completions.columns import Column
from competence.imports.completions.faults import Code, Fault
from competence.imports.completions.known_rows import Range, Staged, rows_about, sort, staged_rows
from competence.imports.completions.staging import faults_of
from competence.models.completion_import import CompletionImport, ImportFault, StagedCompletion
from competence.models.course_reference import CourseReference
from competence.queries.recorded import recorded_under
from lms.lib.actors import Actor
from lms.users.models import EmployeeIdentity

ROWS = 2_000
"""About so many rows at a time: a part of a second under the revision's lock."""
CLAIM = timedelta(seconds=60)
"""For so long an import stays with whoever is at it; a part takes a second or two."""


class Overtaken(Exception):
    """Somebody else has taken over the import, or it has been discarded. Nothing of this part is kept."""


def ranges_of(one: CompletionImport, *, after: int = 0) -> list[Range]:
    """The people of the staged rows, beyond `after`, in parts of about ROWS rows."""
    counts = (
        StagedCompletion.objects.filter(completion_import=one, person__gt=after)
        .order_by("person_id")
        .values_list("person_id")
        .annotate(rows=Count("pk"))
    )
    found: list[Range] = []
    first, rows, last = None, 0, 0
    for person, count in counts.iterator(chunk_size=20_000):
        first = person if first is None else first
        rows, last = rows + count, person
        if rows >= ROWS:
            found.append((first, last))
            first, rows = None, 0
    if first is not None:
        found.append((first, last))
    return found


@transaction.atomic
def foresee(pk: int, claim: UUID, people: Range) -> None:
    """Count what would become of these people's rows; what cannot be recorded is noted as a fault already."""
    one = CompletionImport.objects.get(pk=pk)
    found = sort(staged_rows(one, people))
    existing = _existing(one.source, found.new)
    conflicts = [(row, Code.CONFLICT) for row in found.new if existing.get(row.source_id, row.said) != row.said]
    wrong = _note_faults(one, [*found.wrong, *conflicts])
    known = len(found.known) + sum(existing.get(row.source_id) == row.said for row in found.new)
    _advance(
        pk,
        claim,
        foreseen_new=F("foreseen_new") + sum(row.source_id not in existing for row in found.new),
        foreseen_known=F("foreseen_known") + known,
        staged=F("staged") - wrong,
        faulty=F("faulty") + wrong,
        foreseen_through=people[1],
    )


@transaction.atomic
def record(pk: int, claim: UUID, people: Range, by: Actor) -> None:
    """Record these people's rows: completions, what follows from them, and how far the import has come, all or nothing.

    Done before, it finds no rows and does nothing. Raises Overtaken.
    """
    one = CompletionImport.objects.get(pk=pk)
    rows = staged_rows(one, people)
    found = sort(rows)
    wrong, recorded = list(found.wrong), 0
    courses = _course_keys(found.new)
    for start in range(0, len(found.new), MOST):
        some = found.new[start : start + MOST]
        reported = [
            Reported(r.person_id, courses[r.course_id], r.completed_at, one.source, r.source_id, r.score) for r in some
        ]
        answers = record_completions(reported=reported, by=by, subject=f"import:{one.public_id}")
        wrong += [(row, _WRONG[answer]) for row, answer in zip(some, answers, strict=True) if answer in _WRONG]
        recorded += answers.count(Answer.RECORDED)
    faulty = _note_faults(one, wrong)
    _advance(
        pk,
        claim,
        done=F("done") + len(rows) - faulty,
        recorded=F("recorded") + recorded,
        known=F("known") + len(rows) - faulty - recorded,
        staged=F("staged") - faulty,
        faulty=F("faulty") + faulty,
    )
    rows_about(one, people).delete()


_WRONG = {
    Answer.CONFLICT: Code.CONFLICT,
    Answer.AHEAD: Code.DAY_AHEAD,
    Answer.UNKNOWN_COURSE: Code.UNKNOWN_COURSE,
}


def _advance(pk: int, claim: UUID, **values: Any) -> None:
    """Note how far the import has come, and hold it for longer. Raises Overtaken when it is somebody else's."""
    until = timezone.now() + CLAIM
    if not CompletionImport.objects.filter(pk=pk, claim=claim, is_under_way=True).update(claimed_until=until, **values):
        raise Overtaken


def _course_keys(rows: Iterable[Staged]) -> dict[int, str]:
    return dict(CourseReference.objects.filter(pk__in={r.course_id for r in rows}).values_list("pk", "key"))


def _existing(source: str, rows: Iterable[Staged]) -> dict[str, tuple[object, ...]]:
    """What is recorded under the source ids of these rows, to be compared with what they say."""
    found = recorded_under((source, row.source_id) for row in rows)
    columns = ("person_id", "course_id", "completed_at", "score")
    return {source_id: tuple(said) for source_id, *said in found.values_list("source_id", *columns)}


def _note_faults(one: CompletionImport, wrong: Sequence[tuple[Staged, Code]]) -> int:
    """Keep what is wrong with rows that were staged, and stage them no more; returns how many rows."""
    if not wrong:
        return 0
    columns = {Column(name): position for name, position in one.columns.items()}
    names = _identities(columns, {row.person_id for row, _code in wrong})
    courses = _course_keys(row for row, _code in wrong)
    faults: list[ImportFault] = []
    for row, code in wrong:
        cells = [""] * len(one.header)
        said = {
            **names.get(row.person_id, {}),
            Column.COURSE: courses[row.course_id],
            Column.COMPLETED: row.day.isoformat(),
        }
        said[Column.OWN_ID] = row.source_id.removeprefix("id:")
        said[Column.SCORE] = "" if row.score is None else str(row.score)
        for column, position in columns.items():
            cells[position] = said.get(column, "")
        column = Column.OWN_ID if code is Code.CONFLICT and Column.OWN_ID in columns else Column.COMPLETED
        heading = one.header[columns[column]]
        faults += faults_of(one.pk, row.row, cells, [Fault(code, heading[:120], said[column])])
    ImportFault.objects.bulk_create(faults, batch_size=BATCH)
    StagedCompletion.objects.filter(pk__among=[row.pk for row, _code in wrong]).delete()
    return len(wrong)


def _identities(columns: dict[Column, int], people: set[int]) -> dict[int, dict[Column, str]]:
    """What the people are called in the list's columns, as far as it is known here."""
    kinds = {EmployeeIdentity.Kind.HSA_ID.value: Column.HSA_ID, EmployeeIdentity.Kind.VGR_ID.value: Column.VGR_ID}
    rows = EmployeeIdentity.objects.filter(person__in=people).order_by("pk")
    found: dict[int, dict[Column, str]] = defaultdict(dict)
    for person, kind, value in rows.values_list("person_id", "kind", "value"):
        if kinds[kind] in columns:
            found[person][kinds[kind]] = value
    return found
