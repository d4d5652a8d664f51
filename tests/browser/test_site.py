"""The public site in a real browser: every template with axe, at both widths, light and dark; fits; no scripts."""

import io
import json

import pytest
from django.core.files.images import ImageFile
from PIL import Image as Picture
from playwright.sync_api import Browser, Page, expect

from cms.checks import page_types
from cms.demo import load_site
from cms.models import ContentPage, HealthCareProductPage, SiteImage, StartPage
from lms.lib.actors import Machine
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import new_context
from tests.browser.pictures import take_pictures
from tests.factories.courses import make_course
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
SEARCHES = ["", "?q=rollator", "?q=rolator", "?q=finnsintealls", "?q=hj%C3%A4lpmedel&sida=2"]


@pytest.fixture
def site(transactional_db: None) -> None:
    load_site(by=Machine("test"))


def assert_fits(page: Page) -> None:
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_every_kind_of_page_is_accessible_and_fits(page: Page, live_product: LiveProduct, site: None) -> None:
    for model in page_types():
        found = model.objects.live().first()
        assert found is not None
        page.goto(found.get_url())
        expect(page.locator("h1")).to_have_count(1)
        take_pictures(page, f"webbplats-{model.__name__.lower()}")
        assert_accessible(page)
        assert_fits(page)


def test_the_courses_of_a_site_without_a_page_about_them_are_accessible(page: Page, live_product: LiveProduct) -> None:
    page.goto("/kurser/")
    expect(page.get_by_text("Det finns inga kurser att gå just nu")).to_be_visible()
    take_pictures(page, "kurser-inga")
    assert_accessible(page)
    make_course(title="Hjälpmedel i hemmet")
    page.goto("/kurser/")
    expect(page.get_by_role("link", name="Hjälpmedel i hemmet")).to_be_visible()
    take_pictures(page, "kurser")
    assert_accessible(page)
    assert_fits(page)


def test_the_search_is_accessible_in_every_state(page: Page, live_product: LiveProduct, site: None) -> None:
    for number, query in enumerate(SEARCHES):
        page.goto(f"/sok/{query}")
        take_pictures(page, f"sok-{number}")
        assert_accessible(page)
        assert_fits(page)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves its spool file open
def test_every_kind_of_block_is_accessible_and_an_image_is_shown(
    page: Page, live_product: LiveProduct, site: None
) -> None:
    out = io.BytesIO()
    Picture.new("RGB", (1600, 900), "teal").save(out, "PNG")
    picture = SiteImage.objects.create(title="Bild", file=ImageFile(out, name="bild.png"))
    blocks = [
        ("heading", "Rubrik"),
        ("text", "<p>Text med <b>fetstil</b>.</p><h3>Underrubrik</h3><ul><li>Punkt</li></ul>"),
        ("alert", {"kind": "danger", "heading": "Säkerhet", "text": "<p>Text</p>"}),
        ("alert", {"kind": "warning", "heading": "Viktigt", "text": "<p>Text</p>"}),
        ("figure", {"image": picture.pk, "alt_text": "En blå yta", "caption": "Bildtext"}),
        ("contact", {"name": "Funktionen", "role": "Frågor", "email": "a@example.se", "phone": "010", "hours": "8–16"}),
        ("links", {"heading": "Länkar", "links": [{"url": "https://www.example.se/", "text": "En annan webbplats"}]}),
        ("accordion", {"items": [{"heading": "Fråga", "text": "<p>Svar</p>"}]}),
    ]
    block_page = ContentPage(
        title="Alla block", slug="alla-block", body=json.dumps([{"type": t, "value": v} for t, v in blocks])
    )
    StartPage.objects.get().add_child(instance=block_page)
    page.goto("/alla-block/")
    shown = page.get_by_role("img", name="En blå yta")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_attribute("loading", "lazy")
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("image => image.naturalWidth") > 0
    assert ".webp" in (shown.get_attribute("src") or "")
    page.get_by_text("Fråga").click()
    assert_accessible(page)
    assert_fits(page)


def test_the_site_is_read_and_searched_without_scripts_and_printed(
    live_product: LiveProduct, live_chromium: Browser, site: None
) -> None:
    context = new_context(live_chromium, live_product, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Vad letar du efter?").fill("vastra gotaland")
    page.get_by_role("search", name="Sök i handböckerna och på webbplatsen").get_by_role("button").click()
    expect(page.get_by_role("link", name="Hjälpmedel i Västra Götaland").first).to_be_visible()
    product = HealthCareProductPage.objects.get(slug="12-06-06-rollatorer")
    page.goto(product.get_url())
    page.get_by_role("navigation", name="På den här sidan").get_by_role("link", name="Mål").click()
    expect(page.get_by_role("heading", name="Mål")).to_be_in_viewport()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="På den här sidan")).to_be_hidden()
    expect(page.get_by_role("heading", name="Kriterier")).to_be_visible()
    context.close()


def test_in_english_the_frame_is_english_and_the_content_stays(
    page: Page, live_product: LiveProduct, site: None
) -> None:
    page.goto("/nyheter/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Subscribe to the news (Atom)")).to_be_visible()
    assert_accessible(page)
