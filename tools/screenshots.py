"""Takes the README's two pictures from the running demo: `make run` in one terminal, `make screenshots` in another.

Usage: python -m tools.screenshots      PORT=8000 by default
"""

from __future__ import annotations

import argparse
import json
import os

from playwright.sync_api import Browser, sync_playwright

from tests.browser.fixtures import FLAGS
from tools.run import DEMO
from tools.steps import ROOT, Stop, chromium, is_listening, say

FOLDER = ROOT / "docs" / "images"
# File, who looks, where.
PICTURES = [("start.png", None, "/"), ("my-eligibility.png", "prescriber_expiring", "/min-behorighet/")]


def take(browser: Browser, base_url: str, name: str, user: dict[str, str] | None, path: str) -> None:
    context = browser.new_context(
        base_url=base_url, locale="sv-SE", timezone_id="Europe/Stockholm", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    if user:
        page.goto("/konto/login/")
        page.fill("input[name=login]", user["username"])
        page.fill("input[name=password]", user["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/konto/login" not in url)
    answer = page.goto(path)
    if not answer or not answer.ok:
        raise Stop(f"{path} did not answer as it should: no picture taken.")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / name)
    context.close()
    say(f"{FOLDER.relative_to(ROOT)}/{name}")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    port, program = int(os.environ.get("PORT") or 8000), chromium()
    if not program:
        raise Stop("Chromium is needed (Debian: apt install chromium).")
    if not is_listening(port) or not DEMO.is_file():
        raise Stop(f"No demo on port {port}: start it with `make run` first.")
    users = json.loads(DEMO.read_text(encoding="utf-8"))["users"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for name, handle, path in PICTURES:
            take(browser, f"http://127.0.0.1:{port}", name, users[handle] if handle else None, path)
        browser.close()


if __name__ == "__main__":
    main()
