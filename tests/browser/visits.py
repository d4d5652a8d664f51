"""People at their browsers: everybody has one of their own, and logs in by the log-in page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from competence.demo.teller import PASSWORD
from tests.browser.fixtures import PageErrors, new_context
from tests.live import LiveProduct


@dataclass
class House:
    """The product with its visitors. Each visitor's page is watched for errors."""

    browser: Browser
    product: LiveProduct
    errors: PageErrors
    contexts: list[BrowserContext] = field(default_factory=list)

    def visitor(self) -> Page:
        """A page of somebody who has not logged in."""
        context = new_context(self.browser, self.product)
        self.contexts.append(context)
        page = context.new_page()
        self.errors.watch(page)
        return page

    def person(self, handle: str) -> Page:
        """A page of the demonstration's `handle`, logged in with user name and password."""
        page = self.visitor()
        log_in_by_hand(page, handle)
        return page


@contextmanager
def house(browser: Browser, product: LiveProduct, errors: PageErrors) -> Iterator[House]:
    opened = House(browser, product, errors)
    try:
        yield opened
    finally:
        for context in opened.contexts:
            context.close()


def log_in_by_hand(page: Page, handle: str) -> None:
    page.goto("/konto/login/")
    page.locator("input[name=login]").fill(handle)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form").filter(has=page.locator("input[name=password]")).get_by_role(
        "button", name="Logga in"
    ).click()
    page.wait_for_url("**/mina-sidor/")


def package(page: Page) -> FrameLocator:
    """The course package in the player: a document in the launcher, in the frame."""
    return page.frame_locator("#frame").frame_locator("#content")


def wait_until_saved(page: Page) -> None:
    expect(page.locator("#saving")).to_have_text("Allt är sparat")


def leave_course(page: Page) -> None:
    page.get_by_role("link", name="Spara och stäng").click()
    page.wait_for_url("**/mina-kurser/*/")
