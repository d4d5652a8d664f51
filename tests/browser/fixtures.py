"""A real Chromium for the tests: nothing is fetched from outside, and errors in the page fail the test."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.live import LiveProduct
from tools.steps import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # Names outside this machine do not resolve, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def live_chromium() -> Iterator[Browser]:
    """The browser, one for the session."""
    from tests.conftest import lacking

    program = chromium()
    if not program:
        lacking("needs Chromium: install it, or name it in CHROMIUM")
    # Playwright's event loop lives in this thread, and Django then refuses the ORM here; no request runs in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class PageErrors(list[str]):
    """What the page complained of: exceptions in scripts, and everything the content policy stopped.

    A test that means to provoke one clears the list.
    """

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.append(message.text)

    def watch(self, page: Page) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.append(str(error)))


@pytest.fixture
def page_errors() -> Iterator[PageErrors]:
    errors = PageErrors()
    yield errors
    assert not errors, f"the page complained: {errors}"


def new_context(browser: Browser, product: LiveProduct, **options: Any) -> BrowserContext:
    """A browser of somebody's own: no cookies, Swedish, a desk's width unless `options` say otherwise."""
    values: dict[str, Any] = {
        "base_url": product.base_url,
        "locale": "sv-SE",
        "timezone_id": "Europe/Stockholm",
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }
    context = browser.new_context(**{**values, **options})
    context.set_default_timeout(30_000)  # patient: a busy machine is no fault of the page
    return context


@pytest.fixture
def page(live_product: LiveProduct, live_chromium: Browser, page_errors: PageErrors) -> Iterator[Page]:
    """A page of an anonymous visitor, at the product's address: `page.goto("/")`."""
    context = new_context(live_chromium, live_product)
    page = context.new_page()
    page_errors.watch(page)
    yield page
    context.close()


def log_in(page: Page, user: Any, product: LiveProduct) -> None:
    """Give the page's browser a session of `user`, without the log-in page (which has tests of its own)."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": product.base_url, "httpOnly": True}]
    )
