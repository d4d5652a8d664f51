"""What a role requires, on the editors' pages and in the site's search: always from the rules in force."""

from __future__ import annotations

from typing import Any

from django.test import Client

from cms.models import ContentPage, StartPage
from tests.factories.competence import World


def test_a_block_shows_the_requirements_of_the_rules_in_force(
    client: Client, start: StartPage, publish: Any, world: World
) -> None:
    body = [{"type": "requirements", "value": {"role": "orderer"}}]
    page = publish(start, ContentPage, "Att beställa", slug="bestalla", body=body)
    html = client.get(page.get_url()).content.decode()
    assert "Enhetens introduktion för beställare" in html
    assert 'href="/regler/orderer/"' in html


def test_a_block_without_rules_or_role_shows_nothing(client: Client, start: StartPage, publish: Any) -> None:
    body = [{"type": "requirements", "value": {"role": "orderer"}}]
    page = publish(start, ContentPage, "Att beställa", slug="bestalla", body=body)
    assert client.get(page.get_url()).status_code == 200


def test_the_search_finds_what_a_role_requires(client: Client, start: StartPage, world: World) -> None:
    html = client.get("/sok/?q=beställare introduktion").content.decode()
    assert 'href="/regler/orderer/"' in html
    assert "Ingenting hittades" not in html
    assert 'href="/regler/' not in client.get("/sok/?q=rullstolsdyna").content.decode().split("<footer")[0]
