"""The pages as a reader gets them: what each shows, how many queries it takes, and how long a copy may be kept."""

import json
import re
from datetime import date, time
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Page, PageViewRestriction, Site

from cms.checks import page_types
from cms.demo import load_site
from cms.models import (
    AgreementPage,
    ContentPage,
    HandbookIndexPage,
    HealthCareProductPage,
    MeetingNotePage,
    NewsIndexPage,
    NewsPage,
    ProductAreaPage,
    SocialCareProductPage,
    StartPage,
)
from lms.lib.actors import Machine
from tests.cms.conftest import Publish

# What a page of each type costs in queries, header and footer included, when nothing is cached but Wagtail's own
# paths. Twelve is the limit; a number that grows needs a reason.
QUERIES = {
    "StartPage": 11,
    "HandbookIndexPage": 10,
    "ProductAreaPage": 10,
    "HealthCareProductPage": 9,
    "SocialCareProductPage": 8,
    "GuidelineIndexPage": 9,
    "GuidelinePage": 9,
    "HandbookChangesPage": 9,
    "AgreementIndexPage": 10,
    "AgreementPage": 8,
    "NewsIndexPage": 10,
    "NewsPage": 9,
    "SectionPage": 9,
    "ContentPage": 9,
    "SupplierIndexPage": 11,
    "SupplierPage": 9,
    "GroupPage": 10,
    "MeetingNotePage": 8,
    "CourseCataloguePage": 11,
    "ContactPage": 8,
    "DigitalAidsPage": 10,
    "AccessibilityStatementPage": 8,
}


@pytest.fixture
def whole_site(db: None) -> None:
    load_site(by=Machine("test"))


