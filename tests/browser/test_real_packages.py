"""Packages that others have made, gone through from beginning to end in the player: left halfway, resumed, finished."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from courses.models import Attempt, Course
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.courses.packages import real_package
from tests.factories.competence import make_person
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
JQUERY = "window.$ = () => new Proxy({}, { get: () => () => '' });"


@pytest.fixture
def person(live_product: LiveProduct, page: Page) -> User:
    person = make_person()
    log_in(page, person, live_product)
    page.on("dialog", lambda dialog: dialog.accept())
    return person


def begin(page: Page, name: str) -> Course:
    course = make_course(real_package(name).read_bytes(), title="Golf", is_trusted=True)
    page.goto(f"/mina-kurser/{course.key}/")
    page.get_by_role("button", name="Starta kursen").click()
    return course


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("#frame").frame_locator("#content")


def current(page: Page) -> str:
    return page.locator("#status [data-item][aria-current]").get_attribute("data-item") or ""


def go_through(page: Page, *, answers_right: bool = True) -> None:
    """The golf course's own part, page by page, its test answered."""
    expect(inside(page).locator("#butNext")).to_be_attached()
    page.wait_for_timeout(600)
    while inside(page).locator("#butNext").is_enabled():
        inside(page).locator("#butNext").click()
        page.wait_for_timeout(150)
    quiz = inside(page).frame_locator("#contentFrame")
    if not quiz.locator(".correctAnswer").count():
        return
    if answers_right:
        for right in quiz.locator(".correctAnswer").all():
            if right.locator("input[type=radio]").count():
                right.locator("input").check()
            else:
                right.locator("input").fill(right.inner_text().strip(" ()"))
    quiz.get_by_role("button", name="Submit").click()
    page.wait_for_timeout(400)


def go_on(page: Page) -> None:
    page.locator("[data-step=continue]").click()
    page.wait_for_timeout(1200)


def finished(page: Page) -> None:
    expect(page.locator("#status [data-finished=yes]")).to_be_attached(timeout=10_000)


def test_remediation_leads_back_to_what_was_failed_and_only_to_that(page: Page, person: User) -> None:
    """SCORM 2004 3rd edition: four lessons and four tests; failing one brings its lesson and its test again."""
    course = begin(page, "SequencingSimpleRemediation_SCORM20043rdEdition.zip")
    seen = []
    for number in range(8):
        seen.append(current(page))
        go_through(page, answers_right=current(page) != "test_2")
        if number == 4:
            page.get_by_role("link", name="Spara och stäng").click()
            page.wait_for_url(f"**/mina-kurser/{course.key}/")
            page.get_by_role("link", name="Fortsätt").click()
            expect(inside(page).locator("#butNext")).to_be_attached()
            assert current(page) == "test_1"
            go_through(page)
        go_on(page)
    assert seen == ["playing_item", "etuqiette_item", "handicapping_item", "havingfun_item",
                    "test_1", "test_2", "test_3", "test_4"]  # fmt: skip
    assert Attempt.objects.get().finished_at is None
    assert current(page) == "etuqiette_item"
    go_through(page)
    go_on(page)
    assert current(page) == "test_2"
    go_through(page)
    go_on(page)
    assert current(page) == "test_4"  # its own rules stand in place of those that skip what is passed
    go_through(page)
    go_on(page)
    finished(page)
    attempt = Attempt.objects.get()
    assert attempt.status == Attempt.Status.PASSED


def test_parts_open_one_by_one_and_what_is_completed_rolls_up(page: Page, person: User, settings: Any) -> None:
    """SCORM 2004 4th edition: each part is closed until the one before is done; shared notes; progress is weighed."""
    settings.PACKAGE_SOURCES = ["https://ajax.googleapis.com"]
    page.route(
        "https://ajax.googleapis.com/**", lambda route: route.fulfill(body=JQUERY, content_type="text/javascript")
    )
    course = begin(page, "SequencingPostTestRollup4thEd_SCORM20044thEdition.zip")
    for number, name in enumerate(
        ["playing_item", "etuqiette_item", "handicapping_item", "havingfun_item", "assessment_item"]
    ):
        assert current(page) == name
        if number == 1:
            closed = page.locator("#status [data-item=handicapping_item]")
            closed.click(force=True)
            expect(page.locator("[data-notice=why]")).to_be_visible()
            take_pictures(page, "spelaren-regler")
            page.evaluate("document.getElementById('frame').setAttribute('inert', '')")
            assert_accessible(page)
            page.evaluate("document.getElementById('frame').removeAttribute('inert')")
            page.get_by_role("link", name="Spara och stäng").click()
            page.wait_for_url(f"**/mina-kurser/{course.key}/")
            page.get_by_role("link", name="Fortsätt").click()
            expect(inside(page).locator("#butNext")).to_be_attached()
            assert current(page) == name
        go_through(page)
        if name != "assessment_item":
            go_on(page)
    page.locator("#end").click()
    take_pictures(page, "spelaren-avsluta")
    page.locator("#end-now").click()
    finished(page)
    take_pictures(page, "spelaren-slut")
    assert Attempt.objects.get().status == Attempt.Status.PASSED


def test_scorm_12_parts_are_closed_until_their_prerequisites_are_met(page: Page, person: User) -> None:
    begin(page, "PrerequisitesTest_SCORM12.zip")
    expect(page.locator("#status [data-item]").first).to_be_attached()
    assert page.locator("#status [data-item][aria-disabled]").count() > 0


def test_eighteen_parts_of_scorm_12_are_gone_through(page: Page, person: User) -> None:
    """Run-time calls at their least: each part says hello and goodbye, and counts as done."""
    begin(page, "RuntimeMinimumCalls_SCORM12.zip")
    for _part in range(18):
        expect(inside(page).locator("body")).to_be_attached()
        page.wait_for_timeout(300)
        button = page.locator("[data-step=continue]")
        if button.get_attribute("aria-disabled"):
            break
        button.click()
        page.wait_for_timeout(500)
    page.get_by_role("link", name="Spara och stäng").click()
    page.wait_for_url("**/mina-kurser/kurs-*/")
    assert Attempt.objects.get().status == Attempt.Status.COMPLETED
