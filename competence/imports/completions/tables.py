"""Reading a list as a table: whatever the encoding, whatever separates the cells, and a workbook too."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from competence.imports.completions.columns import guess
from competence.imports.completions.workbook import EMPTY, TOO_LARGE, WorkbookRefused, is_workbook, write_table
from lms.lib.errors import Refusal

HEAD_ROWS = 20
"""Among so many rows the headings are looked for: above them there may be a title, a date and the like."""
SAMPLE_ROWS = 5
_BLOCK = 1 << 20
_DELIMITERS = ";,\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNDECODED, _DECODED = re.compile("[\udc80-\udcff]"), re.compile("[^\x00-\x7f\udc80-\udcff]")
REPLACED = "\ufffd"
"""Stands where a byte could not be read."""


@dataclass(frozen=True)
class Layout:
    """How a list is to be read. `header_row`: which row, counted from 1, has the headings."""

    encoding: str
    delimiter: str
    header_row: int
    header: list[str]


class UnclosedQuote(Refusal):
    """A quotation mark is opened in some row, and the file ends before it is closed."""


def as_table(path: Path, folder: Path) -> Path:
    """The file as text: itself, or the table of a workbook, written to `folder`. Raises Refusal."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise Refusal(_("The file is empty."))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(_("This is an older Excel file, or one with a password. Save it as .xlsx or as CSV."))
    if not head.startswith(b"PK"):
        return path
    if not is_workbook(path):
        raise Refusal(_("The file is neither a workbook (.xlsx) nor a text file (CSV)."))
    table = folder / "table.csv"
    try:
        write_table(path, table)
    except WorkbookRefused as refused:
        if refused.code == TOO_LARGE:
            raise Refusal(_("The workbook is too large to be read. Save the sheet as CSV and try again.")) from refused
        if refused.code == EMPTY:
            raise Refusal(_("The workbook is empty.")) from refused
        raise Refusal(_("The workbook is damaged, or is no Excel file. Save it anew and try again.")) from refused
    return table


def layout_of(path: Path) -> Layout:
    """How the text file is to be read. Raises Refusal for a file without headings."""
    encoding = _encoding(path)
    with path.open("rb") as file:
        delimiter = _delimiter(file, encoding)
        head = []
        for _number, cells in _records(file, encoding, delimiter):
            head.append(cells)
            if len(head) == HEAD_ROWS:
                break
    filled = [position for position, cells in enumerate(head) if any(cell.strip() for cell in cells)]
    if not filled:
        raise Refusal(_("The file is empty."))
    best = max(filled, key=lambda position: (len(guess(head[position])), -position))
    header = [cell.strip() for cell in head[best]]
    while header and not header[-1]:
        header.pop()
    return Layout(encoding, delimiter, best + 1, header)


def rows_of(file: IO[bytes], layout: Layout) -> Iterator[tuple[int, list[str], bool]]:
    """The rows below the headings that have anything in them: number (the first row of the file is 1), cells, and
    whether several lines seem to have been read as one cell. Raises UnclosedQuote."""
    before = 0
    reader = csv.reader(_lines(file, layout.encoding), delimiter=layout.delimiter)
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            words = {"row": number + 1}
            raise UnclosedQuote(_("Row %(row)d: a quotation mark is opened and never closed.") % words) from error
        number += 1
        several = reader.line_num - before > 1
        before = reader.line_num
        if number > layout.header_row and any(cells) and any(cell.strip() for cell in cells):
            yield number, cells, several and any("\n" in c and layout.delimiter in c for c in cells)


def _records(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from enumerate(csv.reader(_lines(file, encoding), delimiter=delimiter), 1)
    except csv.Error:
        return


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    """The lines of a file from its beginning, decoded; what cannot be decoded is replaced. Leaves the file open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        for line in text:  # noqa: UP028 - `yield from` that is ended early would close the file
            yield line
    finally:
        if not file.closed:
            text.detach()


def _encoding(path: Path) -> str:
    """By the byte order mark; else UTF-16 when every other byte is nought, UTF-8 when it can be read so, and
    Windows-1252 otherwise. A file in UTF-8 with some damaged rows is still one in UTF-8."""
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                return encoding
        if head[1::2].count(0) > len(head) // 4:
            return "utf-16-le"
        if head[::2].count(0) > len(head) // 4:
            return "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        good = bad = 0
        while block := file.read(_BLOCK):
            if block.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(block)
            bad += len(_UNDECODED.findall(text))
            good += len(_DECODED.findall(text))
    return "utf-8" if good >= bad else "cp1252"


def _delimiter(file: IO[bytes], encoding: str) -> str:
    """What separates cells: what occurs most often in the first line that has any of them, outside quotation marks."""
    for line in _lines(file, encoding):
        if line.lower().startswith("sep=") and len(line) > 4:
            return line[4] if line[4] in _DELIMITERS else ";"
        bare = re.sub(r'"[^"]*"', "", line)
        counts = {mark: bare.count(mark) for mark in _DELIMITERS}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best]:
            return best
    return ";"
