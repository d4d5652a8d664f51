"""The pages of those who keep courses and of those who build ordering systems, and what is seldom met."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.courses.packages import package
from tests.factories.competence import make_person
from tests.factories.courses import make_administrator, make_course, make_editor
from tests.live import LiveProduct

pytestmark = pytest.mark.browser


def test_every_page_of_course_editing_is_accessible(page: Page, live_product: LiveProduct) -> None:
    log_in(page, make_editor(), live_product)
    page.goto("/kursredaktion/")  # nothing here yet
    assert_accessible(page)
    course = make_course(title="En kurs med ett mycket långt namn som inte ryms på en rad i en smal spalt")
    tabs = (f"{course.key}/{end}" for end in ("", "resultat/", "installningar/", "uppgifter/", "utgava/"))
    for path in ("", "ny/", *tabs):
        answer = page.goto(f"/kursredaktion/{path}")
        assert answer is not None
        assert answer.status == 200
        take_pictures(page, f"kursredaktion-{path.strip('/').replace('/', '-') or 'lista'}")
        assert_accessible(page)


def test_the_page_that_decides_whose_word_counts_is_accessible(page: Page, live_product: LiveProduct) -> None:
    course = make_course(is_trusted=True)
    log_in(page, make_administrator(), live_product)
    page.goto(f"/kursredaktion/{course.key}/installningar/eget-resultat/")
    expect(page.locator("textarea[name=reason]")).to_be_visible()
    assert_accessible(page)


def test_a_file_that_is_no_package_is_refused_in_words_and_keeps_what_was_written(
    page: Page, live_product: LiveProduct, tmp_path: Path
) -> None:
    log_in(page, make_editor(), live_product)
    page.goto("/kursredaktion/ny/")
    wrong = tmp_path / "kurs.zip"
    wrong.write_bytes(b"not a zip")
    page.get_by_label("SCORM-paket").set_input_files(wrong)
    page.get_by_label("Titel").fill("Min kurs")
    page.locator("input[name=key]").fill("min-kurs")
    page.locator("input[name=minutes]").fill("30")
    page.get_by_role("button", name="Ladda upp").click()
    expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()
    expect(page.get_by_label("Titel")).to_have_value("Min kurs")
    assert_accessible(page)


def test_the_documentation_of_the_api_is_accessible(page: Page, live_product: LiveProduct) -> None:
    page.goto("/api/v1/docs")
    expect(page.get_by_role("heading", level=1)).to_have_text("API för beställningssystem")
    assert_accessible(page)


def test_the_page_without_published_rules_is_accessible(page: Page, live_product: LiveProduct) -> None:
    person = make_person()
    log_in(page, person, live_product)
    page.goto("/min-behorighet/")
    expect(page.get_by_text("Reglerna är inte publicerade").first).to_be_visible()
    assert_accessible(page)


def test_an_upload_says_how_far_it_has_come_and_leads_on(page: Page, live_product: LiveProduct, tmp_path: Path) -> None:
    log_in(page, make_editor(), live_product)
    page.goto("/kursredaktion/ny/")
    right = tmp_path / "kurs.zip"
    right.write_bytes(package(**{"film.bin": os.urandom(3_000_000)}))
    page.get_by_label("SCORM-paket").set_input_files(right)
    page.locator("input[name=key]").fill("min-kurs")
    page.locator("input[name=minutes]").fill("30")
    with page.expect_request("**/kursredaktion/ny/") as sent:
        page.get_by_role("button", name="Ladda upp").click()
    assert sent.value.headers["x-upload"] == "progress"
    page.wait_for_url("**/kursredaktion/min-kurs/")
    expect(page.get_by_text("Kursen är uppladdad.")).to_be_visible()


def test_a_refused_file_is_still_chosen_and_one_that_is_too_large_is_not_sent(
    page: Page, live_product: LiveProduct, tmp_path: Path
) -> None:
    log_in(page, make_editor(), live_product)
    page.goto("/kursredaktion/ny/")
    wrong = tmp_path / "kurs.zip"
    wrong.write_bytes(b"Rar!\x1a\x07\x00")
    page.get_by_label("SCORM-paket").set_input_files(wrong)
    page.locator("input[name=key]").fill("min-kurs")
    page.locator("input[name=minutes]").fill("30")
    page.get_by_role("button", name="Ladda upp").click()
    expect(page.locator(".error-summary")).to_contain_text("RAR")
    assert page.locator("input[type=file]").evaluate("input => input.files[0].name") == "kurs.zip"
    page.locator("form[data-upload]").evaluate("form => form.dataset.maxBytes = 3")
    page.get_by_role("button", name="Ladda upp").click()
    expect(page.locator("[data-upload-said]")).to_contain_text("har inte skickats")
