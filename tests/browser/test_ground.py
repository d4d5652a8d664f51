"""The browser reaches both origins."""

import pytest
from playwright.sync_api import Page

from tests.live import LiveProduct

pytestmark = pytest.mark.browser


def test_both_origins_answer_in_the_browser(page: Page, live_product: LiveProduct) -> None:
    answer = page.goto("/health/ready")
    assert answer is not None
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "cache": "ok"}
    content = page.goto(f"{live_product.content_origin}/health/live")
    assert content is not None
    assert content.status in {200, 404}
