"""A list of completions, from the file to the facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from competence.actions.completion_imports import (
    choose_columns,
    discard_import,
    record_import,
    resume_import,
    start_import,
    stop_import,
)
from competence.actions.identities import merge_people
from competence.actions.wrong_completions import withdraw_completion
from competence.imports.completions import recording, runner
from competence.imports.completions.columns import Column
from competence.imports.completions.runner import go_on_with, let_go, take, waiting_imports
from competence.models.completion import Completion
from competence.models.completion_import import CompletionImport, StagedCompletion
from competence.queries.course_states import course_states_of
from competence.tasks import go_on_importing
from competence.verifying import verify_state
from lms.audit.models import AuditEvent
from lms.lib.clock import day_starts_at
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity
from tests.competence.imports.lists import BY, HEADER, codes, csv_bytes, start, take_in, work, xlsx_bytes
from tests.factories.competence import (
    NATIONAL,
    REGIONAL,
    World,
    complete,
    make_hsa_id,
    make_person,
    make_prescriber,
    make_world,
)

pytestmark = pytest.mark.django_db
Status = CompletionImport.Status
DAY = "2024-03-01"


@pytest.fixture
def world() -> World:
    return make_world()


def person_with(hsa_id: str) -> Any:
    person = make_person()
    make_hsa_id(person, hsa_id)
    return person


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_f11_a_list_is_read_in_every_usual_form(world: World, tmp_path: Path, encoding: str, delimiter: str) -> None:
    person = person_with("SE2321000131-A1")
    rows = [("se2321000131-a1", "Förskrivning av hjälpmedel", DAY), ("SE2321000131-A1 ", REGIONAL, "2024-03-02 13:45")]
    one = take_in(csv_bytes(rows, encoding=encoding, delimiter=delimiter), tmp_path)
    assert (one.status, one.recorded, one.faulty) == (Status.DONE, 2, 0)
    found = dict(Completion.objects.filter(person=person).values_list("course__key", "completed_at"))
    assert found[NATIONAL] == day_starts_at(date(2024, 3, 1))
    assert timezone.localtime(found[REGIONAL]).isoformat() == "2024-03-02T13:45:00+01:00"
    assert not StagedCompletion.objects.exists()
    assert not one.file


def test_a_workbook_is_read_with_its_days_and_its_formulas_as_they_last_were(world: World, tmp_path: Path) -> None:
    person = person_with("SE2321000131-A1")
    rows = [
        ("SE2321000131-A1", NATIONAL, datetime(2024, 3, 1)),  # noqa: DTZ001 - a day in a sheet has no zone
        ("SE2321000131-A1", REGIONAL, "2024-03-02"),
        ("=1+1", NATIONAL, 20240301),
    ]
    one = take_in(xlsx_bytes(rows), tmp_path, name="lista.xlsx")
    assert Completion.objects.filter(person=person).count() == 2
    assert [(row, code) for row, _column, _value, code in codes(one)] == [(4, "HSA_ID_FORM")]


def test_every_fault_is_named_by_row_column_value_and_reason(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    tomorrow = (timezone.localdate() + timedelta(days=2)).isoformat()
    rows = [
        ("SE2321000131-A1", NATIONAL, DAY),
        ("SE2321000131-NOBODY", NATIONAL, DAY),
        ("anna", NATIONAL, DAY),
        ("19800101-1234", NATIONAL, DAY),
        ("", NATIONAL, DAY),
        ("SE2321000131-A1", "Förskrivning av hjälpmedl", DAY),
        ("SE2321000131-A1", "", DAY),
        ("SE2321000131-A1", NATIONAL, "1/3/2024"),
        ("SE2321000131-A1", NATIONAL, "2024-02-30"),
        ("SE2321000131-A1", NATIONAL, ""),
        ("SE2321000131-A1", NATIONAL, tomorrow),
        ("SE2321000131-A1", NATIONAL, "1924-03-01"),
        ("SE2321000131-NOBODY", "ingen-kurs", "igår"),
        ("SE2321000131-A1", NATIONAL, DAY, "mer"),
    ]
    one = take_in(csv_bytes(rows), tmp_path)
    assert (one.recorded, one.faulty) == (1, 13)
    assert codes(one) == [
        (3, "HSA-id", "SE2321000131-NOBODY", "UNKNOWN_PERSON"),
        (4, "HSA-id", "anna", "HSA_ID_FORM"),
        (5, "HSA-id", "", "PERSONAL_NUMBER"),
        (6, "HSA-id", "", "HSA_ID_MISSING"),
        (7, "Kurs", "Förskrivning av hjälpmedl", "UNKNOWN_COURSE"),
        (8, "Kurs", "", "COURSE_MISSING"),
        (9, "Datum", "1/3/2024", "DAY_AMBIGUOUS"),
        (10, "Datum", "2024-02-30", "DAY_FORM"),
        (11, "Datum", "", "DAY_MISSING"),
        (12, "Datum", tomorrow, "DAY_AHEAD"),
        (13, "Datum", "1924-03-01", "DAY_LONG_AGO"),
        (14, "Datum", "igår", "DAY_FORM"),
        (14, "Kurs", "ingen-kurs", "UNKNOWN_COURSE"),
        (14, "HSA-id", "SE2321000131-NOBODY", "UNKNOWN_PERSON"),
        (15, "", "mer", "TOO_MANY_CELLS"),
    ]
    assert one.faults.get(row=7).words == {"suggestion": "Förskrivning av hjälpmedel"}


def test_a_personal_identity_number_is_kept_nowhere(world: World, tmp_path: Path) -> None:
    rows = [("198001011234", NATIONAL, DAY, "800101-1234")]
    one = take_in(csv_bytes(rows, header=(*HEADER, "Personnummer")), tmp_path)
    fault = one.faults.get()
    assert fault.code == "PERSONAL_NUMBER"
    assert "1234" not in f"{fault.value} {fault.cells} {fault.words}"


def test_f11_damaged_characters_are_a_fault_of_their_rows_alone(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    good = csv_bytes([("SE2321000131-A1", "Förskrivning av hjälpmedel", DAY)] * 3)
    bad = "SE2321000131-A1;Förskrivning av hjälpmedel;2024-03-04\r\n".encode("cp1252")
    one = take_in(good + bad, tmp_path)
    assert (one.recorded, one.known) == (1, 2)
    assert [(row, column, code) for row, column, _value, code in codes(one)] == [(5, "Kurs", "UNREADABLE")]


def test_rows_that_a_quotation_mark_runs_together_are_named_not_lost(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    text = 'Namn;HSA-id;Kurs;Datum\n"Anna;SE2321000131-A1;a;b\nBo;SE2321000131-A1;c;d\n'
    text += f'"Cia";SE2321000131-A1;{NATIONAL};{DAY}\nDan;SE2321000131-A1;{NATIONAL};{DAY}\n'
    one = take_in(text.encode(), tmp_path)
    assert [code for *_rest, code in codes(one)][:1] == ["UNCLOSED_QUOTE"]
    assert one.recorded == 1


def test_people_of_vgr_are_found_by_vgr_id_and_both_must_be_the_same_person(world: World, tmp_path: Path) -> None:
    anna, bo = person_with("SE2321000131-A1"), person_with("SE2321000131-B1")
    EmployeeIdentity.objects.create(person=anna, kind=EmployeeIdentity.Kind.VGR_ID, value="annan1")
    rows = [("", "ANNAN1", NATIONAL, DAY), ("SE2321000131-B1", "annan1", NATIONAL, DAY), ("", "okänd", NATIONAL, DAY)]
    one = take_in(csv_bytes(rows, header=("HSA-id", "VGR-id", "Kurs", "Datum")), tmp_path)
    assert Completion.objects.filter(person=anna).count() == 1
    assert not Completion.objects.filter(person=bo).exists()
    assert [code for *_rest, code in codes(one)] == ["TWO_PEOPLE", "UNKNOWN_PERSON"]


def test_the_whole_list_may_be_about_one_course(world: World, tmp_path: Path) -> None:
    person = person_with("SE2321000131-A1")
    rows = [("SE2321000131-A1", DAY)]
    one = take_in(csv_bytes(rows, header=("HSA-id", "Datum")), tmp_path, course_key=NATIONAL)
    assert one.recorded == 1
    assert Completion.objects.get(person=person).course.key == NATIONAL


def test_the_same_list_again_records_nothing(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    content = csv_bytes([("SE2321000131-A1", NATIONAL, DAY), ("SE2321000131-A1", NATIONAL, DAY)])
    first, second = take_in(content, tmp_path), take_in(content, tmp_path)
    assert (first.recorded, first.known) == (1, 1)
    assert (second.recorded, second.known, second.faulty) == (0, 2, 0)
    assert Completion.objects.filter(source="import:socialstyrelsen").count() == 1


def test_what_is_known_from_elsewhere_is_not_recorded_once_more(world: World, tmp_path: Path) -> None:
    """A certificate that a manager approved, and the organiser's own list: one completion, across merged records."""
    made = make_prescriber(world.clinic)
    day = timezone.localtime(Completion.objects.get(person=made.person, course__key=NATIONAL).completed_at).date()
    other = person_with("SE2321000131-OLD")
    merge_people(absorbed=other, into=made.person, reason="Samma person", by=BY)
    rows = [(made.hsa_id, NATIONAL, day.isoformat()), ("SE2321000131-OLD", NATIONAL, day.isoformat())]
    one = take_in(csv_bytes(rows), tmp_path)
    assert (one.recorded, one.known) == (0, 2)


