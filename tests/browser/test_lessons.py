"""A course of lessons in Chromium: on a phone, by keyboard alone, without JavaScript, and against the clock."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from competence.tasks import deliver_outbox
from courses.actions.examinations import LENIENCE
from courses.models import Attempt, Certificate, Course, CoursePage, Examination, LessonProgress
from lms.users.models import User
from tests.browser.axe import assert_accessible
from tests.browser.fixtures import log_in, new_context
from tests.browser.hands import Finger, Hand, Keys, Mouse
from tests.browser.lessons_by_hand import REGIONAL, REGIONAL_TITLE, THOUGHT, answer_all, done, load_regional_course
from tests.browser.pictures import take_pictures
from tests.factories.competence import NATIONAL, make_person, make_prescriber, make_world
from tests.factories.courses import make_editor
from tests.factories.lessons import at_the_test, begin, make_lesson_course, read_all_lessons
from tests.live import LiveProduct

pytestmark = pytest.mark.browser
PASSWORD = "ett-långt-lösenord-2026"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def learner(transactional_db: None) -> User:
    return make_person()


@pytest.fixture
def regional(transactional_db: None) -> Course:
    load_regional_course()
    return Course.objects.get(key=REGIONAL)


@pytest.fixture
def newcomer(regional: Course) -> User:
    """A prescriber who lacks nothing but the regional course."""
    world = make_world()
    person = make_prescriber(world.clinic, courses=[NATIONAL]).person
    person.set_password(PASSWORD)
    person.save()
    return person


def test_every_page_of_the_regional_course_is_accessible(
    page: Page, live_product: LiveProduct, regional: Course, learner: User
) -> None:
    log_in(page, learner, live_product)
    page.goto(f"/mina-kurser/{REGIONAL}/")
    assert_accessible(page)
    take_pictures(page, "lessons-course-before")
    attempt = begin(regional, learner)
    for lesson in attempt.edition.lessons.all():
        page.goto(f"/mina-kurser/{REGIONAL}/lektion/{lesson.key}/")
        for details in page.locator("details").all():
            details.evaluate("element => { element.open = true; }")
        assert_accessible(page)
        take_pictures(page, f"lesson-{lesson.position}-{lesson.key}")
    page.goto(f"/mina-kurser/{REGIONAL}/test/")
    assert_accessible(page)
    take_pictures(page, "test-closed")
    read_all_lessons(attempt)
    page.goto(f"/mina-kurser/{REGIONAL}/test/")
    assert_accessible(page)
    take_pictures(page, "test-open")
    page.get_by_role("button", name="Starta testet").click()
    page.get_by_role("button", name="Lämna in", exact=True).click()
    expect(page.get_by_text("frågor är inte helt besvarade")).to_be_visible()
    assert_accessible(page)
    take_pictures(page, "test-unanswered")
    answer_all(page, Examination.objects.get(), wrong=5)
    page.get_by_role("button", name="Lämna in", exact=True).click()
    expect(page.get_by_text("Inte riktigt ännu")).to_be_visible()
    assert_accessible(page)
    take_pictures(page, "test-failed")
    page.get_by_role("link", name="Gör testet igen").click()
    expect(page.get_by_role("button", name="Gör testet igen")).to_be_visible()
    take_pictures(page, "test-again")
    assert_accessible(page)
    page.get_by_role("button", name="Gör testet igen").click()
    answer_all(page, Examination.objects.get(submitted_at=None), wrong=1)
    page.get_by_role("button", name="Lämna in", exact=True).click()
    expect(page.get_by_text("Du är godkänd")).to_be_visible()
    assert_accessible(page)
    take_pictures(page, "test-passed")
    page.goto(f"/mina-kurser/{REGIONAL}/")
    assert_accessible(page)
    take_pictures(page, "lessons-course-after")


def test_an_editors_pages_are_accessible(page: Page, live_product: LiveProduct, regional: Course) -> None:
    log_in(page, make_editor(), live_product)
    for path in (f"{REGIONAL}/", f"{REGIONAL}/fragor/", "ny-med-lektioner/"):
        page.goto(f"/kursredaktion/{path}")
        assert_accessible(page)
        take_pictures(page, f"lessons-editor-{path.strip('/').replace('/', '-')}")


def test_an_editor_writes_a_course_from_nothing_and_a_learner_meets_it(page: Page, live_product: LiveProduct) -> None:
    log_in(page, make_editor(), live_product)
    page.goto("/kursredaktion/")
    page.get_by_role("link", name="Skapa en kurs med lektioner").click()
    page.get_by_label("Titel").fill("Ramper i hemmet")
    page.locator("input[name=key]").fill("ramper")
    page.locator("input[name=minutes]").fill("15")
    page.get_by_role("button", name="Skapa kursen").click()
    expect(page.get_by_text("Ingen lektion är publicerad än").first).to_be_visible()
    take_pictures(page, "lessons-editor-new")

    course_page = CoursePage.objects.get()
    page.goto(f"/admin/pages/add/courses/lessonpage/{course_page.pk}/")
    page.locator("#id_title").fill("Mät först")
    page.locator("#id_title").press("Tab")
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Fler åtgärder").click()
    page.get_by_role("button", name="Publicera", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Deltagarna möter lektionen när du publicerar själva kursen")
    page.goto(f"/admin/pages/{course_page.pk}/edit/")
    page.get_by_role("tab", name="Kunskapstest").click()
    take_pictures(page, "lessons-admin-test")
    page.get_by_role("button", name="Fler åtgärder").click()
    page.get_by_role("button", name="Publicera", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Utgåva 1 används från och med nu")
    page.goto("/mina-kurser/")
    expect(page.get_by_role("link", name="Ramper i hemmet").first).to_be_visible()


def test_the_whole_course_on_a_phone(live_chromium: Browser, live_product: LiveProduct, newcomer: User) -> None:
    context = new_context(live_chromium, live_product, **PHONE)
    page = context.new_page()
    from_log_in_to_certificate(Finger(page), newcomer)
    for path in ("", "lektion/regelverk/", "test/", "test/1/"):
        page.goto(f"/mina-kurser/{REGIONAL}/{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} wide"
    context.close()


def test_the_whole_course_without_javascript(live_chromium: Browser, live_product: LiveProduct, newcomer: User) -> None:
    context = new_context(live_chromium, live_product, java_script_enabled=False)
    from_log_in_to_certificate(Mouse(context.new_page()), newcomer)
    context.close()


def test_the_whole_course_by_keyboard_alone(page: Page, live_product: LiveProduct, newcomer: User) -> None:
    from_log_in_to_certificate(Keys(page), newcomer)


def from_log_in_to_certificate(hand: Hand, newcomer: User) -> None:
    """Somebody who lacks nothing but the regional course logs in, sees that, takes the course from beginning to end,
    and may order."""
    page = hand.page
    page.goto("/konto/login/?next=/min-behorighet/")
    hand.write("login", newcomer.username)
    hand.write("password", PASSWORD)
    hand.press("Logga in")
    main = page.locator("main")
    expect(main.locator("article.right").get_by_text("Får inte beställa", exact=True)).to_be_visible()
    hand.press("Till utbildningen")
    hand.press("Starta kursen")
    for number in range(1, 8):
        expect(main.get_by_text(f"Lektion {number} av 7")).to_be_visible()
        if number == 2:
            hand.write(str(page.locator("textarea").get_attribute("name")), THOUGHT)
        hand.press("Klar, ")
    hand.press("Starta testet")
    expect(main.get_by_text("Lämna in senast")).to_be_visible()
    hand.answer(Examination.objects.get())
    hand.press("Lämna in", stays=True)
    expect(main.get_by_text("Du är godkänd")).to_be_visible()
    deliver_outbox()
    hand.press("Se vad du får beställa nu")
    expect(main.locator("article.right").get_by_text("Får beställa", exact=True)).to_be_visible()
    hand.press("Mina kursbevis")
    expect(main.get_by_text(REGIONAL_TITLE).first).to_be_visible()
    assert Attempt.objects.get().status == "passed"
    assert THOUGHT in str(LessonProgress.objects.get(lesson__position=2).notes)
    assert Certificate.objects.get().person == newcomer


def test_what_one_writes_is_saved_as_one_goes_along(
    page: Page, live_product: LiveProduct, regional: Course, learner: User
) -> None:
    begin(regional, learner)
    log_in(page, learner, live_product)
    page.goto(f"/mina-kurser/{REGIONAL}/lektion/regelverk/")
    page.locator("textarea").fill("Något att minnas")
    page.locator("textarea").blur()
    expect(page.locator("[data-autosave-status]")).to_have_text("Sparat")
    assert "Något att minnas" in str(LessonProgress.objects.get().notes)
    page.reload()
    expect(page.locator("textarea")).to_have_value("Något att minnas")


def test_the_test_is_handed_in_by_itself_when_the_time_is_over(
    page: Page, live_product: LiveProduct, learner: User
) -> None:
    examination = at_the_test(make_lesson_course(time_limit_minutes=30), learner)
    log_in(page, learner, live_product)
    page.clock.install()
    page.goto(f"/mina-kurser/{examination.attempt.edition.course.key}/test/1/")
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^(30|2\d)\.\d\d kvar"))
    take_pictures(page, "test-clock")
    answer_all(page, examination, wrong=3)
    page.clock.run_for(2_000)  # what is typed is saved after a moment without a key
    expect(page.locator("[data-autosave-status]")).to_have_text("Dina svar är sparade")
    # The time passes for both: the page's clock decides when it is handed in, ours what counts.
    Examination.objects.update(deadline_at=timezone.now() - LENIENCE)
    page.clock.fast_forward("30:00")
    expect(page.get_by_text("Inte riktigt ännu")).to_be_visible()
    examination.refresh_from_db()
    assert examination.right == 2, "what was answered in time counts"


def test_the_back_button_after_handing_in_shows_the_result(
    page: Page, live_product: LiveProduct, learner: User
) -> None:
    examination = at_the_test(make_lesson_course(), learner)
    log_in(page, learner, live_product)
    page.goto(f"/mina-kurser/{examination.attempt.edition.course.key}/test/1/")
    answer_all(page, examination, wrong=3)
    page.get_by_role("button", name="Lämna in", exact=True).click()
    expect(page.get_by_text("Inte riktigt ännu")).to_be_visible()
    page.goto("/mina-kurser/")
    page.go_back()
    page.go_back()
    expect(page.get_by_text("Inte riktigt ännu")).to_be_visible()
    expect(page.get_by_role("button", name="Lämna in", exact=True)).to_have_count(0)
    assert Attempt.objects.get().status == "failed"


def test_going_on_from_a_done_lesson_is_one_press(page: Page, live_product: LiveProduct, learner: User) -> None:
    course = make_lesson_course(lessons=3)
    begin(course, learner)
    log_in(page, learner, live_product)
    page.goto(f"/mina-kurser/{course.key}/lektion/lektion-1/")
    done(page)
    page.get_by_role("link", name="Föregående").click()
    page.get_by_role("button", name="Nästa").click()
    page.wait_for_url("**/lektion-2/")
