"""Tables as files: what a spreadsheet reads back, and names that are formulas."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from competence.exports.sheets import Row, sheet_response, without_formula, write_csv, write_xlsx

FORMULAS = ['=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "＝1+1", "|x"]


def as_csv(rows: list[Row], notes: list[Row] | None = None) -> bytes:
    out = io.BytesIO()
    write_csv(out, header=["Namn", "Antal"], rows=rows, notes=notes or [])
    return out.getvalue()


def as_xlsx(rows: list[Row], notes: list[Row] | None = None, title: str = "Genomföranden") -> bytes:
    out = io.BytesIO()
    write_xlsx(out, title=title, header=["Namn", "Antal"], rows=rows, notes=notes or [])
    return out.getvalue()


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def read_xlsx(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)  # type: ignore[return-value]


def test_a_swedish_excel_reads_the_csv() -> None:
    content = as_csv([["Åsa; Öberg", 1202]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == '"Namn";"Antal"\r\n"Åsa; Öberg";1202\r\n'


def test_values_are_written_as_a_swede_writes_them() -> None:
    instant = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    rows: list[Row] = [["a", Decimal("1.5")], ["b", date(2026, 2, 3)], ["c", instant], ["d", None]]
    assert [row[1] for row in read_csv(as_csv(rows))[1:]] == ["1,5", "2026-02-03", "2026-07-02 00:30", ""]
    read = [row[1] for row in read_xlsx(as_xlsx(rows))[1:]]
    assert read == [1.5, date(2026, 2, 3), datetime(2026, 7, 2, 0, 30), ""]  # noqa: DTZ001  a sheet knows no zones


def test_notes_stand_above_the_table() -> None:
    assert read_csv(as_csv([["a", 1]], [["Källa", "registret"]]))[:3] == [["Källa", "registret"], [], ["Namn", "Antal"]]
    assert read_xlsx(as_xlsx([["a", 1]], [["Källa", "registret"]]))[0] == ["Källa", "registret"]


@pytest.mark.parametrize("name", FORMULAS)
def test_a41_a_name_that_is_a_formula_is_text_in_csv(name: str) -> None:
    # A note and the header are cells too.
    out = io.BytesIO()
    write_csv(out, header=[name], rows=[[name]], notes=[[name]])
    for row in read_csv(out.getvalue()):
        assert not row or row[0] == f"'{name}"


@pytest.mark.parametrize("name", FORMULAS)
def test_a41_a_name_that_is_a_formula_is_text_in_xlsx(name: str) -> None:
    out = io.BytesIO()
    write_xlsx(out, title=name, header=[name], rows=[[name, 1]], notes=[[name]])
    with zipfile.ZipFile(out) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        assert not [part for part in package.namelist() if "rels" in part and "sheet" in part]
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert sheet.count('t="inlineStr"') == 3


def test_a41_a_comma_does_not_split_a_cell_where_commas_separate() -> None:
    content = as_csv([["Berg,=1+1", 1]]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content)))[1] == ["Berg,=1+1;1"]


def test_a_negative_number_stays_a_number() -> None:
    assert as_csv([["skillnad", -12], ["del", Decimal("-0.5")]]).decode("utf-8-sig").splitlines()[1:] == [
        '"skillnad";-12',
        '"del";"-0,5"',
    ]


@given(st.text(), st.text())
def test_any_text_comes_back_as_text(first: str, second: str) -> None:
    rows: list[Row] = [[first, second]]
    for cell in read_csv(as_csv(rows))[1]:
        assert cell == "" or cell == without_formula(cell)
    with zipfile.ZipFile(io.BytesIO(as_xlsx(rows, title=first))) as package:
        assert "<f>" not in package.read("xl/worksheets/sheet1.xml").decode()


def test_a_download_has_its_swedish_name_and_is_kept_by_no_cache() -> None:
    response = sheet_response("xlsx", file_name="genomförda kurser", title="x", header=["a"], rows=[[1]])
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''genomf%C3%B6rda%20kurser.xlsx"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"].startswith("application/vnd.openxmlformats")
