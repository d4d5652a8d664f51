"""Pages of the account that one reaches by doing something first: two-step log-in, new e-mail, a device, a provider."""

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.pictures import take_pictures
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
PASSWORD = "ett-langt-losenord-for-prov"


@pytest.fixture
def person(transactional_db: None) -> User:
    return User.objects.create_user("test17", "test17@example.se", PASSWORD, first_name="Test", last_name="Testsson 17")


def log_in_by_form(page: Page) -> None:
    page.goto("/konto/login/")
    page.get_by_label("Användarnamn eller e-postadress").fill("test17")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()


def look(page: Page, name: str) -> None:
    take_pictures(page, f"konto-{name}")
    assert_accessible(page)
    expect(page.locator("h1")).to_have_count(1)


def code_now(secret: str, which: int) -> str:
    """A code that is taken at this moment: the oldest (0) or the newest (-1), so that none is used twice."""
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[which])))


def test_two_step_log_in_from_beginning_to_end(page: Page, live_product: LiveProduct, person: User) -> None:
    log_in_by_form(page)
    page.wait_for_url("**/mina-sidor/")
    page.goto("/konto/mfa/totp/activate/")
    look(page, "visa-att-det-ar-du")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Bekräfta").click()
    look(page, "mfa-koppla")
    secret = page.get_by_label("Nyckel för kodappen").input_value()
    page.get_by_label("Kod från appen").fill("000000")
    page.get_by_role("button", name="Koppla").click()
    look(page, "mfa-fel-kod")
    page.get_by_label("Kod från appen").fill(code_now(secret, 0))
    page.get_by_role("button", name="Koppla").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reservkoder")
    look(page, "mfa-reservkoder")
    page.goto("/konto/mfa/")
    look(page, "mfa-oversikt")
    page.goto("/konto/mfa/recovery-codes/generate/")
    look(page, "mfa-nya-koder")
    page.goto("/konto/mfa/totp/deactivate/")
    look(page, "mfa-ta-bort")
    page.context.clear_cookies()
    log_in_by_form(page)
    page.wait_for_url("**/mfa/authenticate/")
    look(page, "mfa-inloggning")
    page.locator("#id_code").fill(code_now(secret, -1))
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url("**/mina-sidor/")


def test_a_forgotten_password_is_chosen_anew(page: Page, live_product: LiveProduct, person: User, mailbox: Any) -> None:
    page.goto("/konto/password/reset/")
    page.get_by_label("E-post").fill("test17@example.se")
    page.get_by_role("button", name="Skicka länken").click()
    look(page, "glomt-skickat")
    link = next(word for word in mailbox[0].body.split() if "/password/reset/key/" in word)
    page.goto(link)
    look(page, "glomt-nytt")
    for field in page.locator("main input[type=password]").all():
        field.fill("ett-annat-langt-losenord")
    page.get_by_role("button", name="Byt lösenord").click()
    page.wait_for_url("**/password/reset/key/done/")
    look(page, "glomt-klart")
    person.refresh_from_db()
    assert person.check_password("ett-annat-langt-losenord")


def test_the_pages_of_devices_and_log_out_by_a_client_are_accessible(
    page: Page, live_product: LiveProduct, person: User
) -> None:
    log_in_by_form(page)
    page.wait_for_url("**/mina-sidor/")
    for where in ("device", "logout", "authorize"):
        page.goto(f"/identity/o/{where}")
        look(page, f"klient-{where}")


@pytest.mark.parametrize("name", ["authentication_error", "login_cancelled"])
def test_the_pages_of_a_failed_log_in_by_a_provider_are_accessible(page: Page, settings: Any, name: str) -> None:
    settings.ROOT_URLCONF = "tests.browser.gallery"
    page.goto(f"/prov/socialaccount/{name}/")
    look(page, f"leverantor-{name}")


@pytest.fixture
def mailbox(settings: Any) -> Any:
    from django.core import mail

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox
