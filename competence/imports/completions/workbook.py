"""Reading a workbook (XLSX) in a process of its own, which may not take more memory or time than it is given.

A workbook is a stranger's: it can unpack to any size, or claim a cell in the last corner of the sheet, which makes a
reader set memory aside for the whole. Here that ends the small process and nothing else. What comes out is a plain
table in a CSV file. Formulas are not calculated: their last values are read as values.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

MOST_MEMORY = 1_500_000_000
MOST_OUTPUT = 1_000_000_000
MOST_SECONDS = 120
TOO_LARGE, UNREADABLE, EMPTY = 10, 11, 12


class WorkbookRefused(Exception):
    """The workbook cannot be read; the exit code says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def is_workbook(path: Path) -> bool:
    """Whether the file is an XLSX workbook, by what is in it."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def write_table(workbook: Path, table: Path) -> None:
    """Write the rows of the first sheet that has any to `table`. Raises WorkbookRefused."""
    words = [sys.executable, "-I", str(Path(__file__).resolve()), str(workbook), str(table)]
    try:
        ended = subprocess.run(words, check=False, capture_output=True, timeout=MOST_SECONDS)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired as error:
        raise WorkbookRefused(TOO_LARGE) from error
    if ended.returncode < 0 or (ended.returncode and ended.returncode not in (UNREADABLE, EMPTY)):
        raise WorkbookRefused(TOO_LARGE)  # ended by the system, or out of memory
    if ended.returncode:
        raise WorkbookRefused(ended.returncode)


def cell_text(cell: Any) -> Any:
    """A cell as text: days and instants as 2024-03-01 and 2024-03-01 13:45, whole numbers without a comma."""
    kind = type(cell)
    if kind is str:
        return cell
    if kind is datetime:
        return cell.strftime("%Y-%m-%d") if cell.time() == time.min else cell.strftime("%Y-%m-%d %H:%M:%S")
    if kind is float:
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if kind is date:
        return cell.isoformat()
    if kind in (time, timedelta):
        return str(cell)
    return cell


def _convert(workbook: Path, table: Path) -> int:
    import resource

    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        book = CalamineWorkbook.from_path(str(workbook))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                with table.open("w", encoding="utf-8", newline="") as out:
                    writer = csv.writer(out, delimiter=";")
                    for _row in range(sheet.start[0] if sheet.start else 0):
                        writer.writerow([""])  # empty rows at the top: rows keep their numbers
                    writer.writerows([cell_text(cell) for cell in row] for row in sheet.iter_rows())
                return 0
    except MemoryError:
        return TOO_LARGE
    except Exception:
        return UNREADABLE
    return EMPTY


if __name__ == "__main__":
    sys.exit(_convert(Path(sys.argv[1]), Path(sys.argv[2])))
