"""The API's pages for developers, in a real browser: reachable by their contents, and readable everywhere."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import assert_accessible
from tests.browser.pictures import take_pictures
from tests.browser.test_site import assert_fits
from tests.live import LiveProduct

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_is_accessible_and_fits(page: Page, live_product: LiveProduct, language: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_product.base_url}])
    page.goto("/api/v1/docs")

    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_have_count(1)
    take_pictures(page, f"api-{language}")
    assert_accessible(page)
    assert_fits(page)
    for details in page.locator("details.more").all():
        details.evaluate("element => { element.open = true }")
    assert_fits(page)


def test_the_contents_lead_to_each_part(page: Page, live_product: LiveProduct) -> None:
    page.goto("/api/v1/docs")
    page.get_by_role("link", name="När något går fel").click()

    expect(page.get_by_role("heading", name="När något går fel")).to_be_in_viewport()
    assert page.url.endswith("#errors")


def test_on_paper_the_examples_are_whole(page: Page, live_product: LiveProduct) -> None:
    page.goto("/api/v1/docs")
    page.emulate_media(media="print")

    assert page.locator("pre.code").first.evaluate("element => getComputedStyle(element).whiteSpace") == "pre-wrap"
    expect(page.locator(".site-header")).to_be_hidden()
