"""The site's search, over HTTP and in the database that the tests run on."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction, Site

from cms.models import ContentPage, NewsIndexPage, NewsPage, SearchEntry, StartPage
from cms.search.excerpt import excerpt, highlight
from cms.search.normalise import query_terms
from cms.search.query import Findings, search
from tests.cms.conftest import Publish


def find(query: str, page_number: Any = 1) -> Findings:
    return search(query, site=Site.objects.get(is_default_site=True), page_number=page_number)


def titles(query: str) -> list[str]:
    import re

    return [re.sub("</?mark>", "", hit.title) for hit in find(query).hits]


def write(publish: Publish, start: StartPage, title: str, text: str = "", **values: Any) -> ContentPage:
    page: ContentPage = publish(start, ContentPage, title, introduction=text, **values)
    return page


def test_vastra_gotaland_finds_vastra_gotaland(start: StartPage) -> None:
    assert titles("Vastra Gotaland") == titles("västra götaland") == ["Hjälpmedel i Västra Götaland"]


@pytest.mark.parametrize("query", ["kurs", "kurserna", "kursen", "regionala kurser", "kursbevis", "bevis"])
def test_a_word_is_found_in_any_form_and_by_its_parts(start: StartPage, publish: Publish, query: str) -> None:
    write(publish, start, "Regional kurs", "Kursbevis ges efter kursen.")
    write(publish, start, "Avtal")
    assert titles(query) == ["Regional kurs"]


def test_a_synonym_is_found(start: StartPage, publish: Publish) -> None:
    write(publish, start, "Förbrukningsartiklar")
    write(publish, start, "Om namnet", "Tidigare läkemedelsnära produkter.")
    assert titles("LMN") == ["Förbrukningsartiklar", "Om namnet"]


@pytest.mark.parametrize("query", ["12 22 03", "122203", "12 22", "1222"])
def test_a_product_code_is_found_whole_and_by_its_beginning(start: StartPage, publish: Publish, query: str) -> None:
    write(publish, start, "Drivringar", "Kod 12 22 03 i standarden.")
    write(publish, start, "Annat", "Kod 12 06 03.")
    assert titles(query) == ["Drivringar"]


def test_the_beginning_of_a_long_word_is_enough(start: StartPage, publish: Publish) -> None:
    write(publish, start, "Rollatorer")
    assert titles("roll") == titles("rollat") == ["Rollatorer"]


def test_a_word_in_the_title_outweighs_words_in_the_text(start: StartPage, publish: Publish) -> None:
    write(publish, start, "Många ord", "rollator " * 20)
    write(publish, start, "Rollator", "Om gånghjälpmedel.")
    assert titles("rollator") == ["Rollator", "Många ord"]


def test_every_word_must_be_there_or_else_it_says_that_some_are(start: StartPage, publish: Publish) -> None:
    write(publish, start, "Ramper", "För rullstol.")
    write(publish, start, "Dynor")
    assert titles("ramp rullstol") == ["Ramper"]
    assert find("ramp dyna").loosened
    assert set(titles("ramp dyna")) == {"Ramper", "Dynor"}
    assert not find("ramp").loosened


def test_a_misspelt_word_brings_a_suggestion(start: StartPage, publish: Publish) -> None:
    write(publish, start, "Rollatorer och rullstolar")
    assert find("rolator").suggestion == "rollatorer"
    assert find("rulstolar").suggestion == "rullstolar"
    assert find("qqqqqqq").suggestion == ""
    assert find("rollatorer").suggestion == ""


def test_only_what_anybody_may_read_is_found(start: StartPage, publish: Publish) -> None:
    draft = ContentPage(title="Rollator utkast", live=False)
    start.add_child(instance=draft)
    draft.save_revision()
    hidden = write(publish, start, "Rollator hemlig")
    below = publish(hidden, ContentPage, "Rollator under hemlig")
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.LOGIN)
    other = publish(Page.objects.get(depth=1), StartPage, "Rollator annan webbplats", introduction="x", slug="annan")
    write(publish, start, "Rollator öppen")
    assert SearchEntry.objects.filter(page__in=[hidden, below, other]).count() == 3
    assert titles("rollator") == ["Rollator öppen"]


def test_what_is_taken_down_is_found_no_more_and_what_is_changed_is_found_as_it_is(
    start: StartPage, publish: Publish
) -> None:
    page = write(publish, start, "Rollator")
    page.title = "Gåbord"
    page.save_revision()
    assert titles("rollator") == ["Rollator"], "a draft changes nothing"
    page.save_revision().publish()
    assert titles("gåbord") == ["Gåbord"]
    page.unpublish()
    assert titles("gåbord") == []
    assert not SearchEntry.objects.filter(page=page).exists()


def test_a_deleted_page_takes_its_entry_with_it(start: StartPage, publish: Publish) -> None:
    page = write(publish, start, "Rollator")
    page.delete()
    assert titles("rollator") == []


def test_blocks_and_tables_are_searched(start: StartPage, publish: Publish) -> None:
    body = (
        '[{"type": "table", "value": {"caption": "Källa", "table": {"columns": [{"type": "text", "heading": "Vad"}],'
        ' "rows": [{"values": ["Positioneringskudde"]}]}}},'
        ' {"type": "accordion", "value": {"items": [{"heading": "Fråga", "text": "<p>Ett <b>svar</b></p>'
        '<p>till</p>"}]}}]'
    )
    write(publish, start, "Sida", body=body)
    assert titles("positioneringskuddar") == titles("svar") == ["Sida"]
    assert "svartill" not in SearchEntry.objects.get(title="Sida").text


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_a_fixed_number_of_queries(
    start: StartPage, publish: Publish, count: int, django_assert_num_queries: Any
) -> None:
    parent = write(publish, start, "Om rollatorer")
    for number in range(count):
        publish(parent, ContentPage, f"Rollator {number}", introduction="Text.")
    site = Site.objects.get(is_default_site=True)
    search("rollator", site=site)
    with django_assert_num_queries(4):
        found = search("rollator", site=site)
    assert len(found.hits) == count + 1


def test_the_page_marks_the_words_and_lets_no_markup_through(
    client: Client, start: StartPage, publish: Publish
) -> None:
    write(publish, start, "Rollator <script>alert(1)</script>", "En rollator & <b>annat</b>.")
    body = client.get(reverse("cms:search"), {"q": "rollator"}).content.decode()
    assert "<mark>Rollator</mark> &lt;script&gt;" in body
    assert "<script>alert" not in body
    assert "<script>alert" not in client.get("/sok/", {"q": "<script>alert(2)</script>"}).content.decode()


def test_an_excerpt_is_escaped_and_shows_where_the_words_are() -> None:
    text = "början " * 60 + "en <i>rollator</i> här " + "slut " * 60
    shown = excerpt(text, query_terms("rollatorer"))
    assert "&lt;i&gt;<mark>rollator</mark>&lt;/i&gt;" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 320
    assert excerpt("", query_terms("x")) == ""
    assert highlight("<b>", query_terms("b")) == "&lt;<mark>b</mark>&gt;"


def test_the_empty_page_and_no_hits_say_what_to_do(client: Client, start: StartPage) -> None:
    assert "Sökningen omfattar" in client.get("/sok/").content.decode()
    body = client.get("/sok/?q=finnsinte").content.decode()
    assert "Inget hittades" in body
    assert "Kontrollera stavningen" in body


@pytest.mark.parametrize(
    "query", ["%", "_", "'", '"', "\x00", "å" * 5000, "a & | ! ( ) :*", "\\", "12", "-", "😀", "שלום"]
)
def test_odd_queries_are_answered(client: Client, start: StartPage, query: str) -> None:
    assert client.get("/sok/", {"q": query}).status_code == 200


def test_results_come_in_pages(client: Client, news_index: NewsIndexPage, publish: Publish) -> None:
    for number in range(12):
        publish(news_index, NewsPage, f"Rollator nummer {number}")
    first, second = find("rollator"), find("rollator", 2)
    assert (len(first.hits), len(second.hits), first.total) == (10, 2, 12)
    assert len(find("rollator", "rot").hits) == 10
    assert len(find("rollator", 99).hits) == 2
    body = client.get("/sok/?q=rollator&sida=2").content.decode()
    assert 'start="11"' in body
    assert "?q=rollator&amp;sida=1" in body


def test_a_search_changes_nothing_and_only_reads(client: Client, start: StartPage) -> None:
    assert client.post("/sok/", {"q": "x"}).status_code == 405


def test_the_index_is_rebuilt_by_a_command_that_can_be_tried_first(start: StartPage, publish: Publish) -> None:
    page = write(publish, start, "Rollator")
    SearchEntry.objects.all().delete()
    out = StringIO()
    call_command("rebuild_search", "--dry-run", stdout=out)
    assert titles("rollator") == []
    assert "would be written" in out.getvalue()
    call_command("rebuild_search", stdout=out)
    assert titles("rollator") == ["Rollator"]
    Page.objects.filter(pk=page.pk).update(live=False)
    call_command("rebuild_search", stdout=out)
    assert not SearchEntry.objects.filter(page=page).exists()