def test_a_known_day_is_a_local_one_and_counts_for_every_record_of_the_person(world: World, tmp_path: Path) -> None:
    hub, old, third = (person_with(f"SE2321000131-{name}") for name in ("HUB", "OLD", "THIRD"))
    late_in_the_evening = datetime(2024, 6, 30, 22, 30, tzinfo=UTC)  # the first of July here
    complete(old, NATIONAL, completed_at=late_in_the_evening)
    for record in (old, third):
        merge_people(absorbed=record, into=hub, reason="Samma person", by=BY)
    others = [person_with("SE2321000131-OTHER"), person_with("SE2321000131-ANOTHER")]
    for one in others:
        complete(one, NATIONAL, completed_at=late_in_the_evening)
    withdraw_completion(completion=Completion.objects.get(person=others[0]), reason="Fel", by=BY)
    withdraw_completion(completion=Completion.objects.get(person=others[1]), reason="Fel", by=BY)
    complete(others[1], NATIONAL, completed_at=late_in_the_evening - timedelta(minutes=20))
    names = ("HUB", "THIRD", "OTHER", "ANOTHER")
    rows = [(f"SE2321000131-{name}", NATIONAL, "2024-07-01") for name in names]
    rows += [("SE2321000131-HUB", REGIONAL, "2024-07-01"), ("SE2321000131-HUB", NATIONAL, "2024-06-30")]
    taken_in = take_in(csv_bytes(rows), tmp_path)
    assert (taken_in.recorded, taken_in.known) == (2, 3)
    assert codes(taken_in) == [(4, "Datum", "2024-07-01", "WITHDRAWN")]


