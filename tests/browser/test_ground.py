"""The browser reaches both origins."""

import contextlib

import pytest
from playwright.sync_api import Error, Page

from tests.live import LiveProduct

pytestmark = pytest.mark.browser


def test_both_origins_answer_in_the_browser(page: Page, live_product: LiveProduct) -> None:
    answer = page.goto("/health/ready")
    assert answer is not None
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "cache": "ok"}
    with page.expect_response(f"{live_product.content_origin}/health/live") as content, contextlib.suppress(Error):
        page.goto(f"{live_product.content_origin}/health/live")  # an empty 404 is an error to Chromium, but an answer
    assert content.value.status == 404
