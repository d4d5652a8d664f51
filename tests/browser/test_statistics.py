"""The statistics in a browser: bars that are the table's figures, without anything that the content policy stops."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from competence.imports.reported_figures import load_published_figures
from competence.models.course_reference import CourseReference
from lms.lib.actors import Machine
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.factories.competence import make_person, publish_real_rules
from tests.factories.rows import complete_many
from tests.live import LiveProduct

pytestmark = pytest.mark.browser


def make_reader(*permissions: str) -> User:
    person = make_person()
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return person


@pytest.fixture
def figures(transactional_db: None) -> None:
    """Eight months of three courses."""
    publish_real_rules()
    load_published_figures(by=Machine("test"))
    people = [make_person() for _ in range(30)]
    courses = {c.key: c for c in CourseReference.objects.all()}
    for month in range(1, 9):
        at = datetime(2026, month, 14, 9, tzinfo=UTC)
        complete_many(people[: 6 + month * 2], courses["national-hjalpmedel"], "municipality", at)
        complete_many(people[: 18 - month], courses["national-hjalpmedel"], "vgr", at)
        complete_many(people[: month % 4], courses["national-forbrukningsartiklar"], "private", at)
        complete_many(people[:7], courses["regional-forskrivare"], "vgr", at)
    complete_many(people[:2], courses["regional-forskrivare"], "", datetime(2026, 5, 2, 9, tzinfo=UTC))


@pytest.fixture
def coordinator(figures: None) -> User:
    return make_reader("view_statistics", "view_person_statistics")


@pytest.fixture
def statistician(figures: None) -> User:
    return make_reader("view_statistics")


def bars(page: Page) -> int:
    page.locator(".chart svg .bars").first.wait_for(state="attached")
    return page.locator(".chart svg .bars .point path").count()


def digits(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_chart_is_drawn_and_its_table_stands_beside_it(
    page: Page, live_product: LiveProduct, coordinator: User
) -> None:
    log_in(page, coordinator, live_product)
    page.goto("/statistik/?period=own&from=2026-01&to=2026-08")
    assert bars(page) == 8 * 4
    expect(page.locator(".chart .xtick").first).to_contain_text("jan 2026")
    expect(page.locator(".chart .legendtext").first).to_have_text("Kommun")
    cells = page.locator("#chart-table tbody tr").first.locator("th, td").all_inner_texts()
    assert cells == ["januari 2026", "8", "24", "1", "0", "33"]
    assert page.locator(".modebar").count() == 0
    assert (
        sum("url(" in bar.evaluate("e => getComputedStyle(e).fill") for bar in page.locator(".point path").all()) == 24
    )
    assert_accessible(page)
    take_pictures(page, "statistics")


def test_the_chart_takes_the_colours_that_are_chosen(page: Page, live_product: LiveProduct, coordinator: User) -> None:
    log_in(page, coordinator, live_product)
    page.goto("/statistik/?period=all")
    bars(page)

    def colour() -> str:
        return str(page.locator(".chart .legendtext").first.evaluate("e => getComputedStyle(e).fill"))

    light = colour()
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "before => getComputedStyle(document.querySelector('.chart .legendtext')).fill !== before", arg=light
    )
    assert colour() != light


def test_the_files_say_what_the_table_says(page: Page, live_product: LiveProduct, coordinator: User) -> None:
    log_in(page, coordinator, live_product)
    page.goto("/statistik/?period=all&course=national-hjalpmedel&by=tertial")
    page.get_by_text("Per kurs, period och huvudman").click()
    shown = [
        [digits(cell) for cell in row.locator("th, td").all_inner_texts()]
        for row in page.locator("#all-figures tbody tr, #all-figures tfoot tr").all()
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("Genomförda kurser till ")
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig")), delimiter=";"))
    header = next(number for number, row in enumerate(rows) if row and row[0] == "Kurs" and "Period" in row)
    assert [[digits(cell) for cell in row] for row in rows[header + 1 :]] == shown


def test_a19_a_statistician_sees_no_small_group(page: Page, live_product: LiveProduct, statistician: User) -> None:
    log_in(page, statistician, live_product)
    page.goto("/statistik/?period=all&course=national-forbrukningsartiklar")
    body = page.locator("#chart-table tbody tr").all_inner_texts()
    assert sum("<5" in row for row in body) == 6
    assert page.locator("#filter-unit").count() == 0
    assert_accessible(page)
    take_pictures(page, "statistics-statistician")


def test_the_table_is_there_without_scripts(
    live_product: LiveProduct, live_chromium: object, coordinator: User
) -> None:
    from tests.browser.fixtures import new_context

    context = new_context(live_chromium, live_product, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    log_in(page, coordinator, live_product)
    page.goto("/statistik/?period=all")
    expect(page.locator("#chart-table")).to_be_visible()
    expect(page.locator("#chart")).to_be_hidden()
    page.locator("#filter-course").select_option("national-hjalpmedel")
    page.get_by_role("button", name="Visa").click()
    expect(page.locator("#chart-table caption")).to_contain_text("Förskrivning av hjälpmedel")
    context.close()


def test_an_empty_time_says_so(page: Page, live_product: LiveProduct, coordinator: User) -> None:
    log_in(page, coordinator, live_product)
    page.goto("/statistik/?period=own&from=2020-01&to=2020-02")
    expect(page.get_by_text("Inga genomföranden")).to_be_visible()
    assert page.locator(".chart").count() == 0
    assert_accessible(page)
    page.goto("/statistik/?period=own&from=2026-08&to=2026-01")
    expect(page.get_by_text("Den sista månaden ligger före den första.").first).to_be_visible()
    assert_accessible(page)


def test_a_figure_leads_to_its_people_and_back(page: Page, live_product: LiveProduct, coordinator: User) -> None:
    log_in(page, coordinator, live_product)
    page.goto("/statistik/?period=own&from=2026-01&to=2026-08&by=tertial&split=course")
    assert bars(page) == 2 * 3
    page.get_by_text("Per kurs, period och huvudman").click()
    assert_accessible(page)
    take_pictures(page, "statistics-courses")
    page.locator("#all-figures tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personerna bakom siffran")
    assert_accessible(page)
    take_pictures(page, "statistics-people")
    page.get_by_role("link", name="Tillbaka till statistiken").click()
    expect(page.locator("#chart-table")).to_be_visible()
