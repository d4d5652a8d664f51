"""A course package, from the editor's upload to the recorded completion: our own package, and one that nobody here
wrote."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from courses.scorm.demo import build_demo_package
from lms.env import BASE_DIR
from tests.browser.fixtures import PageErrors
from tests.browser.pictures import take_pictures
from tests.browser.visits import House, house, leave_course, package, wait_until_saved
from tests.live import LiveProduct

pytestmark = pytest.mark.browser

RUNTIME_BASIC_CALLS = BASE_DIR.parent / "shared" / "packages" / "RuntimeBasicCalls_SCORM12.zip"
KEY = "regional-forskrivare"


@pytest.fixture
def demo_people(transactional_db: None) -> None:
    """The organisation, the rules and the cast, loaded by the operator's commands; no course is held here yet."""
    for command, *words in (
        ("load_organisation",),
        ("register_courses",),
        (
            "publish_rules",
            str(BASE_DIR / "competence/rules/vastra_gotaland.yaml"),
            "--in-force-from=2023-01-01",
            "--reason=Början",
        ),
        ("load_demo_people", "--cast-only"),
        ("load_demo_clients",),
    ):
        call_command(command, *words, stdout=io.StringIO())


@pytest.fixture
def visitors(
    live_product: LiveProduct, live_chromium: Browser, page_errors: PageErrors, demo_people: None
) -> Iterator[House]:
    with house(live_chromium, live_product, page_errors) as opened:
        yield opened


def upload(editor: Page, path: Path, *, key: str, title: str) -> None:
    """The editor uploads the package as a new course, and publishes it."""
    editor.goto("/mina-sidor/")
    editor.get_by_role("link", name="Kursredaktion").first.click()
    editor.get_by_role("link", name="Ladda upp en kurs").first.click()
    editor.get_by_label("SCORM-paket").set_input_files(path)
    editor.get_by_label("Titel").fill(title)
    editor.locator("input[name=key]").fill(key)
    editor.locator("input[name=minutes]").fill("45")
    editor.get_by_role("button", name="Ladda upp").click()
    editor.wait_for_url(f"**/kursredaktion/{key}/")
    editor.get_by_role("button", name="Publicera").click()
    expect(editor.get_by_text("Publicerad, utgåva 1")).to_be_visible()


def let_the_result_count(admin: Page, key: str) -> None:
    """The administrator decides that the package's own result counts."""
    admin.goto(f"/kursredaktion/{key}/resultat/")
    admin.locator("select[name=is_trusted]").select_option("yes")
    admin.locator("textarea[name=reason]").fill("Kursen slutar med ett kunskapstest.")
    admin.locator("main form button[type=submit]").last.click()
    admin.wait_for_url(f"**/kursredaktion/{key}/")


def start_course(learner: Page, title: str) -> None:
    learner.goto("/mina-kurser/")
    learner.get_by_role("link", name=title).first.click()
    learner.get_by_role("button", name="Starta kursen").click()
    learner.wait_for_url("**/spela/")


def continue_course(learner: Page) -> None:
    learner.get_by_role("link", name="Fortsätt").click()
    learner.wait_for_url("**/spela/")


def test_our_own_package_is_taken_left_resumed_and_recorded_at_once(visitors: House, tmp_path: Path) -> None:
    path = tmp_path / "regional.zip"
    path.write_bytes(build_demo_package())
    upload(visitors.person("editor"), path, key=KEY, title="Regional utbildning för förskrivare")
    let_the_result_count(visitors.person("admin"), KEY)
    take_own_course(visitors.person("prescriber_new"))


def take_own_course(learner: Page) -> None:
    """Start, leave halfway, come back to the same page, finish with all right, and see it recorded as it stands."""
    start_course(learner, "Regional utbildning för förskrivare")
    course = package(learner)
    expect(course.get_by_role("heading", level=1)).to_have_text("Regional utbildning för förskrivare")
    for heading in ("Regelverk: handboken visar vägen", "Avtal och överenskommelser"):
        course.get_by_role("button", name="Nästa").click()
        expect(course.get_by_role("heading", level=1)).to_have_text(heading)
    wait_until_saved(learner)
    take_pictures(learner, "course-halfway")
    leave_course(learner)

    continue_course(learner)
    course = package(learner)
    expect(course.get_by_role("heading", level=1)).to_have_text("Avtal och överenskommelser")
    expect(course.locator("#place")).to_have_text("3 av 7")
    for _page in range(3):
        course.get_by_role("button", name="Nästa").click()
    course.get_by_role("button", name="Till testet").click()
    for question, answer in {
        "vem-far": 1,
        "vem-utser": 2,
        "huvudman": 0,
        "ansokan": 0,
        "inaktiv": 1,
        "samverkan": 2,
    }.items():
        course.locator(f"input[name={question}][value='{answer}']").check()
    course.get_by_role("button", name="Rätta mina svar").click()
    expect(course.get_by_text("Du hade 6 rätt av 6.")).to_be_visible()
    # Nothing is loaded anew: the page learns of it as it stands.
    expect(learner.locator("#status [data-finished=yes]")).to_be_visible()
    expect(learner.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
    assert learner.url.endswith("/spela/")


def test_a_package_that_nobody_here_wrote_goes_the_same_way(visitors: House) -> None:
    if not RUNTIME_BASIC_CALLS.is_file():
        pytest.skip("../shared/packages/RuntimeBasicCalls_SCORM12.zip is not here: only our own package was tried")
    upload(visitors.person("editor"), RUNTIME_BASIC_CALLS, key=KEY, title="Golf Explained")
    let_the_result_count(visitors.person("admin"), KEY)
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
