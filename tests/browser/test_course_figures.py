"""What those who look after a course see of how it goes: participants, one attempt, the funnel, what is stuck."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Page, expect

from courses.actions.courses import add_edition
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.courses.packages import package, two_part_package
from tests.factories.competence import make_person
from tests.factories.courses import BUILDER, make_administrator, make_attempt, make_course, sit_down, write
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=\"document.title='evil'\"><script>document.title='evil'</script>"


def test_the_pages_that_tell_how_a_course_goes_are_accessible(page: Page, live_product: LiveProduct) -> None:
    course = make_course(two_part_package(), title="En kurs i två delar")
    log_in(page, make_administrator(), live_product)
    for end in ("deltagare/", "resultat/"):
        page.goto(f"/kursredaktion/{course.key}/{end}")
        assert_accessible(page)  # nothing here yet
    make_attempt(course, make_person(first_name="Anna-Karin", last_name="Testsson-Långnamnsson af Provköping"))
    sitting = sit_down(make_attempt(course), "del-1")
    written = {"cmi.core.lesson_status": "completed", "cmi.suspend_data": "abc" * 300, "cmi.core.student_id": "x"}
    write(sitting, written, trigger="terminate")
    for path, name in (
        ("deltagare/", "deltagare"),
        ("deltagare/?search=finns-inte", "deltagare-tom"),
        (f"deltagare/{sitting.attempt}/", "forsok"),
        ("resultat/", "resultat"),
        ("installningar/", "installningar"),
    ):
        answer = page.goto(f"/kursredaktion/{course.key}/{path}")
        assert answer is not None
        assert answer.status == 200
        take_pictures(page, f"kurs-{name}")
        assert_accessible(page)


def test_a06_what_a_package_wrote_is_inert_where_it_is_looked_into(page: Page, live_product: LiveProduct) -> None:
    course = make_course()
    sitting = sit_down(make_attempt(course))
    for element in ("cmi.suspend_data", "cmi.comments", "cmi.core.lesson_location", "cmi.interactions.0.id", EVIL):
        write(sitting, {element: EVIL})
    log_in(page, make_administrator(), live_product)
    page.goto(f"/kursredaktion/{course.key}/deltagare/{sitting.attempt}/")
    expect(page.get_by_text("onerror=").first).to_be_visible()
    assert page.title() != "evil"
    assert page.locator("main img").count() == 0
    assert page.locator("main script").count() == 0


def test_an_edition_that_follows_another_is_published_with_a_reason_or_becomes_its_own_course(
    page: Page, live_product: LiveProduct
) -> None:
    course = make_course(title="En kurs")
    for text in ("två", "tre"):
        data = io.BytesIO(package(ny__txt=text))
        add_edition(course=course, source=data, file_name=f"{text}.zip", by=BUILDER)
    log_in(page, make_administrator(), live_product)

    page.goto(f"/kursredaktion/{course.key}/")
    page.get_by_role("link", name=re.compile("Publicera.*utgåva 2")).click()
    take_pictures(page, "kurs-publicera")
    assert_accessible(page)
    page.locator("textarea[name=reason]").fill("Bara rättade stavfel")
    page.get_by_role("button", name="Publicera som samma kurs").click()
    expect(page.get_by_text("Publicerad, utgåva 2")).to_be_visible()

    page.get_by_role("link", name=re.compile("Publicera.*utgåva 3")).click()
    page.get_by_role("link", name="Gör den till en egen kurs").click()
    take_pictures(page, "kurs-egen")
    assert_accessible(page)
    page.locator("input[name=key]").fill("ny-kurs")
    page.locator("textarea[name=reason]").fill("Allt är nytt")
    page.get_by_role("button", name="Skapa kursen").click()
    page.wait_for_url("**/kursredaktion/ny-kurs/")
    page.get_by_role("link", name="Inställningar").click()
    expect(page.get_by_text("Allt är nytt")).to_be_visible()
