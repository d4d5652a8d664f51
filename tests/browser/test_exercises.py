"""Packages played inside a lesson, in Chromium: beside each other, on a phone, by keyboard, in an editor's preview."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from courses.models import Attempt, Course, LessonProgress
from courses.scorm.demo import build_demo_package
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in, new_context
from tests.browser.pictures import take_pictures
from tests.browser.test_player import RIGHT, answer_test
from tests.courses.packages import package, two_part_package
from tests.factories.competence import make_person
from tests.factories.courses import make_course, make_editor
from tests.factories.lessons import add_lesson, begin, block, make_lesson_course, page_of
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Öva på handboken"
FAREWELL = """<!doctype html><title>Kort</title><p>Läs och gå vidare.<script>
const api = window.parent.API;
api.LMSInitialize("");
addEventListener("pagehide", () => { api.LMSSetValue("cmi.core.lesson_status", "completed"); api.LMSFinish(""); });
</script>"""


@pytest.fixture
def person(live_product: LiveProduct, page: Page) -> User:
    person = make_person()
    log_in(page, person, live_product)
    return person


def lesson_with(*exercises: dict[str, Any]) -> Course:
    course = make_lesson_course(lessons=0, questions=[], is_published=False, title="En kurs med övningar")
    body = [
        block("text", "<p>Läs det här först.</p>"),
        *(block("package", {"text": "Gå igenom sidorna och gör testet.", **one}) for one in exercises),
        block("reflection", {"question": "Vad tar du med dig?", "thoughts": ""}),
    ]
    add_lesson(page_of(course), "Lektion 1", body)
    page_of(course).get_latest_revision().publish()
    course.refresh_from_db()
    return course


def url(course: Course) -> str:
    return f"/mina-kurser/{course.key}/lektion/lektion-1/"


def inside(page: Page, number: int = 0) -> FrameLocator:
    return page.locator(".exercise").nth(number).frame_locator("iframe").frame_locator("#content")


def test_a_package_is_played_in_its_lesson_left_resumed_and_done(page: Page, person: User) -> None:
    exercise = make_course(build_demo_package(), title=TITLE, is_trusted=True)
    course = lesson_with({"course": exercise.key, "is_required": True})
    begin(course, person)
    page.goto(url(course))
    box = page.locator(".exercise")
    expect(box.locator("[data-state]")).to_have_text("Inte påbörjad")
    assert_accessible(page)
    take_pictures(page, "exercise-before")
    box.get_by_role("button", name="Börja övningen").click()
    expect(inside(page).locator(".page.open h1")).to_have_text("Regional utbildning för förskrivare")
    expect(box.locator("[data-state]")).to_have_text("Påbörjad")
    frame = box.locator("iframe")
    assert (frame.get_attribute("src") or "").startswith("http://localhost:"), "the content origin, not ours"
    assert "allow-top-navigation" not in (frame.get_attribute("sandbox") or "")
    inside(page).get_by_role("button", name="Nästa").click()
    expect(box.locator("[data-at=saving]")).to_have_text("Allt är sparat")
    assert_accessible(page)
    take_pictures(page, "exercise-open")

    page.get_by_role("button", name="Klart", exact=True).click()
    expect(page.get_by_text(f"Gör övningen först: {TITLE}.")).to_be_visible()
    box.get_by_role("button", name="Fortsätt övningen").click()
    expect(inside(page).locator(".page.open h1")).to_have_text("Regelverk: handboken visar vägen")
    inside(page).get_by_role("button", name="Kunskapstest").click()
    answer_test(inside(page), RIGHT)
    expect(box.locator("[data-state]")).to_have_text("Klart")
    expect(page.get_by_text("innan du går vidare")).to_be_hidden()
    take_pictures(page, "exercise-done")
    page.get_by_role("button", name="Klart", exact=True).click()
    expect(page.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
    assert LessonProgress.objects.get().done_at is not None
    assert Attempt.objects.get(edition__course=exercise).status == "passed"


def test_the_packages_farewell_counts_when_the_lesson_is_handed_in_at_once(page: Page, person: User) -> None:
    """A package that says that it is done in its farewell only: that is saved before the lesson is sent."""
    exercise = make_course(package(index__html=FAREWELL), title=TITLE, is_trusted=True)
    course = lesson_with({"course": exercise.key, "is_required": True})
    begin(course, person)
    page.goto(url(course))
    page.get_by_role("button", name="Börja övningen").click()
    expect(inside(page).get_by_text("Läs och gå vidare.")).to_be_visible()
    page.get_by_role("button", name="Klart", exact=True).click()
    expect(page.get_by_text("Kursen är klar och registrerad.")).to_be_visible()


def test_two_packages_are_open_beside_each_other_and_one_with_parts_has_its_contents(page: Page, person: User) -> None:
    one = make_course(build_demo_package(), title=TITLE)
    two = make_course(two_part_package(), title="I två delar")
    course = lesson_with({"course": one.key}, {"course": two.key})
    begin(course, person)
    page.goto(url(course))
    first, second = page.locator(".exercise").nth(0), page.locator(".exercise").nth(1)
    first.get_by_role("button", name="Börja övningen").click()
    expect(inside(page, 0).locator(".page.open h1")).to_be_visible()
    second.get_by_role("button", name="Börja övningen").click()
    expect(second.get_by_role("navigation")).to_contain_text("0 av 2 klara")
    second.get_by_role("button", name="Nästa del").click()
    expect(second.locator("[aria-current]")).to_contain_text("Del 2")
    inside(page, 0).get_by_role("button", name="Nästa").click()
    expect(first.locator("[data-at=saving]")).to_have_text("Allt är sparat")
    assert_accessible(page)
    take_pictures(page, "exercise-two")
    second.get_by_role("button", name="Spara och stäng").click()
    expect(second.get_by_role("button", name="Fortsätt övningen")).to_be_focused()
    expect(inside(page, 0).locator(".page.open h1")).to_have_text("Regelverk: handboken visar vägen")


def comes_into_the_package(page: Page) -> bool:
    """Whether a key leads from the frame to a button of the package.

    The frames are another process, which learns of the focus a moment later, and no event says when: a key that is
    pressed before that goes past the frame, and is pressed again from its beginning.
    """
    for _attempt in range(20):
        page.locator("iframe").focus()
        page.keyboard.press("Tab")
        reached = [frame.evaluate("document.activeElement.tagName") for frame in page.frames]
        if reached == ["IFRAME", "IFRAME", "BUTTON"]:
            return True
        page.wait_for_timeout(250)
    return False


def test_a_frame_is_come_into_skipped_and_left_by_keyboard(page: Page, person: User) -> None:
    exercise = make_course(build_demo_package(), title=TITLE)
    course = lesson_with({"course": exercise.key})
    begin(course, person)
    page.goto(url(course))
    page.get_by_role("button", name="Börja övningen").press("Enter")
    expect(inside(page).locator(".page.open h1")).to_be_visible()
    expect(page.locator("iframe")).to_be_focused()
    expect(inside(page).get_by_role("button", name="Nästa")).to_be_visible()
    assert comes_into_the_package(page), "in the package"
    page.get_by_role("link", name="Hoppa förbi övningen").focus()
    expect(page.get_by_role("link", name="Hoppa förbi övningen")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(".exercise__after")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=re.compile("Tillbaka till övningens början"))).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("textarea")).to_be_focused()
    for _step in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.innerText")[:15] == "Spara och stäng":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Fortsätt övningen")).to_be_focused()


def test_a_package_in_a_lesson_on_a_phone_and_in_a_window_of_its_own(
    live_chromium: Browser, live_product: LiveProduct
) -> None:
    exercise = make_course(build_demo_package(), title=TITLE, is_trusted=True)
    course = lesson_with({"course": exercise.key})
    person = make_person()
    begin(course, person)
    context = new_context(
        live_chromium, live_product, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    log_in(page, person, live_product)
    page.goto(url(course))
    page.get_by_role("button", name="Börja övningen").tap()
    expect(inside(page).locator(".page.open h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    stage = page.locator(".exercise__stage").bounding_box()
    assert stage is not None
    assert stage["width"] >= 350, "the whole width"
    assert stage["height"] <= 700, "one gets past it with a finger"
    take_pictures(page, "exercise-phone")
    page.get_by_role("button", name="Helskärm").tap()
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Öppna större, i ett eget fönster").tap()
    large = opened.value
    own = large.frame_locator("#frame").frame_locator("#content")
    expect(own.locator(".page.open h1")).to_be_visible()
    own.get_by_role("button", name="Kunskapstest").click()
    answer_test(own, RIGHT)
    expect(large.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
    large.close()
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".exercise [data-state]")).to_have_text("Klart")
    context.close()


def test_an_editor_plays_the_exercise_in_a_preview(page: Page, live_product: LiveProduct) -> None:
    exercise = make_course(build_demo_package(), title=TITLE)
    course = lesson_with({"course": exercise.key, "is_required": True})
    log_in(page, make_editor(), live_product)
    page.goto(f"/kursredaktion/{course.key}/")
    page.get_by_role("button", name=re.compile("^Prova|^Pröva")).first.click()
    page.wait_for_url("**/lektion/lektion-1/")
    page.get_by_role("button", name="Börja övningen").click()
    expect(inside(page).locator(".page.open h1")).to_be_visible()
    assert_accessible(page)
    assert list(Attempt.objects.values_list("is_preview", flat=True)) == [True, True]
