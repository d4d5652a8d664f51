"""Wagtail's admin works under its own content policy; the `page` fixture fails on anything the policy stops."""

import pytest
from playwright.sync_api import Page, expect
from wagtail.models import Site

from lms.users.models import User
from tests.browser.fixtures import log_in
from tests.live import LiveProduct

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(transactional_db: None) -> User:
    return User.objects.create_superuser("admin17", "admin17@example.se", "x", first_name="Admin", last_name="Testsson")


def test_an_editor_writes_looks_at_the_preview_and_publishes(
    page: Page, live_product: LiveProduct, editor: User
) -> None:
    log_in(page, editor, live_product)
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    root = Site.objects.get(is_default_site=True).root_page
    page.goto(f"/admin/pages/{root.pk}/")
    expect(page.locator("body")).to_contain_text(root.title)
    page.goto(f"/admin/pages/{root.pk}/edit/")
    page.locator("#id_title").fill("Välkommen till prov")
    page.locator("[data-side-panel-toggle=preview], [aria-label*=örhands]").first.click()
    expect(page.frame_locator("iframe").first.locator("h1").first).to_be_visible()
    page.locator("[data-drilldown-toggle], .w-dropdown__toggle").last.click()
    page.get_by_role("button", name="Publicera").first.click()
    expect(page.locator(".messages")).to_contain_text("publicera")
    root.refresh_from_db()
    assert root.title == "Välkommen till prov"


@pytest.mark.parametrize("where", ["images", "documents", "reports/site-history", "users", "settings", "account"])
def test_the_rest_of_the_admin_opens(page: Page, live_product: LiveProduct, editor: User, where: str) -> None:
    log_in(page, editor, live_product)
    answer = page.goto(f"/admin/{where}/")
    assert answer is not None
    assert answer.status in {200, 404}
    page.wait_for_load_state("networkidle")
