"""axe-core on a page: WCAG 2.2 A and AA, and axe's best practices."""

from typing import Any

from playwright.sync_api import Page

from lms.env import BASE_DIR

SOURCE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def violations(page: Page, *, also: dict[str, Any] | None = None) -> list[str]:
    """What axe finds wrong on the page as it is now, a line for each element: the rule, why, and where.

    axe is evaluated by the debugger, not put into the page as a script, so the content policy stays as it is.
    `also`: further options of `axe.run`.
    """
    page.evaluate(SOURCE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], **(also or {})}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail with what axe finds, at both widths, light and dark."""
    before = page.viewport_size
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for dark in (False, True):
            page.emulate_media(color_scheme="dark" if dark else "light")
            found = violations(page)
            assert not found, f"{page.url} at {width} px, {'dark' if dark else 'light'}:\n" + "\n".join(found)
    page.emulate_media(color_scheme=None)
    if before:
        page.set_viewport_size(before)
