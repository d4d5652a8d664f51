"""Time limits of parts, kept in a real Chromium: the part is left, or goes on, and the learner is told or not."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from courses.models import ScoRuntime
from lms.users.models import User
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.courses.test_time_limits import limited_12, limited_2004
from tests.factories.competence import make_person
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PART = """<!doctype html><title>Prov</title><h1>Prov med tid</h1><script>
let at = window; while (!at.API && !at.API_1484_11 && at.parent !== at) at = at.parent;
const old = !!at.API, api = at.API || at.API_1484_11;
const set = (element, value) => old ? api.LMSSetValue(element, value) : api.SetValue(element, value);
old ? api.LMSInitialize("") : api.Initialize("");
set(old ? "cmi.core.lesson_status" : "cmi.completion_status", "incomplete");
set("cmi.suspend_data", "svar 1");
addEventListener("pagehide", () => { set("cmi.suspend_data", "svar 1 och 2");
  set(old ? "cmi.core.exit" : "cmi.exit", "time-out"); old ? api.LMSFinish("") : api.Terminate(""); });
</script>"""


@pytest.fixture
def person(live_product: LiveProduct, page: Page) -> User:
    person = make_person()
    log_in(page, person, live_product)
    return person


def begin(page: Page, data: bytes) -> None:
    course = make_course(data, title="Prov med tidsgräns")
    page.goto(f"/mina-kurser/{course.key}/")
    page.get_by_role("button", name="Starta kursen").click()
    expect(page.frame_locator("#frame").frame_locator("#content").get_by_role("heading")).to_be_attached()


@pytest.mark.parametrize("version", ["1.2", "2004"])
@pytest.mark.parametrize("action", ["exit,message", "exit,no message", "continue,message", "continue,no message"])
def test_when_the_time_is_up(page: Page, person: User, version: str, action: str) -> None:
    limited, longest = (limited_12, "00:00:02") if version == "1.2" else (limited_2004, "PT2S")
    begin(page, limited(action, longest, page=PART))
    exits, tells = action.startswith("exit"), action.endswith(",message")
    page.wait_for_timeout(3500)
    inside = page.frame_locator("#frame").frame_locator("#content").get_by_role("heading")
    expect(inside).to_have_count(0 if exits else 1)
    notice = page.get_by_text("Tiden för den här delen är slut")
    expect(notice).to_be_visible() if tells else expect(notice).to_be_hidden()
    if exits:
        take_pictures(page, f"spelaren-tid-{version}-{'sagt' if tells else 'tyst'}")
        data = json.loads(ScoRuntime.objects.get().data)
        assert data["cmi.suspend_data"] == "svar 1 och 2"  # its farewell was heard
        page.locator("#status [data-item=b]").click()
        expect(inside).to_be_attached()
    else:
        assert page.locator("#status [data-item=a]").get_attribute("aria-current")
