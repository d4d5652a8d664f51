"""The header's links, the start page and the choice of colours."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory
from wagtail.models import Page, Site

from lms.dashboard.navigation import navigation, personal_links
from lms.users.models import User

OWN = {"origin": "http://testserver"}
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("test17", "test17@example.se", "x", first_name="Test", last_name="Testsson 17")


def labels(person: Any, rf: RequestFactory) -> list[str]:
    request = rf.get("/")
    request.user = person
    return [link.label for link in personal_links(request)]


def test_the_start_page_needs_a_log_in(client: Client, person: User) -> None:
    assert client.get("/mina-sidor/")["Location"] == "/konto/login/?next=/mina-sidor/"
    client.force_login(person, BACKEND)
    assert "Välkommen, Test Testsson 17" in client.get("/mina-sidor/").content.decode()


def test_an_ordinary_person_is_offered_their_own_pages_only(person: User, rf: RequestFactory) -> None:
    offered = labels(person, rf)
    assert "My pages" in offered or "Mina sidor" in offered
    assert not {"Redaktion", "Site editing", "Statistik", "Statistics", "Mitt team", "My team"} & set(offered)


def test_an_editor_is_offered_the_site(person: User, rf: RequestFactory) -> None:
    person.user_permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    assert {"Redaktion", "Site editing"} & set(labels(person, rf))


@pytest.mark.parametrize("number", [1, 3])
def test_sections_are_in_the_menu_and_other_top_pages_in_the_footer(
    db: None, rf: RequestFactory, django_assert_num_queries: Any, number: int
) -> None:
    root = Site.objects.get(is_default_site=True).root_page
    root.get_children().delete()
    root = Page.objects.get(pk=root.pk)
    for index in range(number):
        root.add_child(instance=Page(title=f"Avdelning {index}", slug=f"a{index}", show_in_menus=True))
    root.add_child(instance=Page(title="Personuppgifter", slug="personuppgifter"))
    root.add_child(instance=Page(title="Utkast", slug="utkast", live=False, show_in_menus=True))
    request = rf.get("/")
    Site.find_for_request(request)
    root.get_url(request)  # what Wagtail keeps for the whole site
    with django_assert_num_queries(2):  # the pages; which of them are for some people only
        context = navigation(request)
        assert [link.label for link in context["nav_site"]] == [f"Avdelning {index}" for index in range(number)]
        assert [link.label for link in context["nav_footer"]] == ["Personuppgifter"]


def test_a_page_that_shows_no_menu_costs_no_query(db: None, rf: RequestFactory, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        navigation(rf.get("/"))


@pytest.mark.django_db
def test_the_choice_of_colours_is_kept_and_can_be_taken_back(client: Client) -> None:
    answer = client.post("/utseende/", {"colour_scheme": "dark", "next": "/konto/login/"}, headers=OWN)
    assert answer["Location"] == "/konto/login/"
    assert 'data-color-scheme="dark"' in client.get("/konto/login/").content.decode()
    client.post("/utseende/", {"colour_scheme": "auto", "next": "/"}, headers=OWN)
    assert 'data-color-scheme="auto"' in client.get("/konto/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["pink", '"><script>', ""])
def test_a_colour_that_is_none_is_ignored(client: Client, scheme: str) -> None:
    client.post("/utseende/", {"colour_scheme": scheme, "next": "/"}, headers=OWN)
    assert "colour_scheme" not in client.cookies
    client.cookies["colour_scheme"] = "pink"
    assert 'data-color-scheme="auto"' in client.get("/konto/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_the_way_back_stays_on_this_site(client: Client, target: str) -> None:
    answer = client.post("/utseende/", {"colour_scheme": "dark", "next": target}, headers=OWN)
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_colours_are_not_changed_by_a_link(client: Client) -> None:
    assert client.get("/utseende/?colour_scheme=dark").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "chosen"), [("/utseende/", {"colour_scheme": "dark"}), ("/sprak/", {"language": "en"})]
)
@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://testserver.evil.example"])
def test_a45_language_and_colours_are_changed_from_our_own_pages_only(
    path: str, chosen: dict[str, str], origin: str | None
) -> None:
    """Their forms have no token, so that shared caches can keep the pages: the browser says where a form stands."""
    client = Client(enforce_csrf_checks=True)
    assert client.post(path, chosen, headers=OWN).status_code == 302
    kept = dict(client.cookies)
    answer = client.post(path, chosen, headers={} if origin is None else {"origin": origin})
    assert answer.status_code == 403
    assert dict(client.cookies) == kept
    assert client.get(path, chosen).status_code == 405
