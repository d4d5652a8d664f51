"""Tables as files for a spreadsheet: CSV as a Swedish Excel reads it, and XLSX. Text stays text, whatever it says.

A name such as `=HYPERLINK(…)` must never become a formula at the reader's: in XLSX text is written as text, in CSV an
apostrophe goes before what a spreadsheet would calculate.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Literal, TypeAlias

import xlsxwriter
from django.http import HttpResponse
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.http import content_disposition_header

from lms.lib.clock import STOCKHOLM

Cell: TypeAlias = str | int | float | Decimal | date | datetime | bool | Promise | None
Row: TypeAlias = Sequence[Cell]
Format: TypeAlias = Literal["csv", "xlsx"]

FORMATS: tuple[Format, ...] = ("csv", "xlsx")
CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for Windows-1252
_STARTS_A_FORMULA = "=+-@|%\t\r\n"
_EXCEL_CELL_LIMIT = 32_767


def write_csv(out: IO[bytes], *, header: Row, rows: Iterable[Row], notes: Iterable[Row] = ()) -> None:
    """Write a table as UTF-8 with byte order mark and semicolons. `notes` are rows above it: source, date, filters.

    Every text is quoted, so that a comma in it does not split the cell where commas separate.
    """
    text = io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="", write_through=True)
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    note_rows = list(notes)
    for row in note_rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    if note_rows:
        writer.writerow([])
    writer.writerow([_csv_cell(cell) for cell in header])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    text.detach()


def write_xlsx(
    out: IO[bytes], *, title: str, header: Row, rows: Iterable[Row], notes: Iterable[Row] = (), width: int = 18
) -> None:
    """Write a table as a workbook of one sheet named `title`. Memory stays flat, however many rows there are.

    The first column is twice as wide as `width` (in characters); the header stays in view and filters.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(_sheet_name(title))
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "note": book.add_format({"italic": True}),
        "whole": book.add_format({"num_format": "#,##0"}),
        "part": book.add_format({"num_format": "#,##0.00"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    sheet.set_column(0, 0, width * 2)
    if len(header) > 1:
        sheet.set_column(1, len(header) - 1, width)
    line = 0
    for row in notes:
        for column, cell in enumerate(row):
            _write_cell(sheet, line, column, cell, formats, formats["note"])
        line += 1
    if line:
        line += 1
    first = line
    for column, cell in enumerate(header):
        sheet.write_string(line, column, _text(cell), formats["head"])
    for row in rows:
        line += 1
        for column, cell in enumerate(row):
            _write_cell(sheet, line, column, cell, formats, None)
    sheet.freeze_panes(first + 1, 0)
    if line > first:
        sheet.autofilter(first, 0, line, len(header) - 1)
    book.close()


def sheet_response(
    fmt: Format, *, file_name: str, title: str, header: Row, rows: Iterable[Row], notes: Iterable[Row] = ()
) -> HttpResponse:
    """The table as a download named `file_name` plus the ending of its format. Never kept by a cache."""
    content = io.BytesIO()
    if fmt == "csv":
        write_csv(content, header=header, rows=rows, notes=notes)
    else:
        write_xlsx(content, title=title, header=header, rows=rows, notes=notes)
    response = HttpResponse(content.getvalue(), content_type=CONTENT_TYPES[fmt])
    response["Content-Disposition"] = content_disposition_header(True, f"{file_name}.{fmt}") or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def without_formula(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet would calculate it; also behind spaces, and full-width."""
    start = text.lstrip(" \u00a0\ufeff\u200b")
    first = unicodedata.normalize("NFKC", start[:1])
    return f"'{text}" if first and first in _STARTS_A_FORMULA else text


def _csv_cell(cell: Cell) -> Any:
    if cell is None:
        return ""
    if type(cell) is str and cell[:1].isalnum():
        return cell  # the usual, fast: no formula begins so, and the file replaces what UTF-8 cannot hold
    if isinstance(cell, bool) or not isinstance(cell, int):
        text = _text(cell)
        return text if isinstance(cell, int | float | Decimal) else without_formula(text)
    return cell


def _write_cell(sheet: Any, line: int, column: int, cell: Cell, formats: dict[str, Any], style: Any) -> None:
    if type(cell) is str:
        sheet.write_string(line, column, _text(cell)[:_EXCEL_CELL_LIMIT], style)
        return
    match cell:
        case None:
            pass
        case bool():
            sheet.write_boolean(line, column, cell, style)
        case int():
            sheet.write_number(line, column, cell, style or formats["whole"])
        case float() | Decimal():
            sheet.write_number(line, column, cell, style or formats["part"])
        case datetime():
            local = cell.astimezone(STOCKHOLM).replace(tzinfo=None)
            sheet.write_datetime(line, column, local, formats["instant"])
        case date():
            sheet.write_datetime(line, column, cell, formats["day"])
        case _:
            sheet.write_string(line, column, _text(cell)[:_EXCEL_CELL_LIMIT], style)


def _text(cell: Cell) -> str:
    """A value as a Swede writes it in a sheet: a comma before decimals, days as 2026-11-21, local time."""
    match cell:
        case None:
            return ""
        case float() | Decimal():
            return str(cell).replace(".", ",")
        case datetime():
            return cell.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
    # A lone surrogate cannot be written in UTF-8, and must not break the whole file.
    return force_str(cell).encode("utf-8", "replace").decode("utf-8")


def _sheet_name(title: str) -> str:
    """`title` without what Excel forbids in a sheet's name, at most 31 characters."""
    kept = "".join(" " if char in "[]:*?/\\" else char for char in title).strip("' ")
    return kept[:31] or "Blad1"
