"""From staged rows to completions: what would happen, and making it happen, some people at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from competence.actions.many_completions import MOST, Answer, Reported, record_completions
from competence.copying import BATCH
from competence.imports.completions.columns import Column
from competence.imports.completions.faults import Code, Fault
from competence.imports.completions.staging import faults_of
from competence.models.completion import Completion
from competence.models.completion_import import CompletionImport, ImportFault, StagedCompletion
from competence.models.course_reference import CourseReference
from competence.models.ending import Ending
from lms.lib.actors import Actor
from lms.lib.clock import STOCKHOLM
from lms.users.models import EmployeeIdentity, User

ROWS = 2_500
"""About so many rows at a time: a part of a second under the revision's lock."""
CLAIM = timedelta(seconds=60)
"""For so long an import stays with whoever is at it; a part takes a second or two."""
Range = tuple[int, int]
"""People from the first primary key to the last."""


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


@dataclass
class Sorted:
    """Staged rows by what is to become of them. `known`: recorded already, or twice in the list."""

    new: list[StagedCompletion] = field(default_factory=list)
    known: list[StagedCompletion] = field(default_factory=list)
    wrong: list[tuple[StagedCompletion, Code]] = field(default_factory=list)


@transaction.atomic
def foresee(pk: int, claim: UUID, people: Range) -> None:
    """Count what would become of these people's rows; what cannot be recorded is noted as a fault already."""
    one = CompletionImport.objects.get(pk=pk)
    new = known = wrong = 0
    for rows in _rows(one, people):
        found = _sort(rows, one.source)
        existing = _existing(one.source, found.new)
        conflicts = [(row, Code.CONFLICT) for row in found.new if existing.get(row.source_id, _said(row)) != _said(row)]
        new += sum(row.source_id not in existing for row in found.new)
        known += len(found.known) + sum(existing.get(row.source_id) == _said(row) for row in found.new)
        wrong += _note_faults(one, [*found.wrong, *conflicts])
    _advance(
        pk,
        claim,
        foreseen_new=F("foreseen_new") + new,
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
    for rows in _rows(one, people):
        found = _sort(rows, one.source)
        courses = _course_keys(rows)
        reported = [
            Reported(r.person_id, courses[r.course_id], r.completed_at, one.source, r.source_id, r.score)
            for r in found.new
        ]
        answers = record_completions(reported=reported, by=by, subject=f"import:{one.public_id}")
        wrong = list(found.wrong)
        for row, answer in zip(found.new, answers, strict=True):
            if answer is Answer.CONFLICT:
                wrong.append((row, Code.CONFLICT))
            elif answer is Answer.AHEAD:
                wrong.append((row, Code.DAY_AHEAD))
            elif answer is Answer.UNKNOWN_COURSE:
                wrong.append((row, Code.UNKNOWN_COURSE))
        faulty = _note_faults(one, wrong)
        recorded = sum(answer is Answer.RECORDED for answer in answers)
        _advance(
            pk,
            claim,
            done=F("done") + len(rows) - faulty,
            recorded=F("recorded") + recorded,
            known=F("known") + len(rows) - faulty - recorded,
            staged=F("staged") - faulty,
            faulty=F("faulty") + faulty,
        )
    _staged(one, people).delete()


def _staged(one: CompletionImport, people: Range) -> QuerySet[StagedCompletion]:
    return StagedCompletion.objects.filter(completion_import=one, person__gte=people[0], person__lte=people[1])


def _rows(one: CompletionImport, people: Range) -> Iterator[list[StagedCompletion]]:
    """The staged rows of the people, in the order of the list for each, at most MOST at a time."""
    ordered = list(_staged(one, people).order_by("person_id", "row"))
    for start in range(0, len(ordered), MOST):
        yield ordered[start : start + MOST]


def _advance(pk: int, claim: UUID, **values: Any) -> None:
    """Note how far the import has come, and hold it for longer. Raises Overtaken when it is somebody else's."""
    until = timezone.now() + CLAIM
    if not CompletionImport.objects.filter(pk=pk, claim=claim, is_under_way=True).update(claimed_until=until, **values):
        raise Overtaken


def _course_keys(rows: Iterable[StagedCompletion]) -> dict[int, str]:
    return dict(CourseReference.objects.filter(pk__in={r.course_id for r in rows}).values_list("pk", "key"))


def _sort(rows: Sequence[StagedCompletion], source: str) -> Sorted:
    """What is known already: the same person completed the same course on the same day, wherever that came from. A row
    with the source's own number is told by that number. What was recorded so and then withdrawn is wrong."""
    valid, withdrawn = _recorded_days({row.person_id for row in rows}, {row.course_id for row in rows})
    found, seen, own = Sorted(), set[Place](), dict[str, tuple[object, ...]]()
    for row in rows:
        place = (row.person_id, row.course_id, row.completed_at.astimezone(STOCKHOLM).date())
        if row.source_id.startswith("id:"):
            if row.source_id not in own:
                own[row.source_id] = _said(row)
                found.new.append(row)
            elif own[row.source_id] == _said(row):
                found.known.append(row)
            else:
                found.wrong.append((row, Code.CONFLICT))
            continue
        if place in seen or place in valid:
            found.known.append(row)
        elif place in withdrawn:
            found.wrong.append((row, Code.WITHDRAWN))
        else:
            found.new.append(row)
        seen.add(place)
    return found


Place = tuple[int, int, date]


def _recorded_days(people: set[int], courses: set[int]) -> tuple[set[Place], set[Place]]:
    """Person, course and local day of what is recorded and holds, and of what was withdrawn as wrong; of merged records
    each counts for the other. Two queries, three where records are merged."""
    merged: dict[int, set[int]] = defaultdict(set)
    hubs = dict(
        User.objects.filter(Q(pk__in=people, merged_into__isnull=False) | Q(merged_into__in=people)).values_list(
            "pk", "merged_into_id"
        )
    )
    if hubs:
        whole = User.objects.filter(Q(pk__in=hubs.values()) | Q(merged_into__in=set(hubs.values())))
        groups: dict[int, set[int]] = defaultdict(set)
        for pk, into in whole.values_list("pk", "merged_into_id"):
            groups[into or pk].add(pk)
        merged = defaultdict(set, {pk: group for group in groups.values() for pk in group})
    records = people.union(*merged.values()) if merged else people
    rows = Completion.objects.filter(person_id__in=records, course_id__in=courses)
    found: dict[int, Place] = {}
    for pk, person, course, at in rows.values_list("pk", "person_id", "course_id", "completed_at"):
        found[pk] = (person, course, at.astimezone(STOCKHOLM).date())
    corrected = set(
        Ending.objects.filter(person_id__in=records, kind=Ending.Kind.CORRECTED, completion__isnull=False).values_list(
            "completion_id", flat=True
        )
    )
    valid, withdrawn = set[Place](), set[Place]()
    for pk, (person, course, day) in found.items():
        for one in merged.get(person) or (person,):
            (withdrawn if pk in corrected else valid).add((one, course, day))
    return valid, withdrawn


def _existing(source: str, rows: Iterable[StagedCompletion]) -> dict[str, tuple[object, ...]]:
    """What is recorded under the source ids of these rows, to be compared with what they say."""
    found = Completion.objects.filter(source=source, source_id__in=[row.source_id for row in rows])
    columns = ("person_id", "course_id", "completed_at", "score")
    return {source_id: tuple(said) for source_id, *said in found.values_list("source_id", *columns)}


def _said(row: StagedCompletion) -> tuple[object, ...]:
    return (row.person_id, row.course_id, row.completed_at, row.score)


def _note_faults(one: CompletionImport, wrong: Sequence[tuple[StagedCompletion, Code]]) -> int:
    """Keep what is wrong with rows that were staged, and stage them no more; returns how many rows."""
    if not wrong:
        return 0
    columns = {Column(name): position for name, position in one.columns.items()}
    names = _identities(columns, {row.person_id for row, _code in wrong})
    courses = _course_keys(row for row, _code in wrong)
    faults: list[ImportFault] = []
    for row, code in wrong:
        cells = [""] * len(one.header)
        said = {**names.get(row.person_id, {}), Column.COURSE: courses[row.course_id], Column.COMPLETED: _day(row)}
        said[Column.OWN_ID] = row.source_id.removeprefix("id:")
        said[Column.SCORE] = "" if row.score is None else str(row.score)
        for column, position in columns.items():
            cells[position] = said.get(column, "")
        column = Column.OWN_ID if code is Code.CONFLICT and Column.OWN_ID in columns else Column.COMPLETED
        heading = one.header[columns[column]]
        faults += faults_of(one.pk, row.row, cells, [Fault(code, heading[:120], said[column])])
    ImportFault.objects.bulk_create(faults, batch_size=BATCH)
    StagedCompletion.objects.filter(pk__in=[row.pk for row, _code in wrong]).delete()
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


def _day(row: StagedCompletion) -> str:
    return row.completed_at.astimezone(STOCKHOLM).date().isoformat()
