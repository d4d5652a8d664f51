"""Occasions in the browser: found, registered for by keyboard, taught, organised; every page accessible."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from competence.models.completion import Completion
from courses.actions.occasions import cancel_occasion
from courses.models import Occasion, Place
from lms.lib.clock import local_day
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in, new_context
from tests.browser.pictures import take_pictures
from tests.factories.competence import BUILDER, make_person
from tests.factories.courses import make_administrator, make_course, make_editor
from tests.factories.occasions import make_held_occasion, make_occasion, make_occasion_course, make_place
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
LONG = "En kurs med ett mycket långt namn som inte ryms på en rad i en smal spalt, ens om skärmen är bred"


def tab_to(page: Page, element: Any, *, most: int = 60) -> None:
    """Press Tab until `element` has the focus."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if element.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("the keyboard does not come there")


def test_the_public_pages_are_accessible(page: Page, live_product: LiveProduct) -> None:
    page.goto("/kurstillfallen/")
    expect(page.get_by_text("Inga kurstillfällen är utlysta just nu")).to_be_visible()
    assert_accessible(page)
    course = make_occasion_course(title=LONG, description="Om allt.")
    open_one = make_occasion(course, sessions=2, video_url="https://video.example.se/x", web_part=make_course())
    full = make_occasion(course, seats=1)
    for _person in range(2):
        make_place(full)
    gone = make_occasion(course)
    cancel_occasion(occasion=gone, reason="Läraren är sjuk", by=BUILDER)
    for path in ("", "?town=Finnsinte", "?from=igår", *(f"{one.public_id}/" for one in (open_one, full, gone))):
        page.goto(f"/kurstillfallen/{path}")
        take_pictures(page, f"kurstillfallen-{path[:4].strip('?/')}")
        assert_accessible(page)


def test_one_registers_and_cancels_with_the_keyboard_alone(page: Page, live_product: LiveProduct) -> None:
    occasion, person = make_occasion(), make_person()
    log_in(page, person, live_product)
    page.goto(f"/kurstillfallen/{occasion.public_id}/")
    tab_to(page, page.get_by_role("button", name="Anmäl dig"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Du är anmäld. Välkommen!")).to_be_visible()
    assert_accessible(page)
    tab_to(page, page.get_by_role("link", name="Avboka din plats"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Avboka din plats?")
    assert_accessible(page)
    tab_to(page, page.get_by_role("button", name="Avboka din plats"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Din plats är avbokad.")).to_be_visible()
    assert Place.objects.get().status == Place.Status.CANCELLED


def test_it_works_without_scripts_on_a_phone(live_chromium: Browser, live_product: LiveProduct) -> None:
    occasion, person = make_occasion(), make_person()
    context = new_context(
        live_chromium, live_product, java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    log_in(page, person, live_product)
    page.goto("/kurstillfallen/")
    page.locator("select[name=town]").select_option("Skövde")
    page.get_by_role("button", name="Visa").click()
    page.get_by_role("link", name=occasion.course.title).click()
    page.get_by_role("button", name="Anmäl dig").click()
    expect(page.get_by_text("Du är anmäld. Välkommen!")).to_be_visible()
    context.close()
    assert Place.objects.get().person == person


def test_ones_own_occasions_and_the_calendar_are_accessible(page: Page, live_product: LiveProduct) -> None:
    person = make_person()
    log_in(page, person, live_product)
    page.goto("/kurstillfallen/mina/")
    assert_accessible(page)
    make_place(make_occasion(), person)
    make_place(make_held_occasion(), person)
    make_occasion(teacher=person)
    page.goto("/kurstillfallen/mina/")
    page.get_by_role("button", name="Skapa en adress").click()
    expect(page.get_by_label("Din hemliga adress")).to_be_visible()
    take_pictures(page, "mina-kurstillfallen")
    assert_accessible(page)
    page.goto("/mina-kurser/")
    assert_accessible(page)


def test_the_teacher_notes_who_came(page: Page, live_product: LiveProduct) -> None:
    teacher = make_person()
    occasion = make_held_occasion(people=3, sessions=2, teacher=teacher, web_part=make_course())
    log_in(page, teacher, live_product)
    page.goto(f"/kurstillfallen/{occasion.public_id}/deltagare/")
    take_pictures(page, "deltagare")
    assert_accessible(page)
    page.get_by_role("link", name="Närvaro").click()
    assert_accessible(page)
    first = occasion.places.order_by("turn")[0]
    page.get_by_label(str(first.person)).first.select_option("frånvarande")
    page.get_by_role("button", name="Pass 1: notera alla övriga som närvarande och spara").click()
    page.get_by_role("button", name="Pass 2: notera alla övriga som närvarande och spara").click()
    expect(page.get_by_text("Närvaron är sparad.")).to_be_visible()
    expect(page.get_by_text("Deltog, webbdelen är kvar")).to_have_count(2)
    take_pictures(page, "narvaro")
    assert_accessible(page)
    assert not Completion.objects.exists()


def test_the_organiser_makes_announces_and_cancels_one(page: Page, live_product: LiveProduct) -> None:
    editor = make_editor()
    log_in(page, editor, live_product)
    page.goto("/kursredaktion/tillfallen/")
    assert_accessible(page)
    page.get_by_role("link", name="Ny kurs på plats").click()
    assert_accessible(page)
    page.get_by_label("Titel").fill(LONG)
    page.locator("input[name=key]").fill("lyftar")
    page.locator("input[name=minutes]").fill("240")
    page.get_by_role("button", name="Spara och gå vidare").click()
    assert_accessible(page)
    day = local_day(timezone.now()) + timedelta(days=30)
    page.locator("input[name=s-0-day]").fill(day.isoformat())
    page.locator("input[name=s-0-begins]").fill("09:00")
    page.locator("input[name=s-0-ends]").fill("08:00")
    page.locator("input[name=town]").fill("Borås")
    page.locator("input[name=register_by]").fill((day - timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("link", name="Slutar: Ett pass måste sluta efter att det har börjat.")).to_be_visible()
    take_pictures(page, "tillfalle-fel")
    assert_accessible(page)
    page.locator("input[name=s-0-ends]").fill("12:00")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Det här är ett utkast")).to_be_visible()
    take_pictures(page, "tillfalle-utkast")
    assert_accessible(page)
    page.get_by_role("button", name="Utlys").click()
    expect(page.get_by_text("Nu går det att anmäla sig.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Kopiera").click()
    assert_accessible(page)
    page.go_back()
    page.get_by_role("link", name="Ställ in kurstillfället").click()
    assert_accessible(page)
    page.get_by_label("Skäl").fill("För få anmälda")
    page.get_by_role("button", name="Ställ in kurstillfället").click()
    expect(page.get_by_text("För få anmälda")).to_be_visible()
    assert Occasion.objects.get().is_cancelled
    page.goto("/kursredaktion/tillfallen/")
    assert_accessible(page)


def test_the_report_is_accessible_with_the_reported_figures(page: Page, live_product: LiveProduct) -> None:
    log_in(page, make_administrator(), live_product)
    page.goto("/kurstillfallen/rapport/")
    expect(page.get_by_text("Inga kurstillfällen under den valda tiden")).to_be_visible()
    assert_accessible(page)
    make_held_occasion(people=2)
    call_command("load_reported_occasions")
    page.goto("/kurstillfallen/rapport/?by=town")
    expect(page.get_by_text("618")).to_be_visible()
    take_pictures(page, "rapport-kurstillfallen")
    assert_accessible(page)
