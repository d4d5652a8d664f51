"""The site for machines: map, robots, feed."""

from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client
from wagtail.models import PageViewRestriction

from cms.models import ContentPage, NewsIndexPage, NewsPage, StartPage
from tests.cms.conftest import Publish

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.mark.parametrize("count", [1, 3])
def test_the_map_names_every_readable_page_in_a_fixed_number_of_queries(
    client: Client, start: StartPage, publish: Publish, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        publish(start, ContentPage, f"Sida {number}", slug=f"sida-{number}")
    secret = publish(start, ContentPage, "Hemlig", slug="hemlig")
    PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.LOGIN)
    start.add_child(instance=ContentPage(title="Utkast", slug="utkast", live=False))
    with django_assert_num_queries(3):
        response = client.get("/sitemap.xml")
    found = [element.text for element in ElementTree.fromstring(response.content).iter(f"{MAP}loc")]
    assert found == [f"{settings.BASE_URL}/", *(f"{settings.BASE_URL}/sida-{n}/" for n in range(count))]


def test_robots_are_told_what_to_leave_alone(client: Client, start: StartPage) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    assert "Disallow: /admin/" in response.content.decode()
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in response.content.decode()


def test_the_feed_holds_the_news_with_the_newest_first_and_the_configured_address(
    client: Client, news_index: NewsIndexPage, publish: Publish
) -> None:
    publish(news_index, NewsPage, "Äldre", slug="aldre", published_on=date(2025, 1, 1), introduction="Om <det>.")
    publish(news_index, NewsPage, "Nyare", slug="nyare", published_on=date(2026, 1, 1), kind="safety")
    response = client.get("/flode/nyheter.atom", HTTP_HOST="testserver")
    assert response["Content-Type"].startswith("application/atom+xml")
    entries = ElementTree.fromstring(response.content).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Säkerhetsmeddelande: Nyare", "Äldre"]
    assert entries[1].findtext(f"{ATOM}summary") == "Om <det>."
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{settings.BASE_URL}/nyheter/nyare/"


def test_the_feed_is_announced_on_every_page(client: Client, start: StartPage) -> None:
    assert 'type="application/atom+xml"' in client.get("/").content.decode()


def test_an_empty_feed_is_a_feed(client: Client, start: StartPage) -> None:
    assert ElementTree.fromstring(client.get("/flode/nyheter.atom").content).findall(f"{ATOM}entry") == []
