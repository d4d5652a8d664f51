"""Mitt team in a real browser: many at once by keyboard alone, without scripts, and before axe in every state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from competence.actions.employments import start_employment
from competence.models.appointment import Appointment
from competence.models.deputy import DeputyAssignment
from competence.models.reminder import Reminder
from lms.lib.clock import local_day
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in, new_context
from tests.browser.test_competence_pages import press_until
from tests.competence.views.helpers import make_claim
from tests.factories.competence import BUILDER, LONG_AGO, ORDERER, World, make_person, make_prescriber, make_world
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("media_folder")]


@pytest.fixture
def world(live_product: LiveProduct) -> World:
    """The organisation, committed, so that the server's threads see it."""
    return make_world()


def test_many_are_appointed_by_keyboard_alone(page: Page, live_product: LiveProduct, world: World) -> None:
    for _number in range(2):
        make_prescriber(world.clinic)
    log_in(page, world.manager, live_product)
    page.goto("/mitt-team/")
    press_until(page, "Tab", "[data-tick-all] input")
    page.keyboard.press("Space")
    assert page.locator("input[name=valda]:checked").count() == 3
    assert_accessible(page)
    press_until(page, "Tab", "button[formaction$='/flera/utse/']")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Utse flera personer").wait_for()
    press_until(page, "Tab", "input[name=role]")
    page.locator(f"input[name=role][value={ORDERER}]").focus()
    page.keyboard.press("Space")
    assert_accessible(page)
    press_until(page, "Tab", "main button.ds-button")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Vilka det gäller").wait_for()
    assert "2 utses" in page.inner_text("main")
    assert_accessible(page)
    press_until(page, "Tab", "button[value=gor]")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Vad som gjordes").wait_for()
    assert "2 är nu utsedda" in page.inner_text("main")
    assert_accessible(page)
    assert Appointment.objects.filter(role__key=ORDERER).count() == 2


def test_the_team_is_filtered_and_reminded_without_scripts(
    live_chromium: Browser, live_product: LiveProduct, world: World
) -> None:
    make_prescriber(world.clinic, courses=(), person=make_person(email="a@example.se"))
    make_prescriber(world.clinic)
    context = new_context(live_chromium, live_product, java_script_enabled=False)
    page = context.new_page()
    log_in(page, world.manager, live_product)
    page.goto("/mitt-team/")
    page.select_option("select[name=utfall]", "denied")
    page.get_by_role("button", name="Visa", exact=True).click()
    boxes = page.locator("input[name=valda]")
    assert boxes.count() == 1
    boxes.check()
    page.get_by_role("button", name="Påminn").click()
    page.fill("textarea[name=message]", "Hör av dig om du undrar något.")
    page.get_by_role("button", name="Se vilka det gäller").click()
    assert "Hör av dig om du undrar något." in page.inner_text(".letter")
    page.locator("button[value=gor]").click()
    assert Reminder.objects.get().message == "Hör av dig om du undrar något."
    context.close()


def test_axe_finds_nothing_on_the_pages_of_the_team(page: Page, live_product: LiveProduct, world: World) -> None:
    make_prescriber(world.clinic, courses=(), person=make_person(email="a@example.se"))
    other = make_person(first_name="Eva", last_name="Ersättarsson")
    start_employment(person=other, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER, title="Enhetschef")
    log_in(page, world.manager, live_product)
    for query in ("gar_ut=60&sortera=nya", "visa=krav&saknar=nagot", "sok=finnsinte"):
        page.goto(f"/mitt-team/?{query}")
        assert_accessible(page)
    page.goto("/mitt-team/?utfall=denied")
    page.locator("input[name=valda]").first.check()
    page.get_by_role("button", name="Påminn").click()
    assert_accessible(page)
    page.get_by_role("button", name="Se vilka det gäller").click()
    assert_accessible(page)
    page.goto("/mitt-team/")
    page.get_by_role("button", name="Intyga").click()
    assert "Ingen är förkryssad" in page.inner_text("main")
    assert_accessible(page)


def test_a_deputy_is_appointed_by_keyboard_and_seen(page: Page, live_product: LiveProduct, world: World) -> None:
    other = make_person(first_name="Eva", last_name="Ersättarsson")
    start_employment(person=other, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER, title="Enhetschef")
    log_in(page, world.manager, live_product)
    page.goto("/mitt-team/ersattare/")
    assert_accessible(page)
    press_until(page, "Tab", "main input[name=sok]")
    page.keyboard.type("Eva")
    page.keyboard.press("Enter")
    page.get_by_text("1 person hittades").wait_for()
    assert_accessible(page)
    press_until(page, "Tab", "a[href*='/ersattare/ny/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ersattare/ny/**")
    assert_accessible(page)
    page.fill("input[name=ends_on]", (local_day(timezone.now()) + timedelta(days=14)).isoformat())
    press_until(page, "Tab", "main button.ds-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mitt-team/ersattare/")
    assert "Eva Ersättarsson är din ersättare" in page.inner_text("body")
    assert_accessible(page)
    assert DeputyAssignment.objects.get().person == other
    log_in(page, other, live_product)
    page.goto("/mitt-team/")
    assert "Du är ersättare för" in page.inner_text("main")
    assert_accessible(page)
    page.goto("/mitt-team/ersattare/")
    assert_accessible(page)
    press_until(page, "Tab", "main form button.ds-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/min-behorighet/")


def test_what_waits_is_shown_by_unit(page: Page, live_product: LiveProduct, world: World) -> None:
    for unit in (world.home_care, world.municipality):
        make_claim(make_prescriber(unit, courses=()).person)
    log_in(page, world.municipal_manager, live_product)
    page.goto("/mitt-team/beslut/")
    assert_accessible(page)
    page.get_by_role("link", name="1 Hemtjänsten").click()
    assert page.locator("main tbody tr").count() == 1
    assert_accessible(page)
