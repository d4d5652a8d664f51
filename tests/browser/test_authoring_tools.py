"""Courses as common authoring tools make them, taken by a learner: begun, left halfway, resumed where they were left,
finished, and recorded."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from courses.models import Attempt, AttemptEvent
from tests.browser.fixtures import log_in
from tests.browser.visits import leave_course, package, wait_until_saved
from tests.courses.authoring import TOOLS, package_as_made_by
from tests.factories.competence import make_person
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
# Where the tool shows its slides, when that is not the start page itself.
INNER = {"storyline": "#content", "rise": "#content", "lectora": "frame[name=titlemgrframe]"}


def slides(page: Page, tool: str) -> FrameLocator:
    return package(page).frame_locator(INNER[tool]) if tool in INNER else package(page)


def begin(page: Page, tool: str, live_product: LiveProduct) -> None:
    course = make_course(package_as_made_by(tool), title="", key=f"fran-{tool}", is_trusted=True)
    log_in(page, make_person(), live_product)
    page.goto(f"/mina-kurser/{course.key}/")
    page.get_by_role("button", name="Starta kursen").click()
    page.wait_for_url("**/spela/")


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "exe"])
def test_a_course_from_a_common_tool_is_resumed_and_finished(page: Page, live_product: LiveProduct, tool: str) -> None:
    begin(page, tool, live_product)
    expect(slides(page, tool).locator("#place")).to_have_text("1/3")
    slides(page, tool).locator("#next").click()
    expect(slides(page, tool).locator("#place")).to_have_text("2/3")
    wait_until_saved(page)
    leave_course(page)

    page.get_by_role("link", name="Fortsätt").click()
    expect(slides(page, tool).locator("#place")).to_have_text("2/3")
    slides(page, tool).locator("#next").click()
    slides(page, tool).locator("#finish").click()
    expect(page.locator("#status [data-finished=yes]")).to_be_visible()
    attempt = Attempt.objects.get()
    assert attempt.outcome == Attempt.Outcome.COMPLETION
    assert not AttemptEvent.objects.filter(kind=AttemptEvent.Kind.REFUSED).exists()


def test_a_course_whose_parts_finish_by_being_left_is_finished(page: Page, live_product: LiveProduct) -> None:
    begin(page, "exe", live_product)
    expect(package(page).locator("h1")).to_have_text("Sidan index")
    page.get_by_role("button", name="Slutet").click()
    expect(package(page).locator("h1")).to_have_text("Sidan slutet")
    leave_course(page)
    assert Attempt.objects.get().status == Attempt.Status.COMPLETED
