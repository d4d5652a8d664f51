"""Whoever may not have a page of Wagtail's is told, or asked to log in, and never sent round in a circle."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect
from wagtail.models import Page, PageViewRestriction, Site

from cms.permissions import EDITOR_GROUP
from lms.users.models import User
from tests.browser.fixtures import log_in
from tests.cms.conftest import make_editor
from tests.live import LiveProduct

PASSWORD = "ett-langt-losenord"


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody with an account and nothing to do in the admin."""
    return User.objects.create_user("test17", "test17@example.se", PASSWORD, first_name="Test", last_name="Testsson")


@pytest.fixture
def private_page(db: None) -> Page:
    """The start page, for the editors alone."""
    page: Page = Site.objects.get(is_default_site=True).root_page
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(Group.objects.get(name=EDITOR_GROUP))
    return page


@pytest.mark.parametrize("path", ["/admin/", "/admin/images/", "/admin/pages/1/", "/admin/reports/locked/"])
def test_whoever_may_not_edit_is_told_so(client: Client, stranger: User, path: str) -> None:
    client.force_login(stranger)
    answer = client.get(path, follow=True)  # a circle would be an error here
    assert answer.status_code == 403
    assert "Du kommer inte åt den här sidan" in answer.content.decode()
    assert len(answer.redirect_chain) == 1


def test_whoever_is_taken_out_of_the_editors_is_told_so_at_once(client: Client, db: None) -> None:
    editor = make_editor("redaktor17")
    client.force_login(editor)
    assert client.get("/admin/").status_code == 200
    editor.groups.clear()
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_page_for_others_is_refused_to_whoever_has_logged_in(
    client: Client, stranger: User, private_page: Page
) -> None:
    answer: Any = client.get(private_page.url, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/konto/login/?next=")
    client.force_login(stranger)
    assert client.get(private_page.url, follow=True).status_code == 403
    client.force_login(make_editor("redaktor17"))
    assert client.get(private_page.url).status_code == 200


@pytest.mark.parametrize("end", ["closed", "expired", "deleted"])
def test_a_session_of_nobody_leads_to_the_log_in_page(client: Client, db: None, end: str) -> None:
    editor = make_editor("redaktor17")
    client.force_login(editor)
    if end == "closed":
        User.objects.filter(pk=editor.pk).update(is_active=False)
    elif end == "expired":
        Session.objects.all().delete()
        client.session.flush()
    else:
        User.objects.filter(pk=editor.pk).delete()
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == "/konto/login/?next=/admin/"


@pytest.mark.parametrize("path", ["/admin/login/", "/_util/login/"])
def test_a37_wagtails_own_log_in_pages_let_nobody_in(client: Client, db: None, path: str) -> None:
    """They ask neither for the second factor nor how often somebody has tried."""
    User.objects.create_superuser("admin17", "admin17@example.se", PASSWORD)
    answer = client.post(path, {"username": "admin17", "password": PASSWORD})
    assert answer.status_code == 405
    assert "_auth_user_id" not in client.session
    answer = client.get(path, {"next": "/admin/images/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/konto/login/?next=/admin/images/"


@pytest.mark.parametrize("path", ["/admin/login/", "/_util/login/"])
def test_a32_the_way_in_leads_to_no_other_host(client: Client, stranger: User, path: str) -> None:
    for evil in ("//evil.example", "https://evil.example/", r"\@evil.example", r"/\evil.example"):
        answer: Any = client.get(path, {"next": evil})
        assert answer["Location"].startswith("/konto/login/?next=")
        answer = client.post(answer["Location"], {"login": stranger.username, "password": PASSWORD})
        assert answer.status_code == 302
        assert urlsplit(urljoin("http://testserver/konto/login/", answer["Location"])).netloc == "testserver"
        client.logout()


@pytest.mark.browser
def test_a_browser_shows_the_refusal_and_does_not_go_round(
    page: BrowserPage, live_product: LiveProduct, stranger: User
) -> None:
    log_in(page, stranger, live_product)
    for path in ("/admin/", "/admin/pages/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_role("heading", level=1)).to_have_text("Du kommer inte åt den här sidan")
    page.get_by_role("link", name="Mina sidor").last.click()
    expect(page).to_have_url(f"{live_product.base_url}/mina-sidor/")
