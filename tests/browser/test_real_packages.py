"""Packages that others have made, gone through from beginning to end in the player: left halfway, resumed, finished."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from courses.models import Attempt, Course, ScoRuntime
from courses.scorm.package import open_package
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.courses.packages import real_package
from tests.factories.competence import make_person
from tests.factories.courses import make_course, make_editor
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


def warned_of(name: str) -> str:
    """What the editor is told at the upload of a package that is taken."""
    with real_package(name).open("rb") as source, open_package(source) as (_archive, opened):
        return " ".join(opened.manifest.warnings)


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


def save_and_close(page: Page, course: Course) -> None:
    page.get_by_role("link", name="Spara och stäng").click()
    page.wait_for_url(f"**/mina-kurser/{course.key}/")


def resume(page: Page) -> None:
    page.get_by_role("link", name="Fortsätt").click()
    expect(inside(page).locator("body")).to_be_attached()


def test_prerequisites_of_parts_that_never_report_keep_the_rest_closed(page: Page, person: User) -> None:
    """PrerequisitesTest: four bare pages without a call of the API. The right outcome is none: nobody can tell that the
    first part is done, so what waits for it stays closed, which is said at the upload and, with the reason, here."""
    course = begin(page, "PrerequisitesTest_SCORM12.zip")
    warnings = warned_of("PrerequisitesTest_SCORM12.zip")
    assert "talar med lärplattformen" in warnings
    assert "“AND”" not in warnings
    expect(inside(page).get_by_role("heading", name="Module 1: Introduction")).to_be_visible()
    take_pictures(page, "golf-forkunskaper")
    for name in ("module2", "module3", "module4"):
        page.locator(f"#status [data-item={name}]").click(force=True)
        expect(page.locator("[data-notice=why]")).to_be_visible()
        assert current(page) == "module1"
    page.locator("[data-step=continue]").click(force=True)
    expect(page.locator("[data-notice=why]")).to_be_visible()
    save_and_close(page, course)
    resume(page)
    assert current(page) == "module1"
    expect(inside(page).get_by_role("heading", name="Module 1: Introduction")).to_be_visible()
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.finished_at) == (Attempt.Status.STARTED, None)


def test_parts_below_headings_are_gone_through_and_those_that_never_report_finish_nothing(
    page: Page, person: User
) -> None:
    """LaunchUrlFromNestedItem: two bare pages below headings. It can be read to its end; nothing says that it was."""
    course = begin(page, "LaunchUrlFromNestedItem_SCORM12.zip")
    assert "talar med lärplattformen" in warned_of("LaunchUrlFromNestedItem_SCORM12.zip")
    expect(inside(page).get_by_role("heading", name="Topic 1.1.1.1")).to_be_visible()
    assert page.locator("[data-step=previous]").get_attribute("aria-disabled")
    go_on(page)
    expect(inside(page).get_by_role("heading", name="Section 2.1.1")).to_be_visible()
    assert page.locator("[data-step=continue]").get_attribute("aria-disabled")
    take_pictures(page, "golf-rubriker")
    save_and_close(page, course)
    resume(page)
    expect(inside(page).get_by_role("heading", name="Section 2.1.1")).to_be_visible()
    save_and_close(page, course)
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.finished_at) == (Attempt.Status.STARTED, None)


def test_advanced_calls_are_left_halfway_resumed_failed_and_passed(page: Page, person: User) -> None:
    """SCORM 2004 3rd edition: one part with five objectives, progress, interactions, and a limit of 80 per cent that
    the package leaves to the learning platform."""
    course = begin(page, "RunTimeAdvancedCalls_SCORM20043rdEdition.zip")
    for _page in range(6):
        expect(inside(page).locator("#butNext")).to_be_enabled()
        inside(page).locator("#butNext").click()
        page.wait_for_timeout(150)
    save_and_close(page, course)
    data = json.loads(ScoRuntime.objects.get().data)
    assert (data["cmi.location"], data["cmi.exit"], data["cmi.progress_measure"]) == ("6", "suspend", "0.47")
    said: list[str] = []
    page.once("dialog", lambda dialog: said.append(dialog.message))
    resume(page)
    expect(inside(page).frame_locator("#contentFrame").locator("body")).to_contain_text("distract", ignore_case=True)
    assert said == ["Would you like to resume from where you previously left off?"]
    go_through(page, answers_right=False)
    save_and_close(page, course)
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.finished_at) == (Attempt.Status.FAILED, None)
    resume(page)
    go_through(page)
    finished(page)
    take_pictures(page, "golf-avancerad")
    inside(page).locator("#butExit").click()
    expect(page.locator("[data-notice=over]")).to_be_visible()
    attempt = Attempt.objects.get()
    assert (attempt.status, float(attempt.score or 0)) == (Attempt.Status.PASSED, 100.0)
    data = json.loads(ScoRuntime.objects.get().data)
    learnt = [f"cmi.objectives.{number}" for number in range(5) if f"cmi.objectives.{number}.score.raw" in data]
    # Which pages were seen the package does not keep: of etiquette, the first was seen before it was left.
    assert [data[f"{one}.completion_status"] for one in learnt] == ["incomplete", *["completed"] * 3]
    assert [float(data[f"{one}.score.scaled"]) for one in learnt] == [1] * 4
    answers = [value for key, value in data.items() if re.fullmatch(r"cmi\.interactions\.\d+\.result", key)]
    assert set(answers) == {"correct", "incorrect"}


def test_eighteen_parts_of_scorm_12_are_left_halfway_resumed_and_gone_through(page: Page, person: User) -> None:
    """Run-time calls at their least: each part says hello and goodbye, and counts as done."""
    course = begin(page, "RuntimeMinimumCalls_SCORM12.zip")
    names = page.locator("#status [data-item]").evaluate_all("all => all.map(one => one.dataset.item)")
    assert len(names) == 18
    for number, name in enumerate(names):
        expect(page.locator(f"#status [data-item={name}][aria-current]")).to_be_attached()
        expect(inside(page).locator("body")).to_be_attached()
        page.wait_for_timeout(300)
        if number == 8:
            save_and_close(page, course)
            assert Attempt.objects.get().status == Attempt.Status.STARTED
            resume(page)
            assert current(page) == name
            take_pictures(page, "golf-aderton")
        if number < 17:
            page.locator("[data-step=continue]").click()
    save_and_close(page, course)
    attempt = Attempt.objects.get()
    assert attempt.status == Attempt.Status.COMPLETED
    assert attempt.runtimes.filter(completion="completed").count() == 18


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("InvalidFileReferences_SCORM12.zip", "content/nonexistent.html"),
        ("ItemWithNonExistentResourceId_SCORM12.zip", "Item 1"),
        ("MalformedXml_SCORM12.zip", "rad "),
        ("MissingLaunchUrl_SCORM12.zip", "Test Item"),
    ],
)
def test_a_broken_package_is_refused_with_a_word_of_what_is_broken(
    page: Page, live_product: LiveProduct, name: str, said: str
) -> None:
    path = real_package(name)
    log_in(page, make_editor(), live_product)
    page.goto("/kursredaktion/ny/")
    page.get_by_label("SCORM-paket").set_input_files(path)
    page.locator("input[name=key]").fill("trasig")
    page.locator("input[name=minutes]").fill("30")
    page.get_by_role("button", name="Ladda upp").click()
    expect(page.locator(".error-summary")).to_contain_text(said)
    take_pictures(page, f"trasig-{name.partition('_')[0].lower()}")
    assert not Course.objects.exists()