def test_what_was_withdrawn_as_wrong_does_not_come_back_by_a_list(world: World, tmp_path: Path) -> None:
    person = person_with("SE2321000131-A1")
    content = csv_bytes([("SE2321000131-A1", NATIONAL, DAY)])
    take_in(content, tmp_path)
    withdraw_completion(completion=Completion.objects.get(person=person), reason="Fel person", by=BY)
    again = take_in(content, tmp_path)
    assert again.recorded == 0
    assert codes(again) == [(2, "Datum", DAY, "WITHDRAWN")]
    assert course_states_of(person) == {}


def test_the_sources_own_number_is_the_key_where_there_is_one(world: World, tmp_path: Path) -> None:
    person = person_with("SE2321000131-A1")
    header = (*HEADER, "Kursbevisnummer")
    take_in(csv_bytes([("SE2321000131-A1", NATIONAL, DAY, "B-17")], header=header), tmp_path)
    rows = [("SE2321000131-A1", NATIONAL, DAY, "B-17"), ("SE2321000131-A1", REGIONAL, DAY, "B-17")]
    one = take_in(csv_bytes(rows, header=header), tmp_path)
    assert (one.recorded, one.known, one.faulty) == (0, 1, 1)
    assert codes(one) == [(3, "Kursbevisnummer", "B-17", "CONFLICT")]
    assert one.faults.get().cells == ["SE2321000131-A1", REGIONAL, DAY, "B-17"]
    assert Completion.objects.get(person=person).source_id == "id:B-17"


def test_a20_a_row_that_sets_what_nobody_may_set_is_refused(world: World, tmp_path: Path) -> None:
    person = person_with("SE2321000131-A1")
    header = (*HEADER, "Huvudman", "Arbetsplats")
    rows = [("SE2321000131-A1", NATIONAL, DAY, "vgr", "x"), ("SE2321000131-A1", REGIONAL, DAY, "", "x")]
    one = take_in(csv_bytes(rows, header=header), tmp_path)
    assert codes(one) == [(2, "Huvudman", "vgr", "NOT_YOURS")]
    assert [c.course.key for c in Completion.objects.filter(person=person)] == [REGIONAL]


