"""The site for machines: news as Atom, the map of the site, and what robots may read."""

from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from cms.models import NewsPage
from lms.lib.access import public
from lms.lib.clock import day_starts_at

ITEMS_IN_FEED = 30


class NewsFeed(Feed[NewsPage, None]):
    """News and safety notices, the newest first. The links carry the configured host, never the one asked for."""

    feed_type = Atom1Feed

    def __init__(self, site: Site) -> None:
        self.site = site

    def title(self) -> str:
        return f"{settings.WAGTAIL_SITE_NAME}: {_('News and safety notices')}"

    def link(self) -> str:
        return f"{settings.BASE_URL}/"

    def feed_url(self) -> str:
        return settings.BASE_URL + reverse("cms:news_feed")

    def items(self) -> list[NewsPage]:
        pages = NewsPage.objects.descendant_of(self.site.root_page).live().public()
        return list(pages.order_by("-published_on", "-pk")[:ITEMS_IN_FEED])

    def item_title(self, item: Page) -> str:
        return f"{item.get_kind_display()}: {item.title}" if item.is_safety_notice else str(item.title)

    def item_description(self, item: Page) -> str:
        return str(item.introduction)

    def item_link(self, item: Page) -> str:
        return settings.BASE_URL + (item.get_url(current_site=self.site) or "/")

    def item_guid(self, item: Page) -> str:
        return f"urn:uuid:{item.translation_key}"

    def item_pubdate(self, item: NewsPage) -> datetime:
        return day_starts_at(item.published_on)

    def item_updateddate(self, item: NewsPage) -> datetime:
        return item.last_published_at or day_starts_at(item.published_on)


@public
@require_safe
def news_feed(request: HttpRequest) -> HttpResponseBase:
    """News as an Atom feed."""
    return NewsFeed(Site.find_for_request(request))(request)


@public
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every published, public page of the site, in one query however many there are."""
    site = Site.find_for_request(request)
    pages = site.root_page.get_descendants(inclusive=True).live().public().order_by("path")
    start = len(site.root_page.url_path)
    entries = [
        (f"{settings.BASE_URL}/{url_path[start:]}", changed)
        for url_path, changed in pages.values_list("url_path", "last_published_at")
    ]
    return render(request, "cms/sitemap.xml", {"entries": entries}, content_type="application/xml")


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Robots may read the public pages, and have no business in the rest."""
    return render(
        request,
        "cms/robots.txt",
        {"sitemap_url": settings.BASE_URL + reverse("cms:sitemap")},
        content_type="text/plain; charset=utf-8",
    )
