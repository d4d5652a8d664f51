"""The pages for lists of completions: who sees them, what they say, and what cannot be slipped in by them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from competence.models.completion import Completion
from competence.models.completion_import import CompletionImport
from lms.users.models import User
from tests.competence.imports.lists import csv_bytes, start, work, xlsx_bytes
from tests.factories.competence import NATIONAL, World, make_hsa_id, make_person, make_world

pytestmark = pytest.mark.django_db
LISTS = "/kurslistor/"
DAY = "2024-03-01"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def coordinator() -> User:
    person = make_person()
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return person


def logged_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def send(client: Client, content: bytes, name: str = "lista.csv", **fields: Any) -> Any:
    data = {"file": SimpleUploadedFile(name, content), "source_name": "Socialstyrelsen", "course": "", **fields}
    return client.post(LISTS, data)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_list_is_checked_looked_at_and_recorded(
    client: Client, world: World, coordinator: User, django_capture_on_commit_callbacks: Any
) -> None:
    person = make_person()
    make_hsa_id(person, "SE2321000131-A1")
    logged_in(client, coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, csv_bytes([("SE2321000131-A1", NATIONAL, DAY), ("SE2321000131-X", NATIONAL, DAY)]))
    one = CompletionImport.objects.get()
    address = reverse("competence:completion_import", args=[one.public_id])
    assert answer["Location"] == address
    page = text_of(client.get(address))
    assert "Registrera 1 genomförande" in page
    assert "Ingen här har detta id" in page
    assert not Completion.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("competence:record_import", args=[one.public_id]))
    assert "Listan är inläst" in text_of(client.get(address))
    completion = Completion.objects.get()
    assert (completion.person, completion.recorded_by) == (person, coordinator)


def test_a_workbook_comes_in_by_the_page(
    client: Client, world: World, coordinator: User, django_capture_on_commit_callbacks: Any
) -> None:
    make_hsa_id(make_person(), "SE2321000131-A1")
    with django_capture_on_commit_callbacks(execute=True):
        send(logged_in(client, coordinator), xlsx_bytes([("SE2321000131-A1", NATIONAL, DAY)]), "lista.xlsx")
    assert CompletionImport.objects.get().foreseen_new == 1


def test_columns_are_chosen_on_the_page(
    client: Client, world: World, coordinator: User, django_capture_on_commit_callbacks: Any
) -> None:
    make_hsa_id(make_person(), "SE2321000131-A1")
    logged_in(client, coordinator)
    send(client, csv_bytes([("SE2321000131-A1", DAY)], header=("Vem", "När")), course=NATIONAL)
    one = CompletionImport.objects.get()
    address = reverse("competence:completion_import", args=[one.public_id])
    assert "Vilken kolumn är vilken?" in text_of(client.get(address))
    columns = reverse("competence:completion_import_columns", args=[one.public_id])
    wrong = client.post(columns, {"hsa_id": "0", "completed": "0"})
    assert wrong.status_code == 422
    assert "Välj varje kolumn högst en gång" in text_of(wrong)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(columns, {"hsa_id": "0", "completed": "1"})
    assert "Registrera 1 genomförande" in text_of(client.get(address))


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_a41_the_rows_to_correct_are_fetched_as_text_and_taken_in_again(
    client: Client, world: World, coordinator: User, tmp_path: Path, fmt: str
) -> None:
    make_hsa_id(make_person(), "SE2321000131-A1")
    rows = [("SE2321000131-A1", NATIONAL, "fel", '=HYPERLINK("http://ont.example")')]
    one = work(start(csv_bytes(rows, header=("HSA-id", "Kurs", "Datum", "Namn")), tmp_path))
    answer = logged_in(client, coordinator).get(
        reverse("competence:completion_import_faults", args=[one.public_id, fmt])
    )
    assert answer["Cache-Control"] == "private, no-store"
    if fmt == "csv":
        text = answer.content.decode("utf-8-sig")
        assert "'=HYPERLINK" in text
    else:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert sheet[1][3] == rows[0][3]
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    again = work(start(answer.content, tmp_path, name=f"igen.{fmt}"))
    assert [fault.code for fault in again.faults.all()] == ["DAY_FORM"]


def test_a05_what_stands_in_a_list_is_text_on_the_page(
    client: Client, world: World, coordinator: User, tmp_path: Path
) -> None:
    rows = [("<script>alert(1)</script>", NATIONAL, DAY)]
    one = work(start(csv_bytes(rows), tmp_path, name="<b>lista.csv"))
    page = text_of(logged_in(client, coordinator).get(reverse("competence:completion_import", args=[one.public_id])))
    assert "<script>alert" not in page
    assert "<b>lista" not in page


def test_a11_a_file_that_is_too_large_is_turned_away(
    client: Client, world: World, coordinator: User, settings: Any
) -> None:
    settings.IMPORT_MAX_BYTES = 1_000
    assert send(logged_in(client, coordinator), b"x" * 300_000).status_code == 413
    assert send(client, b"x" * 2_000).status_code == 413
    assert not CompletionImport.objects.exists()


def test_a_file_that_is_no_list_is_refused_and_what_was_written_stays(
    client: Client, world: World, coordinator: User
) -> None:
    answer = send(logged_in(client, coordinator), b"PK\x03\x04 inget paket", source_name="Min källa")
    assert answer.status_code == 422
    assert "varken en arbetsbok" in text_of(answer)
    assert 'value="Min källa"' in text_of(answer)


def test_a45_nothing_is_changed_by_get_or_without_a_token(world: World, coordinator: User, tmp_path: Path) -> None:
    one = work(start(csv_bytes([]), tmp_path))
    client = logged_in(Client(enforce_csrf_checks=True), coordinator)
    for name in ("record_import", "stop_import", "resume_import", "discard_import"):
        address = reverse(f"competence:{name}", args=[one.public_id])
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 403
    assert send(client, csv_bytes([])).status_code == 403


@pytest.mark.parametrize("group", ["", "Redaktör", "Statistiker"])
def test_those_who_may_not_are_refused_everywhere(client: Client, world: World, tmp_path: Path, group: str) -> None:
    one = work(start(csv_bytes([("x", "y", "z")]), tmp_path))
    person = make_person()
    if group:
        person.groups.add(Group.objects.get(name=group))
    for who in (person, world.manager, world.outsider):
        logged_in(client, who)
        assert client.get(LISTS).status_code == 403
        assert client.get(reverse("competence:completion_import", args=[one.public_id])).status_code == 403
        assert (
            client.get(reverse("competence:completion_import_faults", args=[one.public_id, "csv"])).status_code == 403
        )
        for name in ("record_import", "stop_import", "resume_import", "discard_import", "completion_import_columns"):
            assert client.post(reverse(f"competence:{name}", args=[one.public_id])).status_code == 403
    client.logout()
    assert client.get(LISTS).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_a_fixed_number_of_questions(
    client: Client, world: World, coordinator: User, tmp_path: Path, django_assert_num_queries: Any, count: int
) -> None:
    for _turn in range(count):
        one = work(start(csv_bytes([("x", NATIONAL, DAY)] * count), tmp_path))
    logged_in(client, coordinator)
    client.get(LISTS)
    with django_assert_num_queries(8):
        client.get(LISTS)
    with django_assert_num_queries(9):
        client.get(reverse("competence:completion_import", args=[one.public_id]))


def test_what_has_been_done_already_is_said(client: Client, world: World, coordinator: User, tmp_path: Path) -> None:
    one = work(start(csv_bytes([("x", NATIONAL, DAY)]), tmp_path, goes_on=True))
    logged_in(client, coordinator)
    answer = client.post(reverse("competence:record_import", args=[one.public_id]), follow=True)
    assert "Det går inte längre" in text_of(answer)
    answer = client.post(reverse("competence:completion_import_columns", args=[one.public_id]), follow=True)
    assert answer.status_code in (200, 422)