def test_a_check_records_nothing_and_foresees_what_recording_does(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    make_prescriber(world.clinic)
    rows = [("SE2321000131-A1", NATIONAL, DAY), ("SE2321000131-A1", NATIONAL, DAY), ("SE2321000131-X", NATIONAL, DAY)]
    before = Completion.objects.count()
    one = work(start(csv_bytes(rows), tmp_path))
    assert (one.status, one.foreseen_new, one.foreseen_known, one.faulty) == (Status.CHECKED, 1, 1, 1)
    assert Completion.objects.count() == before
    assert waiting_imports() == []
    record_import(completion_import=one, by=BY)
    one.refresh_from_db()
    one = work(one)
    assert (one.status, one.recorded, one.known, one.faulty) == (Status.DONE, 1, 1, 1)
    assert not any(part.differences for part in verify_state(None, 1))


def test_a_stopped_list_goes_on_where_it_was(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    monkeypatch.setattr("competence.imports.completions.recording.ROWS", 1)
    people = [person_with(f"SE2321000131-P{number}") for number in range(5)]
    rows = [(f"SE2321000131-P{number}", NATIONAL, DAY) for number in range(5)]
    one = start(csv_bytes(rows), tmp_path, goes_on=True)
    for part in go_on_with(one.pk):
        if part.recorded == 2:
            stop_import(completion_import=part, by=BY)
    one.refresh_from_db()
    assert (one.is_stopped, one.recorded, Completion.objects.count()) == (True, 2, 2)
    assert take(one.pk) is None
    resume_import(completion_import=one, by=BY, in_background=False)
    one = work(one)
    assert (one.status, one.recorded) == (Status.DONE, 5)
    assert Completion.objects.filter(person__in=people).count() == 5


def test_f10_two_lists_are_taken_in_one_after_the_other(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    first = start(csv_bytes([("SE2321000131-A1", NATIONAL, DAY)]), tmp_path, goes_on=True)
    second = start(csv_bytes([("SE2321000131-A1", REGIONAL, DAY)]), tmp_path, goes_on=True)
    claim = take(first.pk)
    assert claim is not None
    assert take(second.pk) is None
    assert list(go_on_with(second.pk)) == []
    let_go(first.pk, claim)
    assert [work(one).recorded for one in (second, first)] == [1, 1]


def test_a_claim_that_has_run_out_is_taken_over_and_the_first_worker_writes_no_more(
    world: World, tmp_path: Path
) -> None:
    person_with("SE2321000131-A1")
    one = start(csv_bytes([("SE2321000131-A1", NATIONAL, DAY)]), tmp_path, goes_on=True)
    parts = go_on_with(one.pk)
    next(parts)  # it has read the rows, and hangs
    CompletionImport.objects.filter(pk=one.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert work(one).status == Status.DONE
    assert Completion.objects.count() == 1
    list(parts)  # the first one wakes up
    one.refresh_from_db()
    assert (one.status, one.recorded, one.is_under_way) == (Status.DONE, 1, False)
    assert Completion.objects.count() == 1


def test_whoever_has_lost_the_import_to_another_records_nothing(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    one = start(csv_bytes([("SE2321000131-A1", NATIONAL, DAY)]), tmp_path, goes_on=True)
    parts = go_on_with(one.pk)
    next(parts)
    [people] = recording.ranges_of(one)
    with pytest.raises(recording.Overtaken):
        recording.record(one.pk, uuid4(), people, BY)
    assert not Completion.objects.exists()
    assert one.rows.count() == 1
    list(parts)
    assert Completion.objects.count() == 1


def test_columns_that_the_headings_do_not_name_are_chosen(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    content = csv_bytes([("x", "SE2321000131-A1", NATIONAL, DAY)], header=("A", "B", "C", "D"))
    one = start(content, tmp_path)
    assert one.status == Status.COLUMNS
    with pytest.raises(Refusal):
        choose_columns(completion_import=one, columns={Column.HSA_ID: 1, Column.COURSE: 2}, by=BY)
    wrong = {Column.HSA_ID: 1, Column.COURSE: 1, Column.COMPLETED: 3}
    with pytest.raises(Refusal):
        choose_columns(completion_import=one, columns=wrong, by=BY)
    right = {Column.HSA_ID: 1, Column.COURSE: 2, Column.COMPLETED: 3}
    choose_columns(completion_import=one, columns=right, by=BY)
    assert work(one).foreseen_new == 1


def test_headings_are_found_below_a_title(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    content = b"Socialstyrelsen\r\n\r\n" + csv_bytes([("SE2321000131-A1", NATIONAL, "fel")])
    assert codes(take_in(content, tmp_path)) == [(4, "Datum", "fel", "DAY_FORM")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty", b""),
        ("blank", b"\n\n"),
        ("old Excel", b"\xd0\xcf\x11\xe0rest"),
        ("zip", b"PK\x03\x04 no zip"),
        ("picture", b"PK\x05\x06" + b"\x00" * 18),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(world: World, tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Refusal):
        start(content, tmp_path)
    assert not CompletionImport.objects.exists()


def test_f15_a_list_that_cannot_be_read_to_its_end_says_so_and_the_next_one_runs(world: World, tmp_path: Path) -> None:
    person_with("SE2321000131-A1")
    broken = csv_bytes([("SE2321000131-A1", NATIONAL, DAY)]) + b'"' + b"x" * 200_000
    one = work(start(broken, tmp_path, goes_on=True))
    assert one.status == Status.FAILED
    assert "3" in one.message
    assert not one.is_under_way
    assert take_in(csv_bytes([("SE2321000131-A1", NATIONAL, DAY)]), tmp_path).recorded == 1


def test_f15_a_list_that_fails_stops_no_other_and_can_be_tried_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_with("SE2321000131-A1")
    bad = start(csv_bytes([("SE2321000131-A1", NATIONAL, DAY)]), tmp_path, goes_on=True)
    good = start(csv_bytes([("SE2321000131-A1", REGIONAL, DAY)]), tmp_path, goes_on=True)
    real = recording.record

    def poisoned(pk: int, *words: Any) -> None:
        if pk == bad.pk:
            raise ZeroDivisionError
        real(pk, *words)

    monkeypatch.setattr(runner, "record", poisoned)
    go_on_importing()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, bad.is_under_way, good.status) == (Status.FAILED, False, Status.DONE)
    monkeypatch.undo()
    resume_import(completion_import=bad, by=BY, in_background=False)
    assert work(bad).recorded == 1


def test_what_is_kept_of_a_list_can_be_thrown_away(world: World, tmp_path: Path) -> None:
    one = work(start(csv_bytes([("SE2321000131-X", NATIONAL, DAY)]), tmp_path))
    discard_import(completion_import=one, by=BY)
    one.refresh_from_db()
    assert (one.status, one.faults.count(), one.rows.count()) == (Status.DISCARDED, 0, 0)


def test_only_those_who_may_take_in_lists(world: World, tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_bytes(csv_bytes([]))
    for person in (world.manager, world.outsider, make_person()):
        with pytest.raises(PermissionDenied):
            start_import(path=path, file_name="lista.csv", source_name="X", by=person)


def test_f25_a_completion_reported_late_counts_from_now_and_is_noted_for_the_person(
    world: World, tmp_path: Path
) -> None:
    made = make_prescriber(world.clinic, courses=(REGIONAL,))
    take_in(csv_bytes([(made.hsa_id, NATIONAL, DAY)]), tmp_path)
    completion = Completion.objects.get(person=made.person, course__key=NATIONAL)
    assert completion.recorded_at > completion.completed_at + timedelta(days=100)
    assert completion.unit == world.clinic
    event = AuditEvent.objects.get(action="record_completions")
    assert (event.person, event.actor_name) == (made.person, "test:importer")
    assert event.subject.startswith("import:")


@pytest.mark.postgres
def test_several_processes_do_the_same(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.vendor == "postgresql"
    monkeypatch.setattr("competence.imports.completions.recording.ROWS", 5)
    world = make_world()
    people = [make_prescriber(world.clinic, courses=()) for _ in range(12)]
    rows = [(one.hsa_id, course, DAY) for course in (NATIONAL, REGIONAL) for one in people]
    one = work(start(csv_bytes(rows), tmp_path, goes_on=True), processes=3)
    assert (one.status, one.recorded) == (Status.DONE, 24)
    assert not any(part.differences for part in verify_state(None, 1))


@pytest.mark.postgres
def test_what_several_processes_read_is_staged_in_the_order_of_the_list(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    world = make_world()
    people = [make_prescriber(world.clinic, courses=()) for _ in range(9)]
    rows = [(one.hsa_id, NATIONAL, DAY) for one in people]
    rows[4] = ("anna", NATIONAL, DAY)
    one = start(csv_bytes(rows), tmp_path, goes_on=True)
    for chunks, part in enumerate(go_on_with(one.pk, processes=3), 1):
        assert part.rows_read == min(2 * chunks, 6)
        staged = part.rows.order_by("row").values_list("row", flat=True)
        assert [*staged] == [row for row in range(2, 2 + part.rows_read) if row != 6]
        if chunks == 3:
            stop_import(completion_import=part, by=BY)
    one.refresh_from_db()
    assert (one.is_stopped, one.rows_read, one.staged, one.faulty) == (True, 6, 5, 1)
    resume_import(completion_import=one, by=BY, in_background=False)
    one = work(one, processes=3)
    assert (one.status, one.recorded, one.faulty) == (Status.DONE, 8, 1)
    assert list(one.faults.values_list("row", "code")) == [(6, "HSA_ID_FORM")]
