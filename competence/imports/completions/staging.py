"""Reading a list into rows that are understood, and faults that are named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.utils import timezone
from rapidfuzz import fuzz, process

from competence.actions.completions import CLOCK_SKEW
from competence.copying import BATCH, NewRows
from competence.imports.completions.columns import Column
from competence.imports.completions.faults import Code, Fault
from competence.imports.completions.rows import RowReader, Said, without_personal_numbers
from competence.models.completion_import import CompletionImport, ImportFault, StagedCompletion
from competence.models.course_reference import CourseReference
from lms.lib.garbage import no_search_for_circles
from lms.users.models import EmployeeIdentity, fold_name

MOST_REMEMBERED = 50_000
"""People, in each process: some twenty megabytes."""
_LIKE_ENOUGH = 80
_ABOUT_THE_PERSON = (Code.HSA_ID_FORM, Code.PERSONAL_NUMBER)
Person = tuple[int, UUID]


class Known:
    """Who and what the identities and the courses of a list are here. Remembered while the list is read."""

    def __init__(self, course: CourseReference | None) -> None:
        self.course = None if course is None else (course.pk, course.key)
        self.people: dict[tuple[str, str], Person | None] = {}
        self.by_key: dict[str, tuple[int, str]] = {}
        self.by_title: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.titles: list[str] = []
        for pk, key, title in CourseReference.objects.order_by("key").values_list("pk", "key", "title"):
            self.by_key[key.casefold()] = (pk, key)
            self.by_title[fold_name(title)].append((pk, key))
            self.titles.append(title)
        self.course_of = lru_cache(maxsize=10_000)(self._course_of)

    def look_up(self, rows: Iterable[Said]) -> None:
        """Find the people whom these rows name, those that are not remembered; a query for each kind of identity."""
        if len(self.people) > MOST_REMEMBERED:
            self.people.clear()
        kinds = EmployeeIdentity.Kind
        wanted: dict[str, set[str]] = {kinds.HSA_ID.value: set(), kinds.VGR_ID.value: set()}
        for said in rows:
            for kind, value in ((kinds.HSA_ID.value, said.hsa_id), (kinds.VGR_ID.value, said.vgr_id)):
                if value and (kind, value) not in self.people:
                    wanted[kind].add(value)
        for kind, values in wanted.items():
            if not values:
                continue
            self.people.update(dict.fromkeys((kind, value) for value in values))
            rows_found = EmployeeIdentity.objects.filter(kind=kind, folded_value__in=values)
            for value, pk, public_id in rows_found.values_list("folded_value", "person_id", "person__public_id"):
                self.people[kind, value] = (pk, public_id)

    def person_of(self, said: Said, reader: RowReader) -> Person | Fault:
        """Whom the row names. The HSA-ID says who it is; a VGR-ID beside it must be the same person's."""
        kinds = EmployeeIdentity.Kind
        by_hsa = self.people[kinds.HSA_ID.value, said.hsa_id] if said.hsa_id else None
        by_vgr = self.people[kinds.VGR_ID.value, said.vgr_id] if said.vgr_id else None
        if said.hsa_id and by_hsa is None:
            return reader.fault(Code.UNKNOWN_PERSON, Column.HSA_ID, said.hsa_id)
        if said.vgr_id and by_vgr is None:
            return reader.fault(Code.UNKNOWN_PERSON, Column.VGR_ID, said.vgr_id)
        if by_hsa and by_vgr and by_hsa != by_vgr:
            return reader.fault(Code.TWO_PEOPLE, Column.VGR_ID, said.vgr_id)
        found = by_hsa or by_vgr
        assert found is not None, "a row that names nobody has a fault already"
        return found

    def _course_of(self, text: str) -> tuple[int, str] | tuple[Code, dict[str, str]]:
        """Primary key and key of the course; or what is wrong, with words."""
        if not text and self.course is not None:
            return self.course
        if (found := self.by_key.get(text.casefold())) is not None:
            return found
        titled = self.by_title.get(fold_name(text), [])
        if len(titled) == 1:
            return titled[0]
        if titled:
            return Code.AMBIGUOUS_COURSE, {"keys": ", ".join(key for _pk, key in titled)}
        like = process.extractOne(text, self.titles, scorer=fuzz.WRatio, score_cutoff=_LIKE_ENOUGH)
        return Code.UNKNOWN_COURSE, {"suggestion": like[0]} if like else {}


