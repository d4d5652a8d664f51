"""Workbooks from strangers: nothing in them is calculated, fetched or put in, and none takes all the memory."""

from __future__ import annotations

import io
import re
import socket
import zipfile
from pathlib import Path

import pytest

from competence.imports.completions.workbook import TOO_LARGE, WorkbookRefused, write_table
from lms.lib.errors import Refusal
from tests.competence.imports.lists import codes, start, take_in, xlsx_bytes
from tests.factories.competence import NATIONAL, make_hsa_id, make_person, make_world

DAY = "2024-03-01"
HSA_ID = "SE2321000131-A1"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def changed(content: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """The workbook with something else in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name).decode()
            if name == part:
                text, count = re.subn(pattern, lambda _found: replacement, text, count=1)
                assert count == 1, text[:500]
            after.writestr(name, text)
    return out.getvalue()


def table_of(content: bytes, tmp_path: Path) -> str | int:
    """What is read of the workbook; why it was refused."""
    (tmp_path / "in.xlsx").write_bytes(content)
    try:
        write_table(tmp_path / "in.xlsx", tmp_path / "out.csv")
    except WorkbookRefused as refused:
        return refused.code
    return (tmp_path / "out.csv").read_text(encoding="utf-8")


def with_entity(declared: str, name: str) -> bytes:
    """A workbook whose course is an entity."""
    content = changed(xlsx_bytes([(HSA_ID, "ersatt", DAY)]), STRINGS, "<sst ", f"<!DOCTYPE x [{declared}]><sst ")
    return changed(content, STRINGS, "ersatt", f"&{name};")


def with_a_far_corner() -> bytes:
    cell = '<row r="6000"><c r="XFD6000"><v>1</v></c></row></sheetData>'
    return changed(xlsx_bytes([(HSA_ID, NATIONAL, DAY)]), SHEET, "</sheetData>", cell)


@pytest.mark.django_db
def test_a42_a_formula_is_its_last_value_and_nothing_else(tmp_path: Path) -> None:
    make_world()
    make_hsa_id(make_person(), HSA_ID)
    rows = [(HSA_ID, NATIONAL, DAY), ('=HYPERLINK("http://ont.example","SE2321000131-A1")', NATIONAL, "2024-03-02")]
    content = xlsx_bytes(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "<f>HYPERLINK" in book.read(SHEET).decode()
    one = take_in(content, tmp_path, name="lista.xlsx")
    assert one.recorded == 1
    assert [(row, code) for row, _column, _value, code in codes(one)] == [(3, "HSA_ID_FORM")]
    assert "HYPERLINK" not in str(table_of(content, tmp_path))


def test_a42_an_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("HEMLIGT", encoding="utf-8")
    assert "HEMLIGT" not in str(table_of(with_entity(f'<!ENTITY e SYSTEM "file://{secret}">', "e"), tmp_path))


def test_a42_an_entity_fetches_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        table_of(with_entity(f'<!ENTITY e SYSTEM "{address}">', "e"), tmp_path)
        with pytest.raises(BlockingIOError):  # nobody has called
            listening.accept()


def test_a42_an_entity_does_not_grow(tmp_path: Path) -> None:
    grown = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 10))
    assert len(str(table_of(with_entity(f'<!ENTITY e0 "ha">{grown}', "e9"), tmp_path))) < 10_000


def test_a42_a_cell_in_a_far_corner_takes_no_more_memory_than_is_given(tmp_path: Path) -> None:
    assert table_of(with_a_far_corner(), tmp_path) == TOO_LARGE


@pytest.mark.django_db
def test_a42_a_workbook_that_is_refused_says_so_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="CSV"):
        start(with_a_far_corner(), tmp_path, name="lista.xlsx")
