"""The frame, the components, log-in and the error pages in a real browser: axe, keyboard, no scripts, zoom, weight."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in, new_context
from tests.browser.pictures import take_pictures
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
PASSWORD = "ett-langt-losenord-for-prov"
ENTRANCE = ["login", "signup", "password/reset", "password/reset/done", "password/reset/key/1-fel", "inactive"]
ENTRANCE += ["password/reset/key/done"]
OWN = ["logout", "email", "password/change", "mfa", "reauthenticate", "mfa/totp/activate"]


@pytest.fixture
def person(transactional_db: None) -> User:
    return User.objects.create_user("test17", "test17@example.se", PASSWORD, first_name="Test", last_name="Testsson 17")


@pytest.fixture
def gallery(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.browser.gallery"


def assert_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.usefixtures("gallery")
@pytest.mark.parametrize("query", ["", "?fel"])
def test_every_component_is_accessible(page: Page, query: str) -> None:
    page.goto(f"/prov/{query}")
    take_pictures(page, f"komponenter{query.replace('?', '-')}")
    assert_accessible(page)
    page.set_viewport_size({"width": 320, "height": 600})  # a desk's screen at 400 % zoom
    assert_fits(page)


@pytest.mark.usefixtures("gallery")
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500", "503"])
def test_every_error_page_is_accessible(page: Page, name: str) -> None:
    page.goto(f"/prov/{name}/")
    take_pictures(page, f"fel-{name}")
    assert_accessible(page)
    expect(page.locator("h1")).to_have_count(1)


@pytest.mark.parametrize("where", ENTRANCE)
def test_every_page_before_log_in_is_accessible(page: Page, where: str) -> None:
    page.goto(f"/konto/{where}/")
    take_pictures(page, f"konto-{where.replace('/', '-')}")
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("where", OWN)
def test_every_page_of_ones_own_account_is_accessible(
    page: Page, live_product: LiveProduct, person: User, where: str
) -> None:
    log_in_by_form(page)
    page.goto(f"/konto/{where}/")
    take_pictures(page, f"konto-{where.replace('/', '-')}")
    assert_accessible(page)
    assert_fits(page)


def test_the_start_page_is_accessible_in_both_languages(page: Page, live_product: LiveProduct, person: User) -> None:
    log_in(page, person, live_product)
    page.goto("/mina-sidor/")
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    take_pictures(page, "mina-sidor")
    assert_accessible(page)
    page.set_viewport_size({"width": 320, "height": 600})
    assert_fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Test Testsson 17")
    assert_accessible(page)


def test_the_open_menus_are_accessible(page: Page, live_product: LiveProduct, person: User) -> None:
    log_in(page, person, live_product)
    page.goto("/mina-sidor/")
    page.get_by_text("Färger").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Mörkt")).to_be_hidden()


def test_a_keyboard_alone_logs_in(page: Page, person: User) -> None:
    page.goto("/konto/login/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Till innehållet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Användarnamn eller e-postadress")).to_be_focused()
    page.keyboard.type("test17")
    tab_to(page, page.get_by_label("Lösenord", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/mina-sidor/")


def test_a_keyboard_alone_reaches_everything_in_the_header_and_logs_out(
    page: Page, live_product: LiveProduct, person: User
) -> None:
    log_in(page, person, live_product)
    page.goto("/mina-sidor/")
    tab_to(page, page.locator("summary", has_text="Test Testsson 17"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Logga ut"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/mina-sidor/" not in url)
    page.goto("/mina-sidor/")
    expect(page.get_by_role("heading", name="Logga in", level=1)).to_be_visible()


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(page: Page, live_product: LiveProduct, person: User) -> None:
    log_in(page, person, live_product)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/mina-sidor/")
    button = page.get_by_role("button", name="Meny")
    menu = page.get_by_role("navigation", name="Huvudmeny")
    expect(menu).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(menu.get_by_role("link", name="Mina sidor")).to_be_visible()
    take_pictures(page, "meny-oppen")
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_without_scripts_one_logs_in_opens_the_menu_and_chooses_colours(
    live_product: LiveProduct, live_chromium: Browser, person: User
) -> None:
    phone = {"width": 390, "height": 844}
    context = new_context(live_chromium, live_product, java_script_enabled=False, viewport=phone)
    page = context.new_page()
    page.goto("/konto/login/")
    page.get_by_label("Användarnamn eller e-postadress").fill("test17")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url("**/mina-sidor/")
    page.get_by_role("link", name="Meny").click()
    expect(page.get_by_role("navigation", name="Huvudmeny")).to_be_visible()
    page.get_by_text("Färger").click()
    page.get_by_role("button", name="Mörkt").click()
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    context.close()


def test_the_choice_of_colours_holds_at_once_and_on_the_next_page(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/konto/login/")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_text("Färger").click()
    page.get_by_role("button", name="Mörkt").click()
    dark = page.evaluate(paper)
    assert dark != light
    page.goto("/konto/password/reset/", wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    assert page.evaluate(paper) == dark
    page.get_by_text("Färger").click()
    page.get_by_role("button", name="Som på min enhet").click()
    assert page.evaluate(paper) == light


def test_an_error_in_a_form_is_summed_up_focused_and_tied_to_its_field(page: Page) -> None:
    page.goto("/konto/login/")
    page.get_by_role("button", name="Logga in").click()
    summary = page.get_by_role("group", name="Något behöver rättas")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    field = page.get_by_label("Användarnamn eller e-postadress")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "id_login_error" in (field.get_attribute("aria-describedby") or "")


@pytest.mark.usefixtures("gallery")
def test_a_question_opens_as_a_dialog_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/prov/")
    opener = page.get_by_role("link", name="Återkalla")
    opener.click()
    dialog = page.get_by_role("dialog", name="Återkalla rätten att beställa?")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    dialog.get_by_role("button", name="Avbryt").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_first_view_weighs_at_most_100_kb(page: Page) -> None:
    page.goto("/konto/login/", wait_until="networkidle")
    weights = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map(entry => [entry.name, entry.decodedBodySize])"
    )
    assert len(weights) > 5
    # The test server does not compress; what production sends is measured by compressing the same files.
    assert sum(compressed(page, name) for name, _size in weights) <= 100_000


def compressed(page: Page, url: str) -> int:
    import gzip

    body = page.request.get(url).body()
    return len(body) if url.endswith(".woff2") else len(gzip.compress(body, 6))


def log_in_by_form(page: Page) -> None:
    page.goto("/konto/login/")
    page.get_by_label("Användarnamn eller e-postadress").fill("test17")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url("**/mina-sidor/")


def tab_to(page: Page, target: Any) -> None:
    """Press Tab until the focus is there, as one would; fail when it never comes."""
    for _press in range(40):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {target}")
