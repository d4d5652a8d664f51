"""The pages of machine clients in a real browser: before axe, light and dark, on a desk and on a phone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Page

from competence.actions.client_secrets import rotate_secret
from competence.actions.harvesting import raise_alarm
from competence.actions.webhooks import create_webhook
from competence.harvesting import watch
from competence.models.client_activity import HarvestAlarm
from competence.models.webhook import Webhook
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.factories.competence import BUILDER, World, make_person, make_prescriber, make_world
from tests.factories.machine_clients import ApiClient, make_api_client
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
URL = "/maskinklienter/"


@pytest.fixture
def world(live_product: LiveProduct) -> World:
    """The organisation, committed, so that the server's threads see it."""
    return make_world()


@pytest.fixture
def keeper(world: World) -> User:
    person = make_person()
    person.groups.add(Group.objects.get(name="Samverkansfunktionen"))
    return person


@pytest.fixture
def api(world: World) -> ApiClient:
    """A client in every state at once: two secrets, look-ups, an alarm."""
    made = make_api_client(client_id="websesam")
    made.check(make_prescriber(world.clinic).hsa_id)
    made.check("SE2321000131-NOBODY")
    rotate_secret(client=made.client, by=BUILDER)
    watch()
    make_webhooks(made)
    raise_alarm(
        client=made.client, kind=HarvestAlarm.Kind.PEOPLE, starts_at=timezone.now(), counted=4812, expected=1000
    )
    return made


def make_webhooks(api: ApiClient) -> None:
    """One that works, one that fails, one that is parked."""
    for state, error in (("active", ""), ("active", "status 503"), ("parked", "no answer in time")):
        url = "http://127.0.0.1:9/hjalpmedel/behorighet/andringar-av-behorighet"
        webhook = create_webhook(client=api.client, url=url, description="Ändringar", by=BUILDER).webhook
        since = timezone.now() if error else None
        Webhook.objects.filter(pk=webhook.pk).update(
            state=state, last_error=error, failing_since=since, next_attempt_at=since, test_result="status 200"
        )


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_machine_clients_is_accessible(
    page: Page, live_product: LiveProduct, api: ApiClient, keeper: User, width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    log_in(page, keeper, live_product)
    webhook = Webhook.objects.all()[0]
    for path in (
        "",
        "ny/",
        *(f"klient/websesam/{one}" for one in ("", "andra/", "hemlighet/", "uppslag/", "stang-av/")),
        f"klient/websesam/webhook/{webhook.public_id}/pausa/",
    ):
        page.goto(URL + path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_a_client_is_admitted_renewed_and_shut_out(page: Page, live_product: LiveProduct, keeper: User) -> None:
    log_in(page, keeper, live_product)
    page.goto(URL)
    assert_accessible(page)
    page.get_by_role("link", name="Ny klient").click()
    page.get_by_role("button", name="Släpp in klienten").click()
    assert_accessible(page)  # with its errors
    page.get_by_label("Namn").fill("Nytt system")
    page.get_by_label("Fråga vem som får beställa").check()
    page.get_by_role("button", name="Släpp in klienten").click()
    assert_accessible(page)
    first = page.locator("code.secret").inner_text()
    page.get_by_role("link", name="Jag har lagt undan den").click()
    assert first not in page.content()
    page.get_by_role("link", name="Ny hemlighet").click()
    page.get_by_role("button", name="Gör en ny hemlighet").click()
    assert page.locator("code.secret").inner_text() != first
    assert_accessible(page)
    page.get_by_role("link", name="Jag har lagt undan den").click()
    page.get_by_role("link", name="Stäng av klienten").click()
    page.get_by_role("button", name="Stäng av klienten").click()
    assert "Avstängd" in page.inner_text("main")
