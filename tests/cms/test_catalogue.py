"""Where the addresses of courses begin."""

from typing import Any

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from cms.models import CourseCataloguePage, SectionPage, StartPage
from competence.models.course_reference import CourseReference
from tests.cms.conftest import Publish
from tests.factories.courses import make_course
from tests.factories.lessons import make_lesson_course
from tests.factories.occasions import make_occasion

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(start: StartPage, publish: Publish) -> CourseCataloguePage:
    section = publish(start, SectionPage, "Kompetens", slug="kompetens")
    page: CourseCataloguePage = publish(section, CourseCataloguePage, "Kurser", slug="kurser")
    return page


def test_it_leads_to_the_sites_page_about_courses(client: Client, catalogue: CourseCataloguePage) -> None:
    answer = client.get("/kurser/")
    assert (answer.status_code, answer["Location"]) == (302, "/kompetens/kurser/")
    assert client.get("/kurser/", follow=True).status_code == 200


def test_a_page_about_courses_at_that_very_address_is_shown_there(
    client: Client, start: StartPage, publish: Publish
) -> None:
    publish(start, CourseCataloguePage, "Alla kurser", slug="kurser")
    answer = client.get("/kurser/")
    assert answer.status_code == 200
    assert "<h1>Alla kurser</h1>" in answer.content.decode()


def test_where_the_site_has_no_such_page_the_courses_stand_there(client: Client, start: StartPage) -> None:
    course, hidden = make_course(title="Hjälpmedel i hemmet"), make_course(title="Dold", is_published=False)
    occasion = make_occasion()
    elsewhere = CourseReference.objects.create(
        key="nationell", title="Förskrivning av hjälpmedel", is_external=True, level="national"
    )
    body = client.get("/kurser/").content.decode()
    assert f'href="/mina-kurser/{course.key}/"' in body
    assert f'href="/kurstillfallen/?course={occasion.course.key}"' in body
    assert f'href="/kurser/{elsewhere.key}/"' in body
    assert hidden.title not in body
    assert 'href="/kurser/"' in client.get(f"/kurser/{elsewhere.key}/").content.decode()


def test_without_any_course_it_says_so(client: Client, start: StartPage) -> None:
    body = client.get("/kurser/").content.decode()
    assert "Det finns inga kurser att gå just nu" in body
    assert 'href="/kurstillfallen/"' in body


def test_a_page_that_is_a_draft_or_not_for_everybody_is_led_to_for_nobody(
    client: Client, catalogue: CourseCataloguePage
) -> None:
    restriction = PageViewRestriction.objects.create(page=catalogue, restriction_type=PageViewRestriction.LOGIN)
    assert client.get("/kurser/").status_code == 200
    restriction.delete()
    catalogue.unpublish()
    assert client.get("/kurser/").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_it_asks_as_often_for_three_courses_as_for_one(
    client: Client, start: StartPage, number: int, django_assert_num_queries: Any
) -> None:
    for place in range(number):
        make_course()
        make_lesson_course(questions=[])
        make_occasion()
        CourseReference.objects.create(key=f"annan-{place}", title="En annan", is_external=True)
    client.get("/kurser/")
    with django_assert_num_queries(6):
        assert client.get("/kurser/").content.decode().count('class="card__title"') == 4 * number


def test_it_is_only_read(client: Client, start: StartPage) -> None:
    assert client.post("/kurser/").status_code == 405
