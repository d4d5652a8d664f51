"""Three ways to use a browser: with a finger, with the keyboard alone, and without JavaScript."""

from __future__ import annotations

import re
from typing import Protocol

from playwright.sync_api import Page, expect

from courses.models import Examination
from tests.factories.lessons import form_for


class Hand(Protocol):
    """How somebody presses what they see, and fills in a form."""

    page: Page

    def press(self, name: str, *, stays: bool = False) -> None:
        """Press the link or button whose words begin with `name`, and wait for the page that it leads to; `stays`: it
        has the same address."""

    def write(self, field: str, text: str) -> None:
        """Write into the field of that name."""

    def answer(self, examination: Examination) -> None:
        """Answer all questions rightly: what is right is known from the database, never from the page."""


class Finger:
    """Taps on a phone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, name: str, *, stays: bool = False) -> None:
        before = self.page.url
        self._find(name).tap()
        self.page.wait_for_url(lambda url: stays or url != before)

    def write(self, field: str, text: str) -> None:
        self.page.locator(f"[name='{field}']").fill(text)

    def answer(self, examination: Examination) -> None:
        for name, values in form_for(examination).items():
            for value in values:
                choice = self.page.locator(f"input[name='{name}'][value='{value}']")
                if choice.count() and choice.get_attribute("type") in {"radio", "checkbox"}:
                    choice.check()
                elif self.page.locator(f"select[name='{name}']").count():
                    self.page.locator(f"select[name='{name}']").select_option(value)
                else:
                    self.page.locator(f"input[name='{name}']").fill(value)

    def _find(self, name: str):  # type: ignore[no-untyped-def]
        words = re.compile(rf"^\s*{re.escape(name)}")
        main = self.page.locator("main")
        return main.get_by_role("button", name=words).or_(main.get_by_role("link", name=words)).first


class Mouse(Finger):
    """Clicks, where taps are not known: in a browser without JavaScript."""

    def press(self, name: str, *, stays: bool = False) -> None:
        before = self.page.url
        self._find(name).click()
        self.page.wait_for_url(lambda url: stays or url != before)


class Keys:
    """Tab, Enter, Space, arrows and letters, and nothing else."""

    STEPS = 250

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, name: str, *, stays: bool = False) -> None:
        before = self.page.url
        self._go_to("document.activeElement.innerText.trim()", lambda text: text.startswith(name), name)
        expect(self.page.locator(":focus")).to_be_in_viewport()
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: stays or url != before)

    def write(self, field: str, text: str) -> None:
        self._go_to("document.activeElement.name", lambda name: name == field, field)
        self.page.keyboard.type(text)

    def answer(self, examination: Examination) -> None:
        for name, values in form_for(examination).items():
            self._go_to("document.activeElement.name", lambda found, wanted=name: found == wanted, name)
            self._fill(name, values)

    def _fill(self, name: str, values: list[str]) -> None:
        keys, kind = self.page.keyboard, self.page.evaluate("document.activeElement.type")
        if kind == "radio":
            keys.press("Space")
            for _step in range(int(values[0])):
                keys.press("ArrowDown")
        elif kind == "checkbox":
            boxes = self.page.locator(f"[name='{name}']").count()
            for place in range(boxes):
                if str(place) in values:
                    keys.press("Space")
                if place < boxes - 1:
                    keys.press("Tab")
        elif kind == "select-one":
            there = f"[...document.activeElement.options].findIndex(one => one.value === '{values[0]}')"
            for _step in range(self.page.evaluate(there)):
                keys.press("ArrowDown")
        else:
            keys.type(values[0])

    def _go_to(self, what: str, is_it, name: str) -> None:  # type: ignore[no-untyped-def]
        for _step in range(self.STEPS):
            if is_it(self.page.evaluate(f"(document.activeElement && {what}) || ''")):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way to {name} by Tab")
