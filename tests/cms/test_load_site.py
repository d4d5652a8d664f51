"""The site's first pages: all there, the same each time, and an editor's work is left alone."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, Site

from cms.demo import count_missing, load_site
from cms.models import ContentPage, DigitalAidReading, HandbookChange, NewsPage, SearchEntry, StartPage
from lms.audit.models import AuditEvent
from lms.lib.actors import Machine
from tests.factories.competence import publish_real_rules

pytestmark = pytest.mark.django_db
BY = Machine("test")

SECTIONS = [
    "Handbok för personliga hjälpmedel inom hälso- och sjukvård",
    "Handbok för personliga hjälpmedel inom socialtjänst",
    "Avtal och överenskommelser",
    "Koncept för förskrivarkompetens",
    "Koncept för kompetens för behovsbedömning och beställning (socialtjänst)",
    "Organisation för samarbete och styrning",
    "Försörjare och Primärvårdens hjälpmedelsenhet",
    "Kontakt",
]


def test_it_makes_the_whole_site_once_and_leaves_what_editors_changed() -> None:
    expected = count_missing()
    made = load_site(by=BY)
    assert made == expected > 70
    assert AuditEvent.objects.filter(action="load_site").count() == 1
    assert SearchEntry.objects.count() == made
    keys = set(Page.objects.values_list("translation_key", flat=True))
    page = ContentPage.objects.get(slug="om-webbplatsen")
    page.title = "Ändrad av en redaktör"
    page.save_revision().publish()
    NewsPage.objects.get(slug="uttag-i-sesamlmn").delete()
    assert count_missing() == 1
    assert load_site(by=BY) == 1
    assert load_site(by=BY) == 0
    page.refresh_from_db()
    assert page.title == "Ändrad av en redaktör"
    assert set(Page.objects.values_list("translation_key", flat=True)) == keys
    assert AuditEvent.objects.filter(action="load_site").count() == 2


def test_the_start_page_has_exactly_the_sections_of_the_site(client: Client) -> None:
    load_site(by=BY)
    response = client.get("/")
    assert [page.title for page in response.context["sections"]] == SECTIONS
    assert Site.objects.get().root_page.specific == StartPage.objects.get()


def test_no_link_is_left_unmade_and_every_link_leads_somewhere(client: Client) -> None:
    publish_real_rules()  # the site links to what each role requires
    load_site(by=BY)
    seen: set[str] = set()
    for page in Page.objects.live().filter(depth__gt=1):
        body = client.get(page.get_url()).content.decode()
        assert "[[" not in body, page
        assert "<a>" not in body, page
        article = body[body.index("<main") : body.index("</main>")]
        seen |= {url.partition("#")[0].partition("?")[0] for url in re.findall(r'href="(/[^"]*)"', article)}
    assert len(seen) > 70
    assert any(url.startswith("/dokument/") for url in seen)
    answers = {url: client.get(url).status_code for url in seen if not url.startswith(("/dokument/", "/static/"))}
    assert {url: status for url, status in answers.items() if status not in (200, 302)} == {}


def test_figures_are_the_reported_ones_with_their_source(client: Client) -> None:
    load_site(by=BY)
    readings = list(DigitalAidReading.objects.values_list("patients", flat=True))
    assert readings == [352, 486, 605, 728, 875, 1012, 1165, 1287, 2700]
    body = client.get("/digitala-hjalpmedel/").content.decode()
    assert "Källa:" in body
    assert "31 maj 2024" in body
    figures = client.get("/koncept-forskrivarkompetens/genomforda-kurser/").content.decode()
    assert "en skillnad på 12" in figures
    assert "december 2023" in figures
    assert HandbookChange.objects.filter(page__isnull=False).count() == 2


def test_the_command_can_be_tried_first() -> None:
    out = StringIO()
    call_command("load_site", "--dry-run", stdout=out)
    assert StartPage.objects.count() == 0
    assert "pages would be made" in out.getvalue()
    call_command("load_site", stdout=out)
    assert "pages were made" in out.getvalue()
    assert StartPage.objects.count() == 1


def test_documents_of_the_handbook_can_be_downloaded(client: Client) -> None:
    from wagtail.documents import get_document_model

    load_site(by=BY)
    document = get_document_model().objects.get()
    answer = client.get(document.url)
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert '"12 22 03";"SS-EN ISO 9999:2016"' in content
    assert answer["Content-Disposition"].startswith("attachment")
