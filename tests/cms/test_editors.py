"""What an editor may do and may not, and what becomes of what an editor, or somebody in an editor's place, sends in."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from wagtail.embeds.embeds import get_embed
from wagtail.embeds.exceptions import EmbedUnsupportedProviderException
from wagtail.models import GroupPagePermission, Page, Revision, Workflow

from cms.models import ContentPage, NewsIndexPage, NewsPage, SiteImage, StartPage
from cms.permissions import EDITOR_GROUP, ensure_editor_group
from lms.users.models import User
from tests.cms.conftest import Publish, make_editor

SECRET = "Hemligsson"


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody whose name an editor has no business to read."""
    return User.objects.create_user(
        f"{SECRET.lower()}17", f"{SECRET}@example.se", "ett-langt-losenord", first_name="Test", last_name=SECRET
    )


@pytest.fixture
def admin_client(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def admin_routes() -> list[str]:
    """The paths in the admin that take no argument."""

    def walk(patterns: list[Any], prefix: str) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            path = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
            if isinstance(pattern, URLResolver):
                found += walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and "<" not in path and "(" not in path:
                found.append(f"/{path}".replace("\\Z", ""))
        return found

    admin = [p for p in get_resolver().url_patterns if str(p.pattern) == "admin/"]
    return sorted(set(walk(admin, "")) - {"/admin/failwhale/"})  # which fails on purpose


def test_the_group_of_editors_is_there_after_migrations_with_pages_images_and_documents_only(db: None) -> None:
    group: Any = Group.objects.get(name=EDITOR_GROUP)
    apps = {p.content_type.app_label for p in group.permissions.all() if p.content_type.app_label != "courses"}
    assert apps == {"wagtailadmin"}
    assert {p.permission.codename for p in GroupPagePermission.objects.filter(group=group)} == {
        "add_page",
        "change_page",
        "publish_page",
        "bulk_delete_page",
        "lock_page",
        "unlock_page",
    }
    assert {p.permission.content_type.app_label for p in group.collection_permissions.all()} == {
        "wagtailimages",
        "wagtaildocs",
    }
    assert not Group.objects.filter(name__in=["Editors", "Moderators"]).exists()
    assert Workflow.objects.filter(active=True).count() == 1


def test_what_an_administrator_changed_in_the_group_is_left_alone(db: None) -> None:
    group = ensure_editor_group()
    GroupPagePermission.objects.filter(group=group, permission__codename="lock_page").delete()
    ensure_editor_group()
    assert not GroupPagePermission.objects.filter(group=group, permission__codename="lock_page").exists()


def test_a23_an_editor_reads_no_persons_by_any_page_of_the_admin(
    admin_client: Client, start: StartPage, stranger: User
) -> None:
    Page.objects.filter(pk=start.pk).update(owner=make_editor("kollega"))
    routes = admin_routes()
    assert len(routes) > 60
    statuses = {}
    for path in routes:
        response: Any = admin_client.get(path)
        statuses[path] = response.status_code
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert SECRET.lower().encode() not in body.lower(), path
    assert statuses["/admin/"] == 200
    assert statuses[reverse("wagtailusers_users:index")] == 302
    assert statuses[reverse("wagtailusers_groups:index")] == 302


@pytest.mark.parametrize("name", ["wagtailusers_users:edit", "wagtailusers_users:delete", "wagtailusers_users:history"])
def test_a23_an_editor_opens_no_persons_page(admin_client: Client, stranger: User, name: str) -> None:
    response = admin_client.get(reverse(name, args=[stranger.pk]))
    assert response.status_code in (302, 403, 404)
    assert SECRET.encode() not in response.content


@pytest.mark.parametrize(
    "path", ["/admin/api/main/pages/", "/api/v2/pages/", "/api/v2/users/", "/admin/api/main/users/"]
)
def test_a23_no_interface_lists_persons(admin_client: Client, start: StartPage, stranger: User, path: str) -> None:
    response = admin_client.get(path)
    assert SECRET.lower().encode() not in response.content.lower()


def test_a23_no_page_type_revision_or_log_holds_a_person(start: StartPage, stranger: User) -> None:
    from cms.checks import page_types

    for model in page_types():
        people = {
            f.name for f in model._meta.get_fields() if f.related_model is User and not f.auto_created and f.concrete
        }
        assert people <= {"owner", "locked_by"}, model
    assert not Revision.objects.filter(content__icontains=SECRET).exists()


def test_somebody_without_the_right_is_kept_out_of_the_admin(client: Client, start: StartPage, stranger: User) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/konto/login/")
    client.force_login(stranger)
    for path in ("/admin/", "/admin/images/", "/admin/documents/", f"/admin/pages/{start.pk}/edit/"):
        response = client.get(path, follow=True)
        assert response.status_code == 403, path
        assert b"wagtail-sidebar" not in response.content
    for path in ("/admin/images/add/", "/admin/documents/add/"):
        assert client.post(path, {"title": "x", "file": SimpleUploadedFile("a.png", b"x")}).status_code in (302, 403)
    assert not SiteImage.objects.exists()


def test_the_admin_is_in_swedish_and_carries_the_sites_name(admin_client: Client, start: StartPage) -> None:
    body = admin_client.get("/admin/").content.decode()
    assert 'lang="sv"' in body
    assert "Hjälpmedel i Västra Götaland" in body
    assert "gravatar" not in body
    assert "releases.wagtail" not in body


def contentstate(text: str, url: str) -> str:
    """What the rich text editor sends: a line with a link."""
    block = {
        "key": "a1",
        "text": text,
        "type": "unstyled",
        "depth": 0,
        "inlineStyleRanges": [],
        "entityRanges": [{"offset": 0, "length": len(text), "key": 0}],
    }
    return json.dumps(
        {"blocks": [block], "entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": url}}}}
    )


