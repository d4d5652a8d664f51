"""What a row says: whom it names, which course, and when. Pure; who and what that is here, `staging` finds out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from competence.imports.completions.columns import Column, Columns, protected
from competence.imports.completions.faults import Code, Fault
from competence.imports.completions.tables import REPLACED
from lms.lib.clock import STOCKHOLM, day_starts_at
from lms.users.models import HSA_ID_PATTERN, fold_identifier

FIRST_YEAR = 1990
LONGEST_OWN_ID = 100
KEPT_OF_A_CELL = 200
# Ten or twelve digits, of which the month and the day are possible.
_PERSONAL_NUMBER = re.compile(r"(?:19|20)?\d{2}(?:0\d|1[0-2])[0-3]\d[-+ ]?\d{4}\Z")
_DAY = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ](\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?)?\s*(Z?)\Z")
_AMBIGUOUS = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{2}|\d{4})\Z")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(slots=True)
class Said:
    """What a row says, where it can be understood. Identities are folded, "" where there is none."""

    number: int
    cells: Sequence[str]
    hsa_id: str = ""
    vgr_id: str = ""
    course: str = ""
    completed_at: datetime | None = None
    day: str = ""
    score: Decimal | None = None
    own_id: str = ""
    faults: list[Fault] = field(default_factory=list)


class RowReader:
    """Reads the rows of one list. `has_course`: all are of one course, which is not in the rows."""

    def __init__(self, header: Sequence[str], columns: Columns, *, has_course: bool) -> None:
        self.header = header
        self.columns = columns
        self.has_course = has_course
        self.protected = protected(header, columns)
        self.width = len(header)
        self.needed = sorted(columns.values())

    def read(self, number: int, cells: Sequence[str], *, is_run_together: bool = False) -> Said:
        """What the row says, and everything that is wrong with it by itself."""
        said = Said(number, cells)
        if is_run_together:
            said.faults.append(Fault(Code.UNCLOSED_QUOTE))
            return said
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            said.faults.append(Fault(Code.TOO_MANY_CELLS, value=cells[self.width][:KEPT_OF_A_CELL]))
        for position, heading in self.protected.items():
            if position < len(cells) and cells[position].strip():
                said.faults.append(Fault(Code.NOT_YOURS, heading, cells[position].strip()[:KEPT_OF_A_CELL]))
        values = {column: _clean(cells[p]) if p < len(cells) else "" for column, p in self.columns.items()}
        for column, value in values.items():
            if REPLACED in value:
                self._fault(said, Code.UNREADABLE, column, value)
                values[column] = ""
        if not any(fault.code is Code.UNREADABLE for fault in said.faults):
            self._person(said, values)
            self._when(said, values)
            said.course = values.get(Column.COURSE, "")
            if not said.course and not self.has_course:
                self._fault(said, Code.COURSE_MISSING, Column.COURSE, "")
            self._rest(said, values)
        return said

    def fault(self, code: Code, column: Column, value: str, **words: str) -> Fault:
        """A fault in one of the columns of the list."""
        position = self.columns.get(column)
        heading = self.header[position] if position is not None else ""
        return Fault(code, heading[:120], value[:KEPT_OF_A_CELL], words)

    def _fault(self, said: Said, code: Code, column: Column, value: str) -> None:
        said.faults.append(self.fault(code, column, value))

    def _person(self, said: Said, values: dict[Column, str]) -> None:
        hsa_id, vgr_id = values.get(Column.HSA_ID, ""), values.get(Column.VGR_ID, "")
        for column, value in ((Column.HSA_ID, hsa_id), (Column.VGR_ID, vgr_id)):
            if value and _PERSONAL_NUMBER.match(value):
                self._fault(said, Code.PERSONAL_NUMBER, column, "")
                return
        if not hsa_id and not vgr_id:
            column = Column.HSA_ID if Column.HSA_ID in self.columns else Column.VGR_ID
            self._fault(said, Code.HSA_ID_MISSING, column, "")
        elif hsa_id and not HSA_ID_PATTERN.match(fold_identifier(hsa_id)):
            self._fault(said, Code.HSA_ID_FORM, Column.HSA_ID, hsa_id)
        said.hsa_id, said.vgr_id = fold_identifier(hsa_id), fold_identifier(vgr_id)

    def _when(self, said: Said, values: dict[Column, str]) -> None:
        text = values.get(Column.COMPLETED, "")
        found = instant_of(text)
        if isinstance(found, Code):
            self._fault(said, found, Column.COMPLETED, text)
        else:
            said.completed_at, said.day = found

    def _rest(self, said: Said, values: dict[Column, str]) -> None:
        score = values.get(Column.SCORE, "")
        if score:
            said.score = _score(score)
            if said.score is None:
                self._fault(said, Code.SCORE_FORM, Column.SCORE, score)
        said.own_id = values.get(Column.OWN_ID, "")
        if len(said.own_id) > LONGEST_OWN_ID:
            self._fault(said, Code.OWN_ID_LONG, Column.OWN_ID, said.own_id)


def without_personal_numbers(cells: Sequence[str]) -> list[str]:
    """The cells as they may be kept: a personal identity number is none of our business, whatever column it is in."""
    return ["(borttaget)" if _PERSONAL_NUMBER.match(_clean(cell)) else cell[:1000] for cell in cells]


@lru_cache(maxsize=20_000)  # thousands were there on the same day
def instant_of(text: str) -> tuple[datetime, str] | Code:
    """When a course was completed, and how that is named: the beginning of the day unless the time is given.

    2024-03-01, 20240301, 2024/03/01, and with a time of day in Stockholm. Nothing is guessed.
    """
    if not text:
        return Code.DAY_MISSING
    match = _DAY.match(text)
    if match is None:
        return Code.DAY_AMBIGUOUS if _AMBIGUOUS.match(text) else Code.DAY_FORM
    year, month, number, hour, minute, second, zulu = match.groups()
    try:
        day = date(int(year), int(month), int(number))
        if hour is None:
            at, name = day_starts_at(day), day.isoformat()
        else:
            clock = (int(hour), int(minute), int(second or 0))
            zone = UTC if zulu else STOCKHOLM
            at = datetime(day.year, day.month, day.day, *clock, tzinfo=zone).astimezone(UTC)
            name = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return Code.DAY_FORM
    return Code.DAY_LONG_AGO if day.year < FIRST_YEAR else (at, name)


def _clean(text: str) -> str:
    """Without what surrounds it and cannot be seen."""
    return text.strip() if text.isascii() else text.translate(_INVISIBLE).strip()


def _score(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", ".").removesuffix("%").strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= 100:
        return None
    return value.quantize(Decimal("0.01"))
