"""What an editor, an administrator and a learner do with a web course, by hand."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.pictures import take_pictures
from tests.browser.visits import leave_course, package, wait_until_saved

REGIONAL, REGIONAL_TITLE = "regional-forskrivare", "Regional utbildning för förskrivare"


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
    admin.goto(f"/kursredaktion/{key}/installningar/eget-resultat/")
    admin.locator("select[name=is_trusted]").select_option("yes")
    admin.locator("textarea[name=reason]").fill("Kursen slutar med ett kunskapstest.")
    admin.locator("main form button[type=submit]").last.click()
    admin.wait_for_url(f"**/kursredaktion/{key}/installningar/")


def start_course(learner: Page, title: str) -> None:
    learner.goto("/mina-kurser/")
    learner.get_by_role("link", name=title).first.click()
    learner.get_by_role("button", name="Starta kursen").click()
    learner.wait_for_url("**/spela/")


def continue_course(learner: Page) -> None:
    learner.get_by_role("link", name="Fortsätt").click()
    learner.wait_for_url("**/spela/")


def opened_package(learner: Page) -> FrameLocator:
    """Our own package, once it shows its page: until its style is there, all pages would be seen."""
    course = package(learner)
    expect(course.locator(".page.open")).to_have_count(1)
    return course


def take_own_course(learner: Page) -> None:
    """Start, leave halfway, come back to the same page, finish with all right, and see it recorded as it stands."""
    start_course(learner, REGIONAL_TITLE)
    course = opened_package(learner)
    expect(course.get_by_role("heading", level=1)).to_have_text(REGIONAL_TITLE)
    for heading in ("Regelverk: handboken visar vägen", "Avtal och överenskommelser"):
        course.get_by_role("button", name="Nästa").click()
        expect(course.get_by_role("heading", level=1)).to_have_text(heading)
    wait_until_saved(learner)
    take_pictures(learner, "course-halfway")
    leave_course(learner)

    continue_course(learner)
    course = opened_package(learner)
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