def news_form(**values: str) -> dict[str, str]:
    return {
        "title": "Nyhet",
        "slug": "nyhet",
        "kind": "news",
        "published_on": "2026-11-01",
        "introduction": "Ingress.",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "text",
        "body-0-id": "",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "action-publish": "1",
        **values,
    }


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x"],
)
def test_a44_a_link_that_runs_code_is_stripped(admin_client: Client, news_index: NewsIndexPage, url: str) -> None:
    path = reverse("wagtailadmin_pages:add", args=["cms", "newspage", news_index.pk])
    response = admin_client.post(path, news_form(**{"body-0-value": contentstate("länken", url)}))
    assert response.status_code == 302, response.content.decode()[:2000]
    page = NewsPage.objects.get(slug="nyhet")
    assert page.live
    public = admin_client.get(page.get_url())
    body = public.content.decode()
    assert "länken" in body
    assert "alert(1)" not in body
    assert "data:text/html" not in body
    policy = public["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a44_an_ordinary_link_is_kept(admin_client: Client, news_index: NewsIndexPage) -> None:
    path = reverse("wagtailadmin_pages:add", args=["cms", "newspage", news_index.pk])
    admin_client.post(path, news_form(**{"body-0-value": contentstate("länken", "https://www.socialstyrelsen.se/")}))
    body = admin_client.get("/nyheter/nyhet/").content.decode()
    assert '<a href="https://www.socialstyrelsen.se/">länken</a>' in body


def test_a_link_to_a_page_that_was_taken_down_is_no_link(client: Client, start: StartPage, publish: Publish) -> None:
    gone = publish(start, ContentPage, "Borta", slug="borta")
    blocks = [{"type": "text", "value": f'<p><a linktype="page" id="{gone.pk}">dit</a></p>'}]
    publish(start, ContentPage, "Kvar", slug="kvar", body=json.dumps(blocks))
    assert '<a href="/borta/">dit</a>' in client.get("/kvar/").content.decode()
    gone.unpublish()
    assert "/borta/" not in client.get("/kvar/").content.decode()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "http://169.254.169.254/latest/", "https://www.youtube.com/watch?v=x", "http://[::1]/"],
)
def test_a46_an_address_to_embed_is_never_fetched(url: str, admin_client: Client) -> None:
    with pytest.raises(EmbedUnsupportedProviderException):
        get_embed(url)
    response = admin_client.post(reverse("wagtailembeds:chooser_upload"), {"embed-chooser-url": url})
    assert b"embed_chosen" not in response.content


def test_a_figure_needs_its_alternative_text() -> None:
    from django.core.exceptions import ValidationError

    from cms.blocks import FigureBlock

    block = FigureBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"image": None, "alt_text": "", "caption": ""}))
    assert block.child_blocks["alt_text"].required
