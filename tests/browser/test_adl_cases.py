"""ADL's SCORM 2004 4th edition LMS test, all cases by one learner in the player. Long: some twenty minutes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from courses.models import Course
from tests.adl import suite
from tests.adl.browser_run import BrowserRun
from tests.browser.fixtures import log_in
from tests.factories.competence import make_person
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_cases_of_adls_test_in_the_player(page: Page, live_product: LiveProduct) -> None:
    """`ADL_CASES`: only those whose names begin so, with commas between. `ADL_RESULTS`: a file for the outcomes."""
    cases = suite()
    log_in(page, make_person(), live_product)
    page.on("dialog", lambda dialog: dialog.accept())
    wanted = tuple(filter(None, os.environ.get("ADL_CASES", "").split(",")))
    outcomes: dict[str, list[str]] = {}

    def make(data: bytes, name: str) -> Course:
        return make_course(data, title=name)

    for name in cases.names():
        if not wanted or name.startswith(wanted):
            outcomes[name] = BrowserRun(cases, cases.case(name), page, make).run()
            if results := os.environ.get("ADL_RESULTS"):
                Path(results).write_text(json.dumps(outcomes, indent=1), encoding="utf-8")
    assert {name: problems for name, problems in outcomes.items() if problems} == {}
