"""The rest of the main job: an editor publishes, everybody finds; a coordinator sees figures and takes them along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from competence.imports.reported_figures import PUBLISHED_FIGURES
from tests.browser.axe import assert_accessible
from tests.browser.pictures import take_pictures
from tests.browser.visits import House

pytestmark = pytest.mark.browser

NEWS = "Ny rutin för återlämning av rullatorer"
PRODUCT = "Fyrhjulig rullator med korg"
CRITERIA = "Behov av stöd vid gång som inte kan tillgodoses med käpp."


@pytest.fixture
def site(transactional_db: None, demo_people: None) -> None:
    call_command("load_site", stdout=io.StringIO())


def test_an_editor_publishes_a_handbook_page_and_a_news_item_and_a_reader_finds_them(
    visitors: House, site: None
) -> None:
    editor = visitors.person("editor")
    editor.get_by_role("link", name="Redaktion", exact=True).first.click()
    editor.wait_for_url("**/admin/")

    add_page_below(editor, "Nyheter och säkerhetsmeddelanden")
    write_title(editor, NEWS)
    publish(editor)

    add_page_below(editor, "Hjälpmedel för att lyfta personer")
    choose_kind(editor, "Produkt, hälso- och sjukvård")
    editor.locator("#id_iso_edition").fill("2022")
    editor.locator("#id_iso_code").fill("12 06 06")
    write_title(editor, PRODUCT)
    editor.locator("[id*=criteria] [contenteditable=true]").first.click()
    editor.keyboard.type(CRITERIA)
    # The editor's text reaches the form a moment later.
    expect(editor.locator("[name=criteria]")).to_have_value(re.compile(re.escape(CRITERIA)))
    publish(editor)

    reader = visitors.visitor()
    reader.goto("/")
    for title in (NEWS, PRODUCT):
        expect(reader.locator("main").get_by_role("link", name=title)).to_be_visible()
    assert_accessible(reader)
    take_pictures(reader, "start-page")
    for words, title in (("återlämna rullator", NEWS), ("fyrhjuliga rullatorer", PRODUCT)):
        reader.goto("/")
        reader.locator("main input[type=search], .hero input[type=search]").first.fill(words)
        reader.keyboard.press("Enter")
        reader.wait_for_url("**/sok/**")
        expect(reader.locator("main").get_by_role("link", name=title).first).to_be_visible()
    reader.locator("main").get_by_role("link", name=PRODUCT).first.click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text(PRODUCT)
    expect(reader.locator("main")).to_contain_text("12 06 06")
    expect(reader.locator("main")).to_contain_text(CRITERIA)
    take_pictures(reader, "handbook-page")


def add_page_below(editor: Page, parent: str) -> None:
    """Find the page in the editor's own search, and add one beneath it."""
    editor.goto("/admin/pages/search/")
    editor.locator("main input[name=q]").first.fill(parent)
    editor.wait_for_url("**q=**")
    editor.get_by_role("link", name=parent, exact=False).first.click()
    editor.wait_for_url(re.compile(r"/admin/pages/\d+/edit/"))
    address = editor.url.replace("/edit/", "/add_subpage/")
    editor.goto(address)


def choose_kind(editor: Page, name: str) -> None:
    if "add_subpage" in editor.url:
        editor.get_by_role("link", name=name).first.click()


def publish(editor: Page) -> None:
    editor.get_by_role("button", name="Fler åtgärder").click()
    editor.get_by_role("button", name="Publicera", exact=True).click()
    expect(editor.locator(".messages")).to_contain_text("publicera")


def write_title(editor: Page, title: str) -> None:
    """Type it, and wait for the draft that Wagtail saves by itself: then the address is the page's.

    What is typed before the form has noted how it was counts as no change, so a space is added until it does.
    """
    editor.locator("#id_title").click()
    editor.keyboard.type(title)
    for _second in range(20):
        editor.wait_for_timeout(1000)
        if "/edit/" in editor.url:
            return
        editor.locator("#id_title").press("End")
        editor.keyboard.type(" ")
    raise AssertionError("no draft was saved")


@pytest.fixture
def crowd(transactional_db: None, demo_people: None) -> None:
    call_command("load_demo_people", stdout=io.StringIO())
    call_command("load_reported_figures", str(PUBLISHED_FIGURES), stdout=io.StringIO())


def test_a_coordinator_sees_completions_and_takes_the_same_figures_along(visitors: House, crowd: None) -> None:
    page = visitors.person("coordinator")
    page.get_by_role("link", name="Statistik").first.click()
    page.wait_for_url("**/statistik/")
    page.goto("/statistik/?period=all")
    page.locator(".chart svg .bars").first.wait_for(state="attached")
    table = texts(page.locator("#chart-table tbody tr"))
    assert len(table) > 36, "a row for each month since January 2023"
    drawn = page.locator(".chart svg .bars .point path").count()
    assert drawn >= len(table)
    page.locator("details", has=page.locator("#all-figures")).locator("summary").click()
    shown = texts(page.locator("#all-figures tbody tr, #all-figures tfoot tr"))
    total = int(shown[-1][-1])
    assert total > 300
    assert sum(int(row[-1]) for row in shown[:-1]) == total
    assert sum(int(row[-1]) for row in table) == total
    assert_accessible(page)

    assert rows_of_csv(download(page, "CSV")) == shown
    assert rows_of_xlsx(download(page, "Excel")) == shown


def texts(rows: Locator) -> list[list[str]]:
    """The cells of a table's rows, without the spaces inside numbers."""
    return [[tidy(cell) for cell in row.locator("th, td").all_inner_texts()] for row in rows.all()]


def tidy(cell: object) -> str:
    """The cell's text; a link's words for those who hear the page stand on a line of their own, before the number."""
    text = (str(cell).strip().splitlines() or [""])[-1]
    number = re.sub(r"\s", "", text)
    return number.removesuffix(".0") if re.fullmatch(r"[\d.]+", number) else text


def download(page: Page, name: str) -> Path:
    with page.expect_download() as found:
        page.get_by_role("link", name=name, exact=True).click()
    return found.value.path()


def rows_of_csv(path: Path) -> list[list[str]]:
    return below_header(list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";")))


def rows_of_xlsx(path: Path) -> list[list[str]]:
    return below_header(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())


def below_header(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    header = next(number for number, row in enumerate(rows) if row and row[0] == "Kurs" and "Period" in row)
    return [[tidy(cell) for cell in row] for row in rows[header + 1 :]]
