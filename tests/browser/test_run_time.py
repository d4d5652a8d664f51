"""The run-time API of SCORM 2004 as a package meets it in a real Chromium, where the run-time book is easily missed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import log_in
from tests.courses.packages import HEAD_2004, manifest, zip_of
from tests.factories.competence import make_person
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PART = """<!doctype html><title>Del</title><h1>Del</h1><script>
let at = window; while (!at.API_1484_11 && at.parent !== at) at = at.parent;
const api = at.API_1484_11; api.Initialize("");
window.calls = (list) => list.map(([element, value]) => {
  const result = value === undefined ? api.GetValue(element) : api.SetValue(element, value);
  return [result, api.GetLastError()]; });
</script>"""


@pytest.fixture
def part(page: Page, live_product: LiveProduct) -> Any:
    """A part that is open; a function that makes calls in it, and one that leaves it and resumes."""
    log_in(page, make_person(), live_product)
    course = make_course(zip_of({"imsmanifest.xml": manifest(head=HEAD_2004), "index.html": PART}))
    page.goto(f"/mina-kurser/{course.key}/")
    page.get_by_role("button", name="Starta kursen").click()

    def calls(*asked: tuple[str, ...]) -> list[list[str]]:
        expect(page.frame_locator("#frame").frame_locator("#content").get_by_role("heading")).to_be_attached()
        frame = next(frame for frame in page.frames if frame.url.endswith("/index.html"))
        answers: list[list[str]] = frame.evaluate("list => calls(list)", [list(one) for one in asked])
        return answers

    def resume() -> None:
        page.get_by_role("link", name="Spara och stäng").click()
        page.wait_for_url(f"**/mina-kurser/{course.key}/")
        page.goto(f"/mina-kurser/{course.key}/spela/")

    return calls, resume


def test_a_long_list_is_all_there_when_the_part_is_resumed(part: Any) -> None:
    calls, resume = part
    calls(*((f"cmi.comments_from_learner.{number}.comment", f"nr {number}") for number in range(25)))
    calls(("cmi.interactions.0.id", "q"), ("cmi.interactions.0.type", "choice"))
    calls(*((f"cmi.interactions.0.objectives.{number}.id", f"mål-{number}") for number in range(12)))
    resume()
    assert calls(
        ("cmi.comments_from_learner._count",),
        ("cmi.comments_from_learner.24.comment",),
        ("cmi.interactions.0.objectives._count",),
        ("cmi.interactions.0.objectives.11.id",),
    ) == [["25", "0"], ["nr 24", "0"], ["12", "0"], ["mål-11", "0"]]


def test_what_was_emptied_is_empty_and_what_was_written_anew_is_new(part: Any) -> None:
    calls, resume = part
    assert calls(("cmi.location",), ("cmi.location", "7"), ("cmi.location", ""), ("cmi.location",)) == [
        ["", "403"], ["true", "0"], ["true", "0"], ["", "0"]
    ]  # fmt: skip
    written = calls(
        ("cmi.interactions.0.id", "first"),
        ("cmi.interactions.0.type", "fill-in"),
        ("cmi.interactions.0.learner_response", ""),
        ("cmi.interactions.0.id", "second"),
        ("cmi.interactions.1.id", "second"),
        ("cmi.interactions.1.timestamp", "2026-11-22T12:00:00.123Z"),
    )
    assert written == [["true", "0"]] * 6
    resume()
    asked = ("cmi.location", "cmi.interactions.0.id", "cmi.interactions.0.learner_response", "cmi.interactions.1.id")
    assert calls(*((one,) for one in asked)) == [["", "0"], ["second", "0"], ["", "0"], ["second", "0"]]


def test_what_is_refused_has_the_books_reason_and_leaves_no_trace(part: Any) -> None:
    calls, _resume = part
    assert calls(
        ("cmi.objectives", "x"), ("cmi.objectives",), ("cmi", "x"), ("cmi.objectives.0", "x"),
        ("cmi.objectives.0.success_status", "passed"), ("cmi.objectives._count",), ("cmi.objectives.0.id",),
        ("cmi.interactions.0.result", "correct"), ("cmi.interactions.2.id", "q"), ("cmi.interactions._count",),
        ("cmi.session_time", "P1DT"), ("cmi.objectives.0.id", "urn:"), ("adl.data.0.store", "x"),
    ) == [
        ["false", "401"], ["", "401"], ["false", "401"], ["false", "401"],
        ["false", "408"], ["0", "0"], ["", "301"],
        ["false", "408"], ["false", "351"], ["0", "0"],
        ["false", "406"], ["false", "406"], ["false", "351"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("true-false", ["true"], ["ja", "", "true[,]false"]),
        ("choice", ["", "a[,]b", "Ett helt svar"], ["a[,]a", "[,]", "{a}"]),
        ("fill-in", ["", "{case_matters=true}{order_matters=false}{lang=sv}Ett[,]{lang=en}Two"],
         ["{case_matters=ja}x", "{lang=exg}x"]),
        ("long-fill-in", ["{lang=sv}En lång text"], ["{case_matters=1}x"]),
        ("likert", ["instämmer"], ["a[,]b"]),
        ("matching", ["a[.]1[,]b[.]2"], ["a", "a[.]"]),
        ("performance", ["{order_matters=false}steg[.]svar[,][.]bara svar"], ["steg", "[.]"]),
        ("sequencing", ["a[,]b[,]a"], ["[,]"]),
        ("numeric", ["1[:]2.5", "[:]3"], ["3[:]1", "1,5"]),
        ("other", ["{}{[]}{}"], []),
    ],
)  # fmt: skip
def test_answers_have_the_form_that_their_type_has(part: Any, kind: str, right: list[str], wrong: list[str]) -> None:
    calls, _resume = part
    calls(("cmi.interactions.0.id", "q"), ("cmi.interactions.0.type", kind))
    pattern = "cmi.interactions.0.correct_responses.0.pattern"
    for value in right:
        assert calls((pattern, value), (pattern,)) == [["true", "0"], [value, "0"]]
    for value in wrong:
        assert calls((pattern, value), (pattern,)) == [["false", "406"], [right[-1], "0"]]
