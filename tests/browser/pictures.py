"""Pictures of a page to look at, in var/screenshots: a desk and a phone, light and dark. Taken when PICTURES is set."""

import os
from pathlib import Path

from playwright.sync_api import Page

from lms.env import VAR_DIR

FOLDER = VAR_DIR / "screenshots"
WIDTHS = (1280, 390)


def take_pictures(page: Page, name: str) -> list[Path]:
    """The whole page, four times; afterwards the page is as wide and as light as before."""
    if not os.environ.get("PICTURES"):
        return []
    before = page.viewport_size
    FOLDER.mkdir(parents=True, exist_ok=True)
    taken = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            path = FOLDER / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True)
            taken.append(path)
    page.emulate_media(color_scheme=None)
    if before:
        page.set_viewport_size(before)
    return taken
