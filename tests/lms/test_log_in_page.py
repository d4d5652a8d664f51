"""What the log-in page offers."""

from typing import Any

import pytest
from django.test import Client

from lms.users.adapter import SocialAccountAdapter


class CardProvider:
    """An identity provider as the page sees one."""

    id, name, uses_apps, app = "siths", "SITHS", False, None
    supports_redirect = True

    def get_login_url(self, request: Any, **query: str) -> str:
        return "/konto/siths/login/"


@pytest.mark.django_db
def test_the_card_is_offered_only_where_a_provider_is_configured(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "e-tjänstekort" not in client.get("/konto/login/").content.decode()
    monkeypatch.setattr(SocialAccountAdapter, "list_providers", lambda *_args: [CardProvider()])
    page = client.get("/konto/login/").content.decode()
    assert "Med e-tjänstekort" in page
    assert 'action="/konto/siths/login/"' in page
    assert "Logga in med SITHS" in page


@pytest.mark.django_db
def test_wrong_words_are_told_without_saying_which_was_wrong(client: Client) -> None:
    page = client.post("/konto/login/", {"login": "ingen", "password": "fel"}).content.decode()
    assert "Något behöver rättas" in page
    assert 'value="ingen"' in page


@pytest.mark.django_db
def test_nobody_makes_an_account_themselves(client: Client) -> None:
    page = client.get("/konto/signup/").content.decode()
    assert "Här skapar man inget konto själv" in page
    assert "<form class" not in page.split("<main")[1].split("</main>")[0]
