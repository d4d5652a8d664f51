"""Registering a course taken elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from competence.models.completion import CompletionClaim
from lms.lib.clock import local_day
from tests.competence.views.helpers import client_of, make_claim, pdf, text_of
from tests.factories.competence import NATIONAL, REGIONAL, World, make_prescriber

URL = "/min-behorighet/intyga/"
pytestmark = pytest.mark.usefixtures("media_folder")


@pytest.fixture
def person(world: World) -> Any:
    return make_prescriber(world.clinic, courses=(REGIONAL,)).person


def values(**changed: Any) -> dict[str, Any]:
    return {"course": NATIONAL, "completed_on": "2026-01-15", "evidence": pdf(), "note": "Här är det.", **changed}


def test_what_is_sent_in_waits_for_the_manager(person: Any) -> None:
    response = client_of(person).post(URL, values(), follow=True)
    assert response.redirect_chain == [("/min-behorighet/", 302)]
    assert "Kursbeviset är inskickat." in text_of(response)
    claim = CompletionClaim.objects.get()
    assert (claim.person, claim.status, claim.evidence_type) == (person, "waiting", "application/pdf")
    assert local_day(claim.completed_at).isoformat() == "2026-01-15"


def test_the_course_of_the_link_is_chosen_beforehand(person: Any) -> None:
    body = client_of(person).get(URL, {"kurs": NATIONAL}).content.decode()
    assert f'<option value="{NATIONAL}" selected>' in body


def test_a_question_is_answered_by_its_error_without_a_colon(person: Any) -> None:
    body = text_of(client_of(person).post(URL, {"course": ""}))
    assert "Vilken utbildning har du gått? Fyll i det här fältet." in body
    assert "?:" not in body


def test_only_courses_taken_elsewhere_can_be_registered(person: Any) -> None:
    client = client_of(person)
    assert f'value="{REGIONAL}"' not in client.get(URL).content.decode()
    assert client.post(URL, values(course=REGIONAL)).status_code == 422
    assert not CompletionClaim.objects.exists()


def test_an_error_keeps_what_was_written(person: Any) -> None:
    response = client_of(person).post(URL, values(completed_on=""))
    assert response.status_code == 422
    body = response.content.decode()
    assert "Här är det." in body
    assert f'<option value="{NATIONAL}" selected>' in body
    assert "välj den igen" in body


def test_a_day_ahead_is_refused(person: Any) -> None:
    ahead = local_day(timezone.now()) + timedelta(days=1)
    response = client_of(person).post(URL, values(completed_on=ahead.isoformat()))
    assert response.status_code == 422
    assert "Datumet har inte varit än." in text_of(response)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bevis.pdf", b"<html><script>alert(1)</script></html>"),
        ("bevis.php", b"<?php echo 1; ?>"),
        ("bevis.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("tom.pdf", b""),
    ],
)
def test_a10_a_file_that_is_no_certificate_is_refused_and_not_kept(
    person: Any, media_folder: Any, name: str, content: bytes
) -> None:
    response = client_of(person).post(URL, values(evidence=pdf(name, content)))
    assert response.status_code == 422
    assert not CompletionClaim.objects.exists()
    assert not [path for path in media_folder.rglob("*") if path.is_file()]


def test_a_file_that_is_too_large_is_refused(person: Any, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 10
    response = client_of(person).post(URL, values())
    assert response.status_code == 422
    assert "för stor" in text_of(response)


def test_the_same_course_twice_is_refused_while_the_first_waits(person: Any) -> None:
    make_claim(person)
    response = client_of(person).post(URL, values())
    assert response.status_code == 422
    assert "Du har redan skickat in ett kursbevis" in text_of(response)


def test_a45_without_a_csrf_token_nothing_is_sent_in(person: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(URL, values()).status_code == 403
    assert client.get(URL, {"course": NATIONAL, "completed_on": "2026-01-15"}).status_code == 200
    assert not CompletionClaim.objects.exists()
