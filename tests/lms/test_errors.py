"""What is answered when something breaks."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def broken(settings: Any) -> Client:
    settings.ROOT_URLCONF = "tests.browser.gallery"
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_a_missing_page_says_what_to_do_in_swedish(client: Client) -> None:
    answer = client.get("/finns-inte/")
    assert answer.status_code == 404
    assert "Vi hittar inte sidan" in answer.content.decode()


def test_a_fault_of_ours_is_told_without_a_database(broken: Client) -> None:
    answer = broken.get("/prov/sonder/")
    assert answer.status_code == 500
    assert "Något gick fel hos oss" in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()


def test_a_database_that_is_away_gives_503_and_a_time_to_come_back(broken: Client) -> None:
    answer = broken.get("/prov/sonder/?db")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "Tjänsten vilar en stund" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_with_an_explanation() -> None:
    answer = Client(enforce_csrf_checks=True).post("/konto/login/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "Formuläret hade varit öppet för länge" in answer.content.decode()
