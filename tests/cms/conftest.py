"""A small site for tests: a start page with news and a handbook, made as an editor would, by publishing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import translation
from wagtail.models import Page, Site

from cms.models import HandbookIndexPage, NewsIndexPage, ProductAreaPage, StartPage
from cms.permissions import EDITOR_GROUP, ensure_editor_group
from lms.users.models import User

Publish = Callable[..., Any]


def publish_under(parent: Page, model: type[Page], title: str, **values: Any) -> Any:
    """Make and publish a page, through a revision."""
    page = model(title=title, live=False, **values)
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@pytest.fixture(autouse=True)
def _in_swedish() -> Any:
    with translation.override("sv"):
        yield


@pytest.fixture
def publish(db: None) -> Publish:
    return publish_under


@pytest.fixture
def start(publish: Publish) -> StartPage:
    """The start page, which is the root of the site."""
    root = Page.objects.get(depth=1)
    page: StartPage = publish(root, StartPage, "Hjälpmedel i Västra Götaland", slug="start", introduction="Välkommen.")
    Site.objects.update_or_create(is_default_site=True, defaults={"root_page": page, "hostname": "testserver"})
    Site.clear_site_root_paths_cache()
    return page


@pytest.fixture
def news_index(start: StartPage, publish: Publish) -> NewsIndexPage:
    page: NewsIndexPage = publish(start, NewsIndexPage, "Nyheter", slug="nyheter")
    return page


@pytest.fixture
def handbook(start: StartPage, publish: Publish) -> HandbookIndexPage:
    page: HandbookIndexPage = publish(
        start, HandbookIndexPage, "Handbok", slug="handbok", kind="health_care", show_in_menus=True
    )
    return page


@pytest.fixture
def area(handbook: HandbookIndexPage, publish: Publish) -> ProductAreaPage:
    page: ProductAreaPage = publish(
        handbook, ProductAreaPage, "Rullstolar", slug="rullstolar", iso_code="12 22", iso_edition="SS-EN ISO 9999:2022"
    )
    return page


def make_editor(username: str = "redaktor") -> User:
    """Somebody in the group of editors."""
    user = User.objects.create_user(username, f"{username}@example.se", "ett-langt-losenord-for-prov")
    ensure_editor_group()
    user.groups.add(Group.objects.get(name=EDITOR_GROUP))
    return user


@pytest.fixture
def editor(db: None) -> User:
    return make_editor()
