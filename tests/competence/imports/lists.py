"""Lists of completions, as they come."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from competence.actions.completion_imports import start_import
from competence.imports.completions.runner import go_on_with
from competence.models.completion_import import CompletionImport
from lms.lib.actors import Machine

BY = Machine("test:importer")
HEADER = ("HSA-id", "Kurs", "Datum")
Rows = Iterable[Sequence[Any]]


def csv_bytes(rows: Rows, *, header: Sequence[str] = HEADER, delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    lines = [delimiter.join(map(str, row)) for row in (header, *rows)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def xlsx_bytes(rows: Rows, *, header: Sequence[str] = HEADER) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True})
    sheet = book.add_worksheet("Lista")
    for number, row in enumerate((header, *rows)):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def start(content: bytes, tmp_path: Path, *, name: str = "lista.csv", **options: Any) -> CompletionImport:
    path = tmp_path / name
    path.write_bytes(content)
    values = {"source_name": "Socialstyrelsen", "by": BY, "in_background": False, **options}
    return start_import(path=path, file_name=name, **values)


def work(one: CompletionImport, **options: Any) -> CompletionImport:
    """Work on it to its end."""
    for _part in go_on_with(one.pk, **options):
        pass
    one.refresh_from_db()
    return one


def take_in(content: bytes, tmp_path: Path, **options: Any) -> CompletionImport:
    """Check and record, without anybody in between."""
    return work(start(content, tmp_path, goes_on=True, **options))


def codes(one: CompletionImport) -> list[tuple[int, str, str, str]]:
    """Row, heading, value and code of every fault."""
    return list(one.faults.order_by("row", "pk").values_list("row", "column", "value", "code"))
