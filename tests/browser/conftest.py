"""The product with people in it, and their browsers."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser

from lms.env import BASE_DIR
from tests.browser.fixtures import PageErrors
from tests.browser.visits import House, house
from tests.live import LiveProduct


@pytest.fixture
def demo_people(transactional_db: None) -> None:
    """The organisation, the rules and the cast, loaded by the operator's commands; no course is held here yet."""
    for command, *words in (
        ("load_organisation",),
        ("register_courses",),
        (
            "publish_rules",
            str(BASE_DIR / "competence/rules/vastra_gotaland.yaml"),
            "--in-force-from=2023-01-01",
            "--reason=Början",
        ),
        ("load_demo_people", "--cast-only"),
        ("load_demo_clients",),
    ):
        call_command(command, *words, stdout=io.StringIO())


@pytest.fixture
def visitors(
    live_product: LiveProduct, live_chromium: Browser, page_errors: PageErrors, demo_people: None
) -> Iterator[House]:
    with house(live_chromium, live_product, page_errors) as opened:
        yield opened
