"""A course package, from the editor's upload to the recorded completion: our own package, and one that nobody here
wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from courses.scorm.demo import build_demo_package
from lms.env import BASE_DIR
from tests.browser.course_by_hand import (
    REGIONAL,
    REGIONAL_TITLE,
    continue_course,
    let_the_result_count,
    start_course,
    take_own_course,
    upload,
)
from tests.browser.visits import House, leave_course, package

pytestmark = pytest.mark.browser

RUNTIME_BASIC_CALLS = BASE_DIR.parent / "shared" / "packages" / "RuntimeBasicCalls_SCORM12.zip"


def test_our_own_package_is_taken_left_resumed_and_recorded_at_once(visitors: House, tmp_path: Path) -> None:
    path = tmp_path / "regional.zip"
    path.write_bytes(build_demo_package())
    upload(visitors.person("editor"), path, key=REGIONAL, title=REGIONAL_TITLE)
    let_the_result_count(visitors.person("admin"), REGIONAL)
    take_own_course(visitors.person("prescriber_new"))


def test_a_package_that_nobody_here_wrote_goes_the_same_way(visitors: House) -> None:
    if not RUNTIME_BASIC_CALLS.is_file():
        pytest.skip("../shared/packages/RuntimeBasicCalls_SCORM12.zip is not here: only our own package was tried")
    upload(visitors.person("editor"), RUNTIME_BASIC_CALLS, key=REGIONAL, title="Golf Explained")
    let_the_result_count(visitors.person("admin"), REGIONAL)
    learner = visitors.person("prescriber_new")
    learner.on("dialog", lambda dialog: dialog.accept())  # it asks whether to resume
    start_course(learner, "Golf Explained")
    for _page in range(5):
        package(learner).locator("#butNext").click()
    expect(package(learner).frame_locator("#contentFrame").locator("h1, h2").first).to_contain_text("Etiquette")
    leave_course(learner)

    continue_course(learner)
    expect(package(learner).frame_locator("#contentFrame").locator("h1, h2").first).to_contain_text("Etiquette")
    for _page in range(9):
        package(learner).locator("#butNext").click()
    expect(package(learner).locator("#butNext")).to_be_disabled()
    package(learner).locator("#butExit").click()
    expect(learner.locator("#status [data-finished=yes]")).to_be_visible()
    expect(learner.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
