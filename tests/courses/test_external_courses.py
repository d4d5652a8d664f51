"""Courses that are taken elsewhere: for anybody to read about, and in one's own list."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from competence.actions.completions import claim_completion
from competence.models.course_reference import CourseReference
from courses.queries.external import external_catalogue, external_courses_of
from lms.lib.clock import day_starts_at
from tests.factories.competence import NATIONAL, complete, make_person, publish_real_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _courses() -> None:
    publish_real_rules()


def page(client: Client, key: str = NATIONAL) -> str:
    return client.get(reverse("courses:external_course", args=[key])).content.decode()


def test_anybody_reads_what_it_is_where_to_take_it_and_what_to_do_after(client: Client) -> None:
    text = page(client)
    assert "Socialstyrelsen" in text
    assert "120 minuter" in text
    assert "https://utbildning.socialstyrelsen.se/" in text
    assert "Skicka in kursbeviset här" in text
    assert f"{reverse('competence:claim_completion')}?kurs={NATIONAL}" in text
    assert "Du loggar in" in text


def test_one_that_has_ended_or_is_held_here_is_not_among_them(client: Client) -> None:
    CourseReference.objects.filter(key="regional-lmn").update(is_external=True, ended_on=date(2025, 1, 21))
    keys = {one.course.key for one in external_catalogue()}
    assert NATIONAL in keys
    assert not {"regional-lmn", "regional-forskrivare"} & keys
    for key in ("regional-lmn", "regional-forskrivare", "finns-inte"):
        assert client.get(reverse("courses:external_course", args=[key])).status_code == 404


def test_a_course_of_which_nothing_more_is_known_has_its_page(client: Client) -> None:
    CourseReference.objects.create(key="annan", title="En annan kurs", level="national", is_external=True)
    text = page(client, "annan")
    assert "En annan kurs" in text
    assert "Skicka in kursbeviset här när du är klar" in text


def test_my_courses_show_how_one_stands_with_them(client: Client) -> None:
    person = make_person()
    client.force_login(person)
    address = reverse("courses:my_courses")
    assert "Tas på annat håll" in client.get(address).content.decode()
    evidence = SimpleUploadedFile("bevis.pdf", b"%PDF-1.7 bevis")
    claim_completion(
        person=person,
        course_key=NATIONAL,
        completed_at=day_starts_at(date(2025, 2, 1)),
        evidence=evidence,
        by=person,
    )
    assert "Kursbeviset väntar på din chef" in client.get(address).content.decode()
    assert "Kursbeviset väntar på din chef" in page(client)
    complete(person, NATIONAL)
    states = {one.described.course.key: one.state for one in external_courses_of(person)}
    assert states[NATIONAL] == "done"
    client.force_login(make_person())
    assert "väntar på din chef" not in page(client)
