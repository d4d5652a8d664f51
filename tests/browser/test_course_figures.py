"""What those who look after a course see of how it goes: participants, one attempt, the funnel, what is stuck."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from courses.actions.attendance import note_attendance
from courses.actions.courses import add_edition
from courses.actions.examinations import start_examination, submit_examination
from courses.models import Attempt, LessonProgress
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in
from tests.browser.pictures import take_pictures
from tests.courses.packages import package, two_part_package
from tests.courses.test_attendance import marks_of
from tests.factories.competence import make_person
from tests.factories.courses import (
    BUILDER,
    make_administrator,
    make_attempt,
    make_course,
    make_editor,
    sit_down,
    write,
)
from tests.factories.lessons import begin, form_for, make_lesson_course, read_all_lessons, reader
from tests.factories.occasions import make_held_occasion, make_occasion_course
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=\"document.title='evil'\"><script>document.title='evil'</script>"


def test_the_pages_that_tell_how_a_course_goes_are_accessible(page: Page, live_product: LiveProduct) -> None:
    course = make_course(two_part_package(), title="En kurs i två delar")
    log_in(page, make_administrator(), live_product)
    for end in ("deltagare/", "resultat/"):
        page.goto(f"/kursredaktion/{course.key}/{end}")
        assert_accessible(page)  # nothing here yet
    make_attempt(course, make_person(first_name="Anna-Karin", last_name="Testsson-Långnamnsson af Provköping"))
    sitting = sit_down(make_attempt(course), "del-1")
    written = {"cmi.core.lesson_status": "completed", "cmi.suspend_data": "abc" * 300, "cmi.core.student_id": "x"}
    write(sitting, written, trigger="terminate")
    for path, name in (
        ("deltagare/", "deltagare"),
        ("deltagare/?search=finns-inte", "deltagare-tom"),
        (f"deltagare/{sitting.attempt}/", "forsok"),
        ("resultat/", "resultat"),
        ("installningar/", "installningar"),
    ):
        answer = page.goto(f"/kursredaktion/{course.key}/{path}")
        assert answer is not None
        assert answer.status == 200
        take_pictures(page, f"kurs-{name}")
        assert_accessible(page)


def test_how_courses_of_lessons_and_occasions_go_is_told_accessibly(page: Page, live_product: LiveProduct) -> None:
    lessons, on_site = make_lesson_course(title="En kurs med lektioner", lessons=3), make_occasion_course()
    runs = [begin(lessons, make_person()) for _number in range(7)]
    for attempt in runs[:6]:
        read_all_lessons(attempt)
    for attempt in runs[:5]:
        examination = start_examination(attempt=attempt, by=attempt.person)
        answers = reader(form_for(examination, wrong=0 if attempt is runs[0] else 4))
        submit_examination(examination=examination, read=answers, by=attempt.person)
    Attempt.objects.update(started_at=timezone.now() - timedelta(days=40))
    LessonProgress.objects.update(done_at=timezone.now() - timedelta(days=39))
    occasion = make_held_occasion(on_site, people=7, web_part=lessons)
    marks = [marks_of(place, True) for place in occasion.places.all()[:6]]
    note_attendance(occasion=occasion, marks={key: one for mark in marks for key, one in mark.items()}, by=BUILDER)
    for somebody in (make_administrator(), make_editor()):
        log_in(page, somebody, live_product)
        for course in (lessons, on_site):
            page.goto(f"/kursredaktion/{course.key}/resultat/")
            expect(page.get_by_role("heading", name="Det som har fastnat")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280
            assert_accessible(page)
            take_pictures(page, f"resultat-{course.kind}-{'alla' if somebody.is_superuser else somebody.pk}")


def test_a06_what_a_package_wrote_is_inert_where_it_is_looked_into(page: Page, live_product: LiveProduct) -> None:
    course = make_course()
    sitting = sit_down(make_attempt(course))
    for element in ("cmi.suspend_data", "cmi.comments", "cmi.core.lesson_location", "cmi.interactions.0.id", EVIL):
        write(sitting, {element: EVIL})
    log_in(page, make_administrator(), live_product)
    page.goto(f"/kursredaktion/{course.key}/deltagare/{sitting.attempt}/")
    expect(page.get_by_text("onerror=").first).to_be_visible()
    assert page.title() != "evil"
    assert page.locator("main img").count() == 0
    assert page.locator("main script").count() == 0


def test_an_edition_that_follows_another_is_published_with_a_reason_or_becomes_its_own_course(
    page: Page, live_product: LiveProduct
) -> None:
    course = make_course(title="En kurs")
    for text in ("två", "tre"):
        data = io.BytesIO(package(ny__txt=text))
        add_edition(course=course, source=data, file_name=f"{text}.zip", by=BUILDER)
    log_in(page, make_administrator(), live_product)

    page.goto(f"/kursredaktion/{course.key}/")
    page.get_by_role("link", name=re.compile("Publicera.*utgåva 2")).click()
    take_pictures(page, "kurs-publicera")
    assert_accessible(page)
    page.locator("textarea[name=reason]").fill("Bara rättade stavfel")
    page.get_by_role("button", name="Publicera som samma kurs").click()
    expect(page.get_by_text("Publicerad, utgåva 2")).to_be_visible()

    page.get_by_role("link", name=re.compile("Publicera.*utgåva 3")).click()
    page.get_by_role("link", name="Gör den till en egen kurs").click()
    take_pictures(page, "kurs-egen")
    assert_accessible(page)
    page.locator("input[name=key]").fill("ny-kurs")
    page.locator("textarea[name=reason]").fill("Allt är nytt")
    page.get_by_role("button", name="Skapa kursen").click()
    page.wait_for_url("**/kursredaktion/ny-kurs/")
    page.get_by_role("link", name="Inställningar").click()
    expect(page.get_by_text("Allt är nytt")).to_be_visible()
