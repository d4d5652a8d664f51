"""What an editor and a learner do with a course of lessons, by hand."""

from __future__ import annotations

import io

from django.core.management import call_command
from playwright.sync_api import Page, expect

from courses.models import Examination
from tests.browser.pictures import take_pictures
from tests.factories.lessons import form_for

REGIONAL, REGIONAL_TITLE = "regional-forskrivare", "Regional utbildning för förskrivare"
THOUGHT = "Att uppföljningen är mitt ansvar, och inte slut vid leveransen."


def load_regional_course(*, is_published: bool = True) -> None:
    """The regional course from its files, as an operator loads it; an editor may do the publishing."""
    words = [] if is_published else ["--draft"]
    call_command("load_lesson_course", REGIONAL, *words, stdout=io.StringIO())


def publish_by_hand(editor: Page, key: str) -> None:
    """The editor looks at the course's page in Wagtail, publishes it, and is told of the edition."""
    editor.goto(f"/kursredaktion/{key}/")
    editor.get_by_role("link", name="Test, och publicera").click()
    editor.wait_for_url("**/admin/pages/**/edit/")
    editor.get_by_role("button", name="Fler åtgärder").click()
    editor.get_by_role("button", name="Publicera", exact=True).click()
    expect(editor.locator(".messages")).to_contain_text("Utgåva 1 används från och med nu")
    editor.goto(f"/kursredaktion/{key}/")
    expect(editor.get_by_text("Publicerad, utgåva 1")).to_be_visible()


def take_lesson_course(learner: Page, title: str = REGIONAL_TITLE) -> None:
    """Start, write a thought, leave, come back to the same lesson, go through the rest, and pass the test."""
    learner.goto("/mina-kurser/")
    learner.get_by_role("link", name=title).first.click()
    learner.get_by_role("button", name="Starta kursen").click()
    learner.wait_for_url("**/lektion/**")
    done(learner)
    done(learner)
    here = learner.url
    learner.locator("textarea").fill(THOUGHT)
    learner.get_by_role("button", name="Spara det jag har skrivit").click()
    expect(learner.locator("textarea")).to_have_value(THOUGHT)
    take_pictures(learner, "lesson-halfway")

    learner.get_by_role("link", name="Fortsätt en annan gång").click()
    learner.get_by_role("link", name="Fortsätt").first.click()
    expect(learner.locator("textarea")).to_have_value(THOUGHT)
    assert learner.url == here
    while "/lektion/" in learner.url:
        done(learner)
    learner.get_by_role("button", name="Starta testet").click()
    learner.wait_for_url("**/test/1/")
    answer_all(learner, Examination.objects.get(submitted_at=None))
    take_pictures(learner, "knowledge-test")
    learner.get_by_role("button", name="Lämna in", exact=True).click()
    expect(learner.get_by_text("Du är godkänd")).to_be_visible()
    expect(learner.get_by_text("Kursen är klar och registrerad.")).to_be_visible()


def done(learner: Page) -> None:
    """Press *Klar, nästa*, and wait for the page that it leads to."""
    before = learner.url
    learner.get_by_role("button", name="Klar, ").click()
    learner.wait_for_url(lambda url: url != before)


def answer_all(learner: Page, examination: Examination, *, wrong: int = 0) -> None:
    """Fill in the form; what is right is known from the database, never from the page."""
    for name, values in form_for(examination, wrong=wrong).items():
        field = learner.locator(f"[name='{name}']")
        kind = field.first.evaluate("field => field.type")
        if kind in {"radio", "checkbox"}:
            for value in values:
                learner.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            field.select_option(values[0])
        else:
            field.fill(values[0])
