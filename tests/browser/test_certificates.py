"""Certificates and reminders in Chromium: one's own, what a stranger sees, and what one chooses to hear of."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from courses.actions.certificates import revoke_certificate
from courses.models import Certificate
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.factories.certificates import COMPLETED, make_certificate
from tests.factories.competence import World, make_person, make_prescriber, make_world
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
LONG = "Hjälpmedel för kommunikation, kognition och omgivningskontroll: fördjupning för förskrivare i hela länet"


@pytest.fixture
def world(live_product: LiveProduct) -> World:
    """The organisation, committed, so that the server's threads see it."""
    return make_world()


@pytest.fixture
def person(world: World) -> User:
    person = make_person(first_name="Åsa-Margareta", last_name="Testsson", email="asa@example.se")
    return make_prescriber(world.clinic, person=person).person


@pytest.fixture
def certificate(person: User) -> Certificate:
    return make_certificate(person, make_course(title="Regional utbildning för förskrivare", minutes=95))


def look(page: Page, name: str) -> None:
    take_pictures(page, f"kursbevis-{name}")
    assert_accessible(page)
    expect(page.locator("h1")).to_have_count(1)


def test_from_my_courses_to_the_file_and_to_what_others_see(
    page: Page, live_product: LiveProduct, person: User, certificate: Certificate
) -> None:
    course = make_course(title=LONG)
    make_certificate(person, course, COMPLETED - timedelta(days=400))
    make_certificate(person, course)
    revoke_certificate(certificate=make_certificate(person, make_course(title="Felregistrerad kurs")))
    log_in(page, person, live_product)
    page.goto("/mina-kurser/")
    take_pictures(page, "kursbevis-mina-kurser")
    page.goto("/min-behorighet/")
    take_pictures(page, "kursbevis-min-behorighet")
    page.get_by_role("link", name="Mina kursbevis").click()
    look(page, "mina")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("Hämta.*Regional")).click()
    assert waiting.value.suggested_filename == "kursbevis-regional-utbildning-for-forskrivare.pdf"
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name=re.compile("Det här ser andra.*Regional")).click()
    expect(page.get_by_text("Kursbeviset är äkta och gäller")).to_be_visible()


def test_a48_a_stranger_checks_a_paper_with_the_keyboard_alone(
    page: Page, live_product: LiveProduct, certificate: Certificate
) -> None:
    page.goto("/kursbevis/")
    look(page, "kontrollera")
    page.get_by_label("Kursbevisets kod").focus()
    page.keyboard.type("7K3QX")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kursbevisets kod")).to_have_value("7K3QX")
    look(page, "ingen-kod")
    page.get_by_label("Kursbevisets kod").fill(certificate.shown_code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_text("Åsa-Margareta Testsson")).to_be_visible()
    look(page, "galler")
    response = page.goto("/kursbevis/7K3QX-9TB2M-4HZ8P-WN5RC/")
    assert response is not None
    assert response.status == 404
    look(page, "okand")


def test_a48_replaced_and_revoked_are_told_first(
    page: Page, live_product: LiveProduct, person: User, certificate: Certificate
) -> None:
    course = make_course(title=LONG)
    old = make_certificate(person, course, COMPLETED - timedelta(days=400))
    make_certificate(person, course)
    page.goto(f"/kursbevis/{old.shown_code}/")
    look(page, "ersatt")
    revoke_certificate(certificate=certificate)
    page.goto(f"/kursbevis/{certificate.shown_code}/")
    look(page, "aterkallat")


def test_who_has_none_is_told_how_one_comes(page: Page, live_product: LiveProduct, person: User) -> None:
    log_in(page, person, live_product)
    page.goto("/mina-kurser/kursbevis/")
    look(page, "inga")


def test_one_chooses_ones_reminders(page: Page, live_product: LiveProduct, world: World, person: User) -> None:
    log_in(page, person, live_product)
    page.goto("/mina-sidor/")
    page.locator(".tool-menu summary", has_text="Åsa-Margareta").click()
    page.get_by_role("link", name="Påminnelser").click()
    look(page, "paminnelser")
    page.get_by_label("En kurs som du inte är klar med").uncheck()
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Dina val är sparade.")).to_be_visible()
    expect(page.get_by_label("En kurs som du inte är klar med")).not_to_be_checked()
    expect(page.get_by_label("En kurs som du inte har börjat på")).to_be_checked()
    log_in(page, world.manager, live_product)
    page.goto("/konto/paminnelser/")
    look(page, "paminnelser-chef")
