"""The pages of eligibility and of the team in a real browser: by keyboard alone, and before axe in every state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from competence.models.authorisation import Authorisation, AuthorisationApplication
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import PageErrors, log_in
from tests.competence.views.helpers import HEALTH_CARE, PDF, make_application, make_claim
from tests.factories.competence import REGIONAL, World, make_person, make_prescriber, make_world
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("media_folder")]
LONG = {"first_name": "Maximiliana-Wilhelmina", "last_name": "Överskottsförbrukningsartikelsson-Förskrivarström"}


@pytest.fixture
def world(live_product: LiveProduct) -> World:
    """The organisation, committed, so that the server's threads see it."""
    return make_world()


def press_until(page: Page, key: str, selector: str, limit: int = 80) -> None:
    """Press `key` until what `selector` names has the focus."""
    for _time in range(limit):
        if page.evaluate("selector => !!document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} was not reached with {key} on {page.url}")


def test_applying_and_deciding_by_keyboard_alone(page: Page, live_product: LiveProduct, world: World) -> None:
    person = make_person(email="test@example.se")
    new = make_prescriber(world.clinic, person=person, is_authorised=False)
    log_in(page, person, live_product)
    page.goto("/min-behorighet/")
    press_until(page, "Tab", "a[href*='/ansok/?anstallning']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ansok/**")
    press_until(page, "Tab", "input[name=starts_on]")
    press_until(page, "Tab", "button[value=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/min-behorighet/")
    application = AuthorisationApplication.objects.get()
    assert (application.status, application.right and application.right.key) == ("submitted", HEALTH_CARE)

    log_in(page, world.manager, live_product)
    page.goto("/mitt-team/beslut/")
    press_until(page, "Tab", "a[href*='/beslut/ansokan/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ansokan/**")
    press_until(page, "Tab", "button[value=approve]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mitt-team/beslut/")
    assert "är godkänd" in page.inner_text("main")
    held = Authorisation.objects.get()
    assert held.employment == new.employment

    page.goto(f"/mitt-team/{new.employment.public_id}/")
    assert "Får beställa" in page.inner_text("main")
    press_until(page, "Tab", "a[href*='aterkalla-ratt']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/aterkalla-ratt/**")
    press_until(page, "Tab", "textarea[name=reason]")
    page.keyboard.type("Bytt arbetsuppgift.")
    press_until(page, "Tab", "main button[data-color=danger]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/mitt-team/{new.employment.public_id}/")
    assert "Får inte beställa" in page.inner_text("article")


def test_a_certificate_is_sent_in_looked_at_and_approved(
    page: Page, live_product: LiveProduct, world: World, tmp_path: Path
) -> None:
    new = make_prescriber(world.clinic, courses=(REGIONAL,))
    file = tmp_path / "kursbevis.pdf"
    file.write_bytes(PDF)
    log_in(page, new.person, live_product)
    page.goto("/min-behorighet/")
    page.locator("a[href*='intyga/?kurs=']").click()
    page.fill("input[name=completed_on]", "2026-01-15")
    page.set_input_files("input[name=evidence]", file)
    page.get_by_role("button", name="Skicka in").click()
    page.get_by_text("Kursbeviset är inskickat. Du får veta").wait_for()

    log_in(page, world.manager, live_product)
    page.goto("/mitt-team/beslut/")
    page.get_by_role("link", name="Kursbevis: Förskrivning av hjälpmedel").click()
    answer = page.request.get(page.locator("iframe.document").get_attribute("src") or "")
    assert answer.body() == PDF
    page.get_by_role("button", name="Godkänn").click()
    page.wait_for_url("**/mitt-team/beslut/")
    page.goto(f"/mitt-team/{new.employment.public_id}/")
    assert page.locator("article .status").first.inner_text() == "Får beställa"


def test_a10_a_script_in_a_certificate_does_not_run(
    page: Page, live_product: LiveProduct, world: World, page_errors: PageErrors
) -> None:
    new = make_prescriber(world.clinic, courses=(REGIONAL,))
    claim = make_claim(new.person)
    # As if something had got past the check of the first bytes.
    claim.evidence_type = "image/png"
    claim.save()
    with claim.evidence.open("wb") as file:
        file.write(b"<html><script>document.title = 'ran'; fetch('/min-behorighet/')</script></html>")
    log_in(page, world.manager, live_product)
    page.goto(f"/mitt-team/beslut/intyg/{claim.public_id}/fil/")
    assert page.title() != "ran"
    page_errors.clear()


def test_no_violation_on_any_page_in_any_state(page: Page, live_product: LiveProduct, world: World) -> None:
    new = make_prescriber(
        world.clinic,
        person=make_person(email="test@example.se", **LONG),
        is_appointed=False,
        level=None,
        courses=(),
        is_authorised=False,
    )
    waiting = make_prescriber(world.clinic, courses=(REGIONAL,), is_authorised=False)
    claim, application = make_claim(waiting.person), make_application(waiting)
    ready = make_prescriber(world.clinic)
    own: list[tuple[Any, str]] = [
        (new.person, "/mina-sidor/"),
        (new.person, "/min-behorighet/"),
        (new.person, "/min-behorighet/intyga/"),
        (new.person, "/min-behorighet/ansok/?ratt=websesam.health-care"),
        (waiting.person, "/min-behorighet/"),
        (waiting.person, f"/min-behorighet/ansok/{application.public_id}/"),
        (ready.person, "/min-behorighet/"),
        (ready.person, "/min-behorighet/tidsmaskin/"),
        (ready.person, "/min-behorighet/tidsmaskin/?dag=2024-05-01"),
        (ready.person, "/min-behorighet/tidsmaskin/?dag=2019-05-01"),
    ]
    team = [
        (world.manager, address)
        for address in (
            "/mitt-team/",
            "/mitt-team/?visa=krav",
            "/mitt-team/?visa=slutat",
            "/mitt-team/?sok=finns-inte",
            "/mitt-team/beslut/",
            f"/mitt-team/beslut/intyg/{claim.public_id}/",
            f"/mitt-team/beslut/ansokan/{application.public_id}/",
            f"/mitt-team/{new.employment.public_id}/",
            f"/mitt-team/{ready.employment.public_id}/",
            f"/mitt-team/{ready.employment.public_id}/utse/",
            f"/mitt-team/{ready.employment.public_id}/aterkalla-ratt/",
            f"/mitt-team/{ready.employment.public_id}/ater/",
            f"/mitt-team/{ready.employment.public_id}/tidsmaskin/?dag=2030-05-01",
        )
    ]
    for person, address in [*own, *team]:
        log_in(page, person, live_product)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        page.evaluate("document.querySelectorAll('details.more').forEach(one => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert_accessible(page)


def test_a_form_with_errors_says_so_and_takes_the_focus(page: Page, live_product: LiveProduct, world: World) -> None:
    new = make_prescriber(world.clinic, courses=())
    log_in(page, new.person, live_product)
    page.goto("/min-behorighet/intyga/")
    page.get_by_role("button", name="Skicka in").click()
    summary = page.locator(".error-summary")
    summary.wait_for()
    assert page.evaluate("document.activeElement.matches('.error-summary')")
    assert_accessible(page)
    summary.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.name") == "course"
