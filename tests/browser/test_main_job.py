"""The main job, end to end: a new prescriber becomes one who may order, and the ordering system knows at once.

What a person does is done on a page, in Chromium; what the ordering system asks, it asks over HTTP. Only what an
operator does by a command (organisation, rules, people, clients) is done by that command.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from competence.demo.certificate import certificate_pdf
from lms.lib.clock import local_day
from tests.browser.axe import assert_accessible
from tests.browser.lessons_by_hand import REGIONAL, load_regional_course, publish_by_hand, take_lesson_course
from tests.browser.ordering_system import OrderingSystem, codes
from tests.browser.pictures import take_pictures
from tests.browser.visits import House

pytestmark = pytest.mark.browser

NEW = "SE0000000001-DEMO0002"
NAME = "Nils Nybörjarsson"
RIGHT = "websesam.health-care"
MOBILITY = "Förskrivare av hjälpmedel för rörelse, kommunikation och information samt antidecubitus"


def test_a_new_prescriber_becomes_one_who_may_order_until_the_manager_revokes(visitors: House, tmp_path: Path) -> None:
    websesam = OrderingSystem(visitors.product, "demo-websesam", "hjalpmedel-demo-2026-websesam")
    asked = websesam.ask(NEW, RIGHT)
    assert (asked["outcome"], asked["allowed"], asked["valid_until"]) == ("denied", False, None)
    assert codes(asked) == [
        "COURSE_MISSING",
        "COURSE_MISSING",
        "LEVEL_NOT_DECIDED",
        "NOT_APPOINTED",
        "NOT_AUTHORISED",
    ]
    missing = {step["requirement"]: step for step in asked["missing"]}
    assert missing["national-hjalpmedel"]["minutes"] == 120
    assert missing["regional-mobility"]["alternatives"] == [[REGIONAL]]
    first_revision = asked["revision"]

    load_regional_course(is_published=False)
    publish_by_hand(visitors.person("editor"), REGIONAL)

    # 1. The new prescriber sees what is required, what remains and how long it takes, and takes the regional course.
    learner = visitors.person("prescriber_new")
    see_what_is_required(learner)
    take_lesson_course(learner)
    asked = websesam.ask(NEW, RIGHT)
    assert codes(asked) == ["COURSE_MISSING", "LEVEL_NOT_DECIDED", "NOT_APPOINTED", "NOT_AUTHORISED"]
    assert asked["revision"] > first_revision
    met = [reason for reason in asked["reasons"] if reason["code"] == "REQUIREMENT_MET"]
    assert [reason["course"] for reason in met] == [REGIONAL]

    # 2. The certificate of the national course, and the manager's decisions.
    certificate = tmp_path / "kursbevis.pdf"
    today = local_day(timezone.now())
    day = today - timedelta(days=3)
    certificate.write_bytes(certificate_pdf(name=NAME, course="Förskrivning av hjälpmedel", completed_on=day))
    send_in_certificate(learner, certificate, day)
    apply_for_right(learner)
    assert codes(websesam.ask(NEW, RIGHT)) == codes(asked), "what waits for a decision changes nothing"

    manager = visitors.person("manager")
    approve_certificate(manager)
    assert codes(websesam.ask(NEW, RIGHT)) == ["LEVEL_NOT_DECIDED", "NOT_APPOINTED", "NOT_AUTHORISED"]
    decide_level(manager)
    assert codes(websesam.ask(NEW, RIGHT)) == ["NOT_APPOINTED", "NOT_AUTHORISED"]
    appoint(manager)
    assert codes(websesam.ask(NEW, RIGHT)) == ["NOT_AUTHORISED"]
    approve_application(manager)

    asked = websesam.ask(NEW, RIGHT)
    assert (asked["outcome"], asked["allowed"], asked["missing"]) == ("allowed", True, [])
    assert {"EMPLOYED", "APPOINTED", "REQUIREMENT_MET", "AUTHORISED"} <= {r["code"] for r in asked["reasons"]}
    assert asked["valid_until"].startswith(str(today.year + 1)), "twelve months without a log-in would end it"
    learner.goto("/min-behorighet/")
    expect(learner.get_by_text("Får beställa").first).to_be_visible()
    take_pictures(learner, "my-eligibility-done")

    # 3. The team page tells who may and who may not; after the revocation the very next answer is denied.
    see_the_team(manager)
    revoke(manager)
    asked = websesam.ask(NEW, RIGHT)
    assert (asked["outcome"], asked["allowed"], codes(asked)) == ("denied", False, ["REVOKED"])
    learner.goto("/min-behorighet/")
    expect(learner.get_by_text("Får inte beställa").first).to_be_visible()


def see_what_is_required(learner: Page) -> None:
    learner.goto("/min-behorighet/")
    main = learner.locator("main")
    expect(main.locator("a[href^='https://utbildning.socialstyrelsen.se']")).to_be_visible()
    expect(main).to_contain_text("1 timme 15 minuter")
    expect(main).to_contain_text("2 timmar")
    expect(main).to_contain_text("Får inte beställa")
    assert_accessible(learner)
    take_pictures(learner, "my-eligibility-new")


def send_in_certificate(learner: Page, certificate: Path, day: date) -> None:
    learner.goto("/min-behorighet/")
    learner.get_by_role("link", name="Registrera kursbevis").last.click()
    learner.locator("select[name=course]").select_option("national-hjalpmedel")
    learner.locator("input[name=completed_on]").fill(day.isoformat())
    learner.locator("input[name=evidence]").set_input_files(certificate)
    take_pictures(learner, "claim-completion")
    learner.get_by_role("button", name="Skicka in").click()
    learner.wait_for_url("**/min-behorighet/")
    expect(learner.locator("main")).to_contain_text("Väntar på beslut")


def apply_for_right(learner: Page) -> None:
    learner.get_by_role("link", name="Ansök om behörighet").last.click()
    learner.wait_for_url("**/min-behorighet/ansok/**")
    learner.locator(f"input[name=right][value='{RIGHT}']").check()
    assert_accessible(learner)
    take_pictures(learner, "apply")
    learner.get_by_role("button", name="Skicka in").click()
    learner.wait_for_url("**/min-behorighet/")


def open_decision(manager: Page, what: str) -> None:
    manager.goto("/mitt-team/beslut/")
    manager.get_by_role("row", name=NAME).or_(manager.locator("li", has_text=NAME)).filter(has_text=what).get_by_role(
        "link"
    ).first.click()


def approve_certificate(manager: Page) -> None:
    manager.goto("/mina-sidor/")
    manager.get_by_role("link", name="Mitt team").first.click()
    open_decision(manager, "Förskrivning av hjälpmedel")
    expect(manager.locator("main")).to_contain_text(NAME)
    # The file, as the manager's browser gets it.
    address = manager.locator("a[href*='/fil/']").first.get_attribute("href")
    answer = manager.request.get(address or "")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    assert_accessible(manager)
    take_pictures(manager, "claim")
    manager.get_by_role("button", name="Godkänn").click()
    manager.wait_for_url("**/mitt-team/beslut/")


def open_member(manager: Page) -> None:
    manager.goto("/mitt-team/")
    manager.get_by_role("link", name=NAME).first.click()
    expect(manager.get_by_role("heading", level=1)).to_have_text(NAME)


def decide_level(manager: Page) -> None:
    open_member(manager)
    manager.get_by_role("link", name="Besluta om nivå").click()
    manager.locator("input[name=level][value=full]").check()
    manager.locator("main form button[type=submit]").first.click()
    expect(manager.get_by_role("heading", level=1)).to_have_text(NAME)


def appoint(manager: Page) -> None:
    open_member(manager)
    manager.locator("a[href$='/utse/']").click()
    manager.locator("input[name=role][value=prescriber-mobility]").check()
    manager.locator("main form button[type=submit]").first.click()
    expect(manager.locator("main")).to_contain_text(MOBILITY)


def approve_application(manager: Page) -> None:
    open_decision(manager, "Beställare av personliga hjälpmedel inom hälso- och sjukvård")
    take_pictures(manager, "application")
    manager.get_by_role("button", name="Godkänn").click()
    manager.wait_for_url("**/mitt-team/beslut/")


def see_the_team(manager: Page) -> None:
    manager.goto("/mitt-team/")
    row = manager.get_by_role("row", name=NAME)
    expect(row).to_contain_text("Får beställa")
    on_leave = manager.get_by_role("row", name="Lena Ledighetsson")
    expect(on_leave).to_contain_text("Får inte beställa")
    assert_accessible(manager)
    take_pictures(manager, "team")


def revoke(manager: Page) -> None:
    open_member(manager)
    manager.locator("a[href*='/aterkalla-ratt/']").click()
    manager.locator("textarea[name=reason]").fill("Arbetar inte längre med förskrivning.")
    manager.locator("main form button[type=submit]").first.click()
    expect(manager.get_by_role("heading", level=1)).to_have_text(NAME)
