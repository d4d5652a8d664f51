"""Reading figures that others have counted from a CSV file: all of it, or nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.figures import PRINCIPAL_KINDS, report_figure
from competence.models.course_reference import CourseReference
from competence.models.reported_figure import ReportedFigure
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

COLUMNS = ("course_key", "principal_kind", "period_from", "period_to", "count", "source")
# What Västra Götaland has reported of the national and regional courses, with its source in each row.
PUBLISHED_FIGURES = Path(__file__).resolve().parent.parent / "data_files" / "reported_figures.csv"


@dataclass(frozen=True)
class FileError:
    """What is wrong with a file: the row (the header is row 1), the column (empty: the row as a whole), and why."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = _("row %(row)d") % {"row": self.row}
        return f"{place}, {self.column}: {self.reason}" if self.column else f"{place}: {self.reason}"


class FileRefused(Refusal):
    """The file is not taken. `errors` names every fault; nothing was written."""

    def __init__(self, errors: list[FileError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


@dataclass(frozen=True)
class FigureRow:
    row: int
    course_key: str
    principal_kind: str
    period_from: date | None
    period_to: date
    count: int
    source: str


@transaction.atomic
def load_reported_figures(content: bytes, *, by: Actor, dry_run: bool = False) -> tuple[int, int]:
    """Keep every figure of the file. Returns how many are new, and how many were known before.

    UTF-8, commas or semicolons, a header with `COLUMNS`. Raises FileRefused with all faults, by row and column.
    """
    rows = read_figures(content)
    before = ReportedFigure.objects.count()
    errors = []
    for row in rows:
        try:
            with transaction.atomic():
                report_figure(
                    course_key=row.course_key,
                    principal_kind=row.principal_kind,
                    period_from=row.period_from,
                    period_to=row.period_to,
                    count=row.count,
                    source=row.source,
                    by=by,
                )
        except Refusal as refusal:
            errors.append(FileError(row.row, "", str(refusal)))
    if errors:
        raise FileRefused(errors)
    new = ReportedFigure.objects.count() - before
    if dry_run:
        transaction.set_rollback(True)
    return new, len(rows) - new


def load_published_figures(*, by: Actor) -> tuple[int, int]:
    """Keep the figures that come with the product. Their courses must be registered."""
    return load_reported_figures(PUBLISHED_FIGURES.read_bytes(), by=by)


def read_figures(content: bytes) -> list[FigureRow]:
    """The rows of the file. Raises FileRefused with every fault that the file alone shows, and for unknown courses."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise FileRefused([FileError(row, "", _("The file is not UTF-8."))]) from error
    first_line = text.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first_line else ",")
    header = [name.strip() for name in next(lines, [])]
    if missing := [FileError(1, name, _("The column is missing.")) for name in COLUMNS if name not in header]:
        raise FileRefused(missing)
    courses = set(CourseReference.objects.values_list("key", flat=True))
    rows: list[FigureRow] = []
    errors: list[FileError] = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        read = _read_row(lines.line_num, dict(zip(header, (c.strip() for c in cells), strict=False)), courses)
        if isinstance(read, FigureRow):
            rows.append(read)
        else:
            errors += read
    if errors:
        raise FileRefused(errors)
    return rows


def _read_row(number: int, values: dict[str, str], courses: set[str]) -> FigureRow | list[FileError]:
    errors: list[FileError] = []

    def fault(column: str, reason: str) -> None:
        errors.append(FileError(number, column, reason))

    def day(column: str) -> date | None:
        try:
            return date.fromisoformat(values[column])
        except ValueError:
            fault(column, _("“%(value)s” is not a day such as 2023-12-31.") % {"value": values[column]})
            return None

    values = {**dict.fromkeys(COLUMNS, ""), **values}
    if values["course_key"] not in courses:
        fault("course_key", _("There is no course with the key %(key)s.") % {"key": values["course_key"]})
    if values["principal_kind"] not in PRINCIPAL_KINDS:
        fault("principal_kind", _("The principal must be one of: %(kinds)s.") % {"kinds": ", ".join(PRINCIPAL_KINDS)})
    period_from = day("period_from") if values["period_from"] else None
    period_to = day("period_to")
    digits = values["count"]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        fault("count", _("“%(value)s” is not a whole number.") % {"value": digits})
    if not values["source"]:
        fault("source", _("Name the source of the figure, in at most 250 characters."))
    if errors or period_to is None:
        return errors
    return FigureRow(
        number,
        values["course_key"],
        values["principal_kind"],
        period_from,
        period_to,
        int(digits),
        values["source"],
    )
