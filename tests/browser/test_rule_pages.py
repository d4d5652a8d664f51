"""The pages of the rules in a real browser: before axe in every state, also without JavaScript and on a phone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page

from competence.actions.rule_drafts import create_draft, start_simulation
from competence.models.rule_draft import SimulationRun
from competence.simulation.background import carry_out
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.competence.test_simulation import NO_REGIONAL
from tests.factories.competence import NATIONAL, World, make_person, make_prescriber, make_world
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("media_folder")]
ADMIN = "/regler/administration/"


@pytest.fixture
def world(live_product: LiveProduct) -> World:
    """The organisation, committed, so that the server's threads see it."""
    return make_world()


@pytest.fixture
def writer(world: World) -> User:
    person = make_person()
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return person


def test_every_page_of_the_rules_is_accessible(
    page: Page, live_product: LiveProduct, world: World, writer: User
) -> None:
    make_prescriber(world.clinic, courses=(NATIONAL,))
    good = create_draft(title="Utan regional kurs", text=NO_REGIONAL, by=writer)
    wrong = create_draft(title="Fel", text=NO_REGIONAL.replace("gate: warn", "gate: wran"), by=writer)
    done = start_simulation(draft=good, by=writer)
    carry_out(str(done.public_id))
    waiting = SimulationRun.objects.create(draft=good, digest="x", document={}, started_by=writer, total=10, done=3)
    for path in ("/regler/", "/regler/prescriber-mobility/", "/regler/care-staff/"):
        page.goto(path)
        assert_accessible(page)
    log_in(page, writer, live_product)
    own = f"{ADMIN}utkast/{good.public_id}/"
    for path in (
        ADMIN,
        f"{ADMIN}utkast/ny/",
        own,
        f"{own}jamfor/",
        f"{own}simulera/",
        f"{own}publicera/",
        f"{ADMIN}utkast/{wrong.public_id}/",
        f"{ADMIN}utkast/{wrong.public_id}/publicera/",
        f"{ADMIN}version/1/",
        "/regler/simulering/",
        f"/regler/simulering/{done.public_id}/",
        f"/regler/simulering/{waiting.public_id}/",
    ):
        page.goto(path)
        for more in page.locator("main details > summary").all():
            more.click()
        assert_accessible(page)


def test_a_draft_is_corrected_compared_and_published(
    page: Page, live_product: LiveProduct, world: World, writer: User
) -> None:
    log_in(page, writer, live_product)
    page.goto(f"{ADMIN}utkast/ny/")
    page.fill("input[name=title]", "Krav i socialtjänsten")
    page.click("main form button[type=submit]")
    text = page.input_value("textarea[name=text]")
    page.fill("textarea[name=text]", text.replace("gate: warn", "gate: blok"))
    page.click("main form button[type=submit]:not([name])")
    page.wait_for_selector(".faults__item")
    assert "Menade du ”block”?" in page.inner_text("main")
    page.click(".faults__item a")
    assert "gate: blok" in page.inner_text(".lines__fault:target")
    page.fill("textarea[name=text]", text.replace("gate: warn", "gate: block"))
    page.click("main form button[type=submit]:not([name])")
    page.wait_for_selector("text=Kontrollen hittar inga fel")
    page.click("text=Jämför")
    assert "Verkan: från rekommenderas till krävs" in page.inner_text("main")
    page.click("nav.tabs >> text=Publicera")
    page.fill("textarea[name=reason]", "Beslut i ledningsrådet")
    page.click("text=Publicera reglerna")
    page.wait_for_url("**/version/2/")
    page.goto("/regler/social-care-orderer/")
    assert "Det här krävs" in page.inner_text("main")
