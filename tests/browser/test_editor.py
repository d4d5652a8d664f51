"""An editor's day in a real browser: log in, publish a handbook page and a news item, see and find them."""

import re

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from cms.demo import load_site
from cms.models import HealthCareProductPage, NewsPage, ProductAreaPage
from cms.permissions import EDITOR_GROUP, ensure_editor_group
from lms.lib.actors import Machine
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
PASSWORD = "ett-langt-losenord-for-prov"


@pytest.fixture
def site(transactional_db: None) -> None:
    load_site(by=Machine("test"))


@pytest.fixture
def editor(site: None) -> User:
    user = User.objects.create_user(
        "redaktor", "redaktor@example.se", PASSWORD, first_name="Exempel", last_name="Exempelsson"
    )
    ensure_editor_group()
    user.groups.add(Group.objects.get(name=EDITOR_GROUP))
    return user


def log_in_to_the_admin(page: Page) -> None:
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/konto/login/"))
    page.get_by_label("Användarnamn eller e-postadress").fill("redaktor")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    expect(page).to_have_url(re.compile("/admin/$"))


def write(page: Page, field: str, words: str) -> None:
    """Write in a rich text editor of the admin, as one does."""
    editor = page.locator(f'[data-contentpath="{field}"] [contenteditable="true"]').first
    editor.scroll_into_view_if_needed()
    editor.click()
    editor.press_sequentially(words)
    # The editor hands the text to the form a moment after the last key.
    expect(page.locator(f'[data-contentpath="{field}"] input[name="{field}"]')).to_have_value(re.compile(words))


def publish(page: Page) -> None:
    page.get_by_role("button", name="Fler åtgärder").click()
    page.get_by_role("button", name="Publicera", exact=True).click()
    expect(page.get_by_text("publicerad").first).to_be_visible()


def test_an_editor_publishes_a_handbook_page_and_a_news_item_and_finds_them(
    page: Page, live_product: LiveProduct, editor: User
) -> None:
    log_in_to_the_admin(page)
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.get_by_text("Hjälpmedel i Västra Götaland").first).to_be_visible()

    area = ProductAreaPage.objects.get(slug="12-22-manuellt-drivna-rullstolar")
    page.goto(f"/admin/pages/add/cms/healthcareproductpage/{area.pk}/")
    page.get_by_role("textbox", name="Titel").fill("Sittvagnar för barn")
    page.get_by_role("textbox", name="ISO-kod").fill("12 27 07")
    page.get_by_role("textbox", name="Kodens utgåva").fill("SS-EN ISO 9999:2022")
    page.get_by_role("textbox", name="Ingress").fill("Vagnar för barn som inte kan gå längre sträckor.")
    write(page, "criteria", "Barnet kan inte gå längre sträckor.")
    write(page, "goal", "Barnet kan följa med familjen ut.")
    publish(page)

    news = NewsPage.objects.first()
    assert news is not None
    page.goto(f"/admin/pages/add/cms/newspage/{news.get_parent().pk}/")
    page.get_by_role("textbox", name="Titel").fill("Ny produktsida om sittvagnar")
    page.get_by_role("textbox", name="Datum").fill("2026-11-20")
    page.get_by_role("textbox", name="Ingress").fill("Handboken har fått en sida om sittvagnar.")
    publish(page)

    page.goto("/")
    expect(page.get_by_role("heading", name="Ny produktsida om sittvagnar")).to_be_visible()
    page.get_by_label("Vad letar du efter?").fill("sittvagnen")
    page.get_by_role("search", name="Sök i handböckerna och på webbplatsen").get_by_role("button").click()
    results = page.locator(".result")
    expect(results).to_have_count(2)
    page.get_by_role("link", name="Sittvagnar för barn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sittvagnar för barn")
    expect(page.get_by_role("heading", name="Kriterier")).to_be_visible()
    expect(page.get_by_text("Barnet kan följa med familjen ut.")).to_be_visible()
    assert_accessible(page)

    product = HealthCareProductPage.objects.get(title="Sittvagnar för barn")
    page.goto(f"/admin/pages/{product.pk}/unpublish/")
    page.get_by_role("button", name=re.compile("avpublicera", re.I)).click()
    page.goto("/sok/?q=sittvagn")
    expect(page.locator(".result")).to_have_count(1)


def test_a_preview_shows_a_draft_and_the_public_does_not(page: Page, live_product: LiveProduct, editor: User) -> None:
    log_in_to_the_admin(page)
    draft = NewsPage.objects.get(slug="uttag-i-sesamlmn")
    draft.title = "Ett utkast till rubrik"
    draft.save_revision()
    page.goto(f"/admin/pages/{draft.pk}/view_draft/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ett utkast till rubrik")
    page.goto(draft.get_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Ändrat för uttag i SesamLMN")
