"""Lists of completed courses, evaluations, enrolling many and courses taken elsewhere, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from competence.actions.completions import record_completion
from competence.models.completion import Completion
from courses.actions.evaluations import answer_evaluation, release_answers
from courses.models import Enrolment, EvaluationCount
from lms.lib.actors import Machine
from lms.lib.clock import day_starts_at
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.competence.imports.lists import csv_bytes, start, work
from tests.factories.competence import MOBILITY, NATIONAL, make_hsa_id, make_person, make_prescriber, make_world
from tests.factories.courses import make_course, make_editor
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
BY = Machine("test:builder")


def test_a_list_is_sent_in_checked_corrected_and_recorded(
    page: Page, live_product: LiveProduct, tmp_path: Path
) -> None:
    make_world()
    coordinator = make_person()
    coordinator.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    person = make_person()
    make_hsa_id(person, "SE2321000131-A1")
    log_in(page, coordinator, live_product)
    page.goto("/kurslistor/")  # nothing here yet
    take_pictures(page, "kurslistor-tom")
    assert_accessible(page)
    file = tmp_path / "Utdrag ur Socialstyrelsens utbildningsportal med ett långt namn.csv"
    rows = [
        ("SE2321000131-A1", NATIONAL, "2024-03-01", "Anna"),
        ("SE2321000131-FINNSINTE", NATIONAL, "2024-03-01", "Bo"),
        ("SE2321000131-A1", "Förskrivning av hjälpmedl", "1/3/2024", "Anna"),
    ]
    file.write_bytes(csv_bytes(rows, header=("Vem", "Kurs", "Datum", "Namn"), encoding="cp1252"))
    page.get_by_label("Listan", exact=True).set_input_files(file)
    page.get_by_label("Vems lista är det?").fill("Socialstyrelsen")
    page.get_by_role("button", name="Kontrollera listan").click()
    expect(page.get_by_role("heading", name="Vilken kolumn är vilken?")).to_be_visible()
    take_pictures(page, "kurslistor-kolumner")
    assert_accessible(page)
    page.get_by_label("HSA-id").select_option(label="Vem (SE2321000131-A1)")
    page.get_by_role("button", name="Kontrollera listan").click()
    expect(page.get_by_role("heading", name="Detta skulle hända")).to_be_visible()
    expect(page.get_by_text("Menade du ”Förskrivning av hjälpmedel”?")).to_be_visible()
    take_pictures(page, "kurslistor-kontrollerad")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta som Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("button", name="Registrera 1 genomförande").click()
    expect(page.get_by_text("Listan är inläst")).to_be_visible()
    take_pictures(page, "kurslistor-klar")
    assert_accessible(page)
    assert Completion.objects.get().person == person
    start(csv_bytes(rows), tmp_path)  # one that is under way
    page.goto("/kurslistor/")
    take_pictures(page, "kurslistor")
    assert_accessible(page)
    page.get_by_role("link", name="lista.csv").click()
    expect(page.get_by_role("button", name="Stoppa")).to_be_visible()
    take_pictures(page, "kurslistor-pagar")
    assert_accessible(page)
    page.get_by_role("button", name="Stoppa").click()
    expect(page.get_by_text("Den är stoppad")).to_be_visible()
    take_pictures(page, "kurslistor-stoppad")
    assert_accessible(page)


def test_a_list_that_cannot_be_read_says_why(page: Page, live_product: LiveProduct, tmp_path: Path) -> None:
    make_world()
    coordinator = make_person()
    coordinator.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    one = work(start(csv_bytes([("x", NATIONAL, "2024-03-01")]) + b'"' + b"x" * 200_000, tmp_path))
    log_in(page, coordinator, live_product)
    page.goto(f"/kurslistor/{one.public_id}/")
    expect(page.get_by_text("ett citattecken öppnas")).to_be_visible()
    take_pictures(page, "kurslistor-olasbar")
    assert_accessible(page)


def test_somebody_who_has_finished_says_what_they_thought_and_an_editor_reads_it(
    page: Page, live_product: LiveProduct
) -> None:
    course = make_course(title="En kurs med ett mycket långt namn som inte ryms på en rad i en smal spalt")
    editor = make_editor()
    log_in(page, editor, live_product)
    page.goto(f"/kursredaktion/{course.key}/utvardering/")
    take_pictures(page, "utvardering-utan-fragor")
    assert_accessible(page)
    page.get_by_role("link", name="Välj frågor").click()
    take_pictures(page, "utvardering-fragor")
    assert_accessible(page)
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Frågorna är sparade")).to_be_visible()
    expect(page.get_by_text("Inga resultat att visa än")).to_be_visible()
    take_pictures(page, "utvardering-utan-svar")
    assert_accessible(page)
    people = [make_person() for _number in range(6)]
    for number, person in enumerate(people):
        record_completion(
            person=person,
            course_key=course.key,
            completed_at=day_starts_at(course.created_at.date()),
            source="test",
            source_id=str(number),
            by=BY,
        )
    log_in(page, people[0], live_product)
    page.goto(f"/mina-kurser/{course.key}/")
    take_pictures(page, "utvardering-inbjudan")
    assert_accessible(page)
    page.get_by_role("link", name="Svara på frågorna").click()
    page.get_by_text("Dina svar är anonyma").click()
    take_pictures(page, "utvardering-svara")
    assert_accessible(page)
    page.get_by_role("button", name="Skicka mina svar").click()
    expect(page.get_by_text("Svara på minst en fråga").first).to_be_visible()
    take_pictures(page, "utvardering-svara-fel")
    assert_accessible(page)
    page.get_by_role("group", name="Hur bra var utbildningen som helhet?").get_by_label("4").focus()
    page.keyboard.press("Space")
    page.get_by_label("Vad kan vi göra bättre?").fill("Fler exempel från hemsjukvården.")
    page.get_by_role("button", name="Skicka mina svar").click()
    expect(page.get_by_text("Tack!").first).to_be_visible()
    assert EvaluationCount.objects.get(question="helhet", option="4").pending == 1
    for person in people[1:]:
        words = {"helhet": "5", "tid": "Lagom", "forbattra": "Det var svårt att se bilderna på telefonen."}
        answer_evaluation(course=course, person=person, answers=words)
    release_answers()
    log_in(page, editor, live_product)
    page.goto(f"/kursredaktion/{course.key}/utvardering/")
    expect(page.get_by_text("6 personer har svarat")).to_be_visible()
    take_pictures(page, "utvardering-resultat")
    assert_accessible(page)
    remark = page.get_by_role("listitem").filter(has_text="Fler exempel från hemsjukvården")
    remark.get_by_label("Vad det blir av synpunkten").select_option(label="Kan inte göras")
    remark.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Skriv varför det inte går.", exact=True)).to_be_visible()
    assert_accessible(page)


def test_many_are_enrolled_at_once(page: Page, live_product: LiveProduct) -> None:
    world = make_world()
    course = make_course(title="Lyftar och lyftselar")
    people = [make_prescriber(world.clinic).person for _number in range(6)]
    log_in(page, make_editor(), live_product)
    page.goto(f"/kursredaktion/{course.key}/anmal/")
    take_pictures(page, "anmal-flera")
    assert_accessible(page)
    page.get_by_role("button", name="Se hur många").click()
    expect(page.get_by_text("Välj en enhet, en roll eller båda").first).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Alla som arbetar på").select_option("testkliniken")
    page.get_by_label("och är utsedda till").select_option(MOBILITY)
    page.get_by_label("Ska vara klar senast").fill("2099-03-01")
    page.get_by_role("button", name="Se hur många").click()
    expect(page.get_by_text("6 personer ska ta kursen")).to_be_visible()
    take_pictures(page, "anmal-flera-antal")
    assert_accessible(page)
    page.get_by_role("button", name="Anmäl dem").click()
    expect(page.get_by_text("6 personer ska ta kursen")).to_be_visible()
    assert Enrolment.objects.filter(course=course).count() == 6
    log_in(page, people[0], live_product)
    page.goto("/mina-kurser/")
    expect(page.get_by_text("ska vara klar senast")).to_be_visible()
    expect(page.get_by_role("heading", name="Tas på annat håll")).to_be_visible()
    take_pictures(page, "mina-kurser-annorstades")
    assert_accessible(page)
    page.goto(f"/kurser/{NATIONAL}/")
    take_pictures(page, "kurs-annorstades")
    assert_accessible(page)