@dataclass(frozen=True)
class Understood:
    """What has become of some rows of the list: so many of them (`read`), those to be staged, and what is wrong."""

    read: int
    staged: int
    rows: NewRows
    faults: list[ImportFault]

    def write(self, import_pk: int) -> None:
        """In a transaction."""
        ImportFault.objects.bulk_create(self.faults, batch_size=BATCH)
        self.rows.write(completion_import_id=import_pk)


_COLUMNS = ("row", "person_id", "course_id", "completed_at", "source_id", "score")


class Staging:
    """Turns rows into staged rows and faults. One for each reading of a list, in each process that is at it."""

    def __init__(self, one: CompletionImport) -> None:
        self.one = one
        columns = {Column(name): position for name, position in one.columns.items()}
        self.reader = RowReader(one.header, columns, has_course=one.course_id is not None)
        self.known = Known(one.course)

    def understand(self, rows: Sequence[tuple[int, list[str], bool]]) -> Understood:
        """What these rows say. Writes nothing."""
        with no_search_for_circles():
            said = [self.reader.read(number, cells, is_run_together=together) for number, cells, together in rows]
            self.known.look_up(said)
            latest = timezone.now() + CLOCK_SKEW
            staged = NewRows(StagedCompletion, _COLUMNS)
            faults: list[ImportFault] = []
            for one in said:
                row = self._staged(one, latest)
                if row is not None:
                    staged.values.append(row)
                else:
                    faults += faults_of(self.one.pk, one.number, one.cells, one.faults)
            return Understood(len(said), len(staged.values), staged.made_ready_to_be_sent(), faults)

    def _staged(self, said: Said, latest: datetime) -> tuple[object, ...] | None:
        """The row as it is staged; None when something is wrong with it, which is noted. Everything is looked for."""
        course = self.known.course_of(said.course)
        if isinstance(course[0], Code) and said.course:
            words = dict(course[1]) if isinstance(course[1], dict) else {}
            said.faults.append(self.reader.fault(course[0], Column.COURSE, said.course, **words))
        if said.completed_at is not None and said.completed_at > latest:
            said.faults.append(self.reader.fault(Code.DAY_AHEAD, Column.COMPLETED, said.day))
        person = None
        if (said.hsa_id or said.vgr_id) and not any(fault.code in _ABOUT_THE_PERSON for fault in said.faults):
            person = self.known.person_of(said, self.reader)
            if isinstance(person, Fault):
                said.faults.append(person)
        if said.faults or person is None or isinstance(person, Fault):
            return None
        pk, public_id = person
        source_id = f"id:{said.own_id}" if said.own_id else f"{public_id.hex}:{course[1]}:{said.day}"
        return said.number, pk, course[0], said.completed_at, source_id, said.score


def faults_of(import_pk: int, number: int, cells: Sequence[str], faults: Iterable[Fault]) -> list[ImportFault]:
    """The rows that keep what is wrong."""
    kept = without_personal_numbers(cells)
    return [
        ImportFault(
            completion_import_id=import_pk,
            row=number,
            column=fault.column,
            value=_storable(fault.value),
            code=fault.code.value,
            words=dict(fault.words),
            cells=[_storable(cell) for cell in kept],
        )
        for fault in faults
    ]


def _storable(text: str) -> str:
    """Without what PostgreSQL cannot hold."""
    return text.replace("\x00", "")