def test_every_page_type_is_on_the_site_and_takes_its_number_of_queries(
    client: Client, whole_site: None, django_assert_num_queries: Any, subtests: Any
) -> None:
    assert {model.__name__ for model in page_types()} == set(QUERIES)
    for model in page_types():
        page = model.objects.live().last()
        url = page.get_url()
        client.get(url)
        with subtests.test(model.__name__), django_assert_num_queries(QUERIES[model.__name__]):
            response = client.get(url)
        assert response.status_code == 200
        assert f"<h1>{page.title.replace('&', '&amp;')}</h1>" in response.content.decode()
        assert max(QUERIES.values()) <= 12


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_as_many_queries_with_three_items_as_with_one(
    client: Client, area: ProductAreaPage, publish: Publish, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        publish(area, HealthCareProductPage, f"Rullstol {number}", iso_code="12 22 03", iso_edition="2022")
    client.get("/handbok/rullstolar/")
    with django_assert_num_queries(10):
        body = client.get("/handbok/rullstolar/").content.decode()
    assert body.count("12 22 03") == count


def test_the_start_page_shows_the_sections_in_order_the_news_and_the_safety_notices(
    client: Client, start: StartPage, handbook: HandbookIndexPage, news_index: NewsIndexPage, publish: Publish
) -> None:
    publish(start, ContentPage, "Avtal", slug="avtal", show_in_menus=True, introduction="Om avtal.")
    publish(start, ContentPage, "Inte en avdelning", slug="inte")
    publish(news_index, NewsPage, "Gammal nyhet", published_on=date(2024, 1, 1))
    publish(news_index, NewsPage, "Ny nyhet", published_on=date(2026, 1, 1))
    publish(news_index, NewsPage, "Varning", kind="safety", published_on=date(2025, 1, 1))
    response = client.get("/")
    assert [page.title for page in response.context["sections"]] == ["Handbok", "Avtal"]
    assert [page.title for page in response.context["news"]] == ["Ny nyhet", "Gammal nyhet"]
    assert [page.title for page in response.context["safety_notices"]] == ["Varning"]
    assert "Om avtal." in response.content.decode()


def test_a_product_shows_its_parts_in_a_fixed_order_and_leaves_out_the_empty_ones(
    client: Client, area: ProductAreaPage, publish: Publish
) -> None:
    page = publish(
        area,
        HealthCareProductPage,
        "Aktivrullstol",
        iso_code="12 22 03",
        iso_edition="SS-EN ISO 9999:2022",
        goal="<p>Självständighet</p>",
        who_may_prescribe="<p>Arbetsterapeut</p>",
        cost_adult="Kommunen",
    )
    response = client.get(page.get_url())
    assert [part.heading for part in response.context["parts"]] == ["Vem som får förskriva", "Mål"]
    body = response.content.decode()
    assert "SS-EN ISO 9999:2022" in body
    assert body.index("Arbetsterapeut") < body.index("Självständighet") < body.index("Kommunen")


def test_meeting_notes_have_their_fixed_shape(client: Client, whole_site: None) -> None:
    note = MeetingNotePage.objects.get(held_on=date(2026, 9, 17))
    body = client.get(note.get_url()).content.decode()
    order = ["17 september 2026", "13:00–15:30", "Plats", "Närvarande", "1. ", "Föredragande", "Ställningstagande"]
    order += ["2. ", "Fortsatt hantering", "3. ", "Nästa möte"]
    places = [body.index(word, body.index("<dl")) for word in order]
    assert places == sorted(places)


@pytest.mark.parametrize("slug", ["utkast", "finns-inte"])
def test_a_draft_answers_like_a_page_that_is_not_there(client: Client, start: StartPage, slug: str) -> None:
    start.add_child(instance=ContentPage(title="Utkast", slug="utkast", live=False))
    missing = client.get("/helt-annat/")
    answer = client.get(f"/{slug}/")
    assert (answer.status_code, missing.status_code) == (404, 404)
    tokens = re.compile(rb'value="[A-Za-z0-9]{64}"')
    bodies = [
        tokens.sub(b"", response.content).replace(part, b"")
        for response, part in ((answer, slug.encode()), (missing, b"helt-annat"))
    ]
    assert bodies[0] == bodies[1]


def test_a_page_at_any_depth_is_found_by_its_whole_path_only(
    client: Client, area: ProductAreaPage, publish: Publish
) -> None:
    publish(area, HealthCareProductPage, "Rullstol", slug="rullstol")
    assert client.get("/handbok/rullstolar/rullstol/").status_code == 200
    for path in ("/rullstol/", "/handbok/rullstol/", "/handbok/rullstolar/rullstol/mer/", "/start/handbok/"):
        assert client.get(path).status_code == 404, path


def test_a_restricted_page_is_neither_shown_nor_listed(client: Client, start: StartPage, publish: Publish) -> None:
    page = publish(start, ContentPage, "Intern", slug="intern", show_in_menus=True)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert "Intern" not in client.get("/").content.decode()
    answer = client.get("/intern/")
    assert answer.status_code == 302
    assert "public" not in answer.get("Cache-Control", "")


def test_a_visitor_may_keep_a_page_for_a_minute_and_somebody_logged_in_may_not(
    client: Client, start: StartPage, editor: Any
) -> None:
    anonymous = client.get("/")
    assert anonymous["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
    assert "Cookie" in anonymous["Vary"]
    assert not anonymous.cookies
    assert "csrfmiddlewaretoken" not in anonymous.content.decode()
    client.force_login(editor)
    assert client.get("/")["Cache-Control"] == "private, no-cache"


def test_headings_become_a_list_of_contents_with_links_that_lead_there(
    client: Client, start: StartPage, publish: Publish
) -> None:
    blocks = [{"type": "heading", "value": f"Rubrik {n} åäö"} for n in range(3)]
    page = publish(start, ContentPage, "Lång", slug="lang", body=json.dumps(blocks))
    body = client.get(page.get_url()).content.decode()
    for number in range(3):
        assert f'href="#rubrik-{number}-aao"' in body
        assert f'id="rubrik-{number}-aao"' in body


def clean_code(code: str) -> None:
    field: Any = ProductAreaPage._meta.get_field("iso_code")
    field.clean(code, None)


@pytest.mark.parametrize("code", ["12", "12 22", "12 22 03"])
def test_a_code_is_written_in_pairs(code: str) -> None:
    clean_code(code)


@pytest.mark.parametrize("code", ["1", "122203", "12-22", "12 22 03 1", "12  22", " 12", "12 22 0a"])
def test_a_code_that_is_not_is_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        clean_code(code)


def test_a_code_needs_its_edition_and_dates_their_order(area: ProductAreaPage) -> None:
    with pytest.raises(ValidationError, match="utgåva"):
        HealthCareProductPage(title="x", slug="x", iso_code="12 22 03").clean()
    with pytest.raises(ValidationError, match="sluta"):
        AgreementPage(title="x", slug="x", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)).clean()
    with pytest.raises(ValidationError, match="sluta"):
        MeetingNotePage(title="x", slug="x", starts_at=time(10), ends_at=time(9)).clean()


def test_a_product_page_belongs_in_the_handbook_of_its_kind(
    start: StartPage, area: ProductAreaPage, publish: Publish
) -> None:
    social = publish(start, HandbookIndexPage, "Socialtjänst", slug="soc", kind="social_care")
    social_area = publish(social, ProductAreaPage, "Sängar", slug="sangar")
    assert HealthCareProductPage.can_create_at(area)
    assert SocialCareProductPage.can_create_at(social_area)
    assert not HealthCareProductPage.can_create_at(social_area)
    assert not SocialCareProductPage.can_create_at(area)
    product = publish(area, HealthCareProductPage, "Rullstol")
    assert not product.can_move_to(social_area)


@pytest.mark.django_db
@pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)
def test_every_page_type_can_be_made_somewhere_and_previewed(model: type[Page]) -> None:
    parents = model.allowed_parent_page_models()
    assert parents or model is StartPage
    page = model(title="Förhandsvisning", slug="forhandsvisning")
    assert page.preview_modes
    assert model._meta.verbose_name


@pytest.mark.django_db
def test_every_page_type_of_the_site_can_be_previewed(whole_site: None, editor: Any) -> None:
    for model in page_types():
        page = model.objects.first()
        response = page.make_preview_request()
        assert response.status_code == 200, model
        assert page.title.replace("&", "&amp;") in response.rendered_content


def test_no_foreign_page_base_is_used() -> None:
    assert Page._meta.label == "wagtailcore.Page"
    assert all(issubclass(model, Page) for model in page_types())
    assert Site._meta.label == "wagtailcore.Site"
    assert len(page_types()) == len([m for m in apps.get_app_config("cms").get_models() if m.__name__.endswith("Page")])
