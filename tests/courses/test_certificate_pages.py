"""One's own certificates, and the public page that anybody opens with a code."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client

from competence.actions.wrong_completions import withdraw_completion
from competence.models.completion import Completion
from competence.tasks import deliver_outbox
from courses.models import Certificate
from courses.views import verification
from lms.users.models import User
from tests.factories.certificates import COMPLETED, make_certificate
from tests.factories.competence import World, make_person, make_prescriber
from tests.factories.courses import BUILDER, make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> User:
    owner = make_prescriber(world.clinic).person
    owner.first_name, owner.last_name, owner.email = "Åsa", "Testsson", "asa@example.se"
    owner.save()
    return owner


@pytest.fixture
def certificate(person: User) -> Certificate:
    return make_certificate(person, make_course(title="Regional <utbildning>", minutes=95))


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(code: str, client: Client | None = None) -> str:
    response = (client or Client()).get(f"/kursbevis/{code}/")
    assert response.status_code == 200
    return response.content.decode()


def without_tokens(response: Any) -> bytes:
    """The body, but for the form's token and what was asked for, which differ each time."""
    token = rb"[A-Za-z0-9]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    asked = response.wsgi_request.get_full_path()
    said = response.content.replace(asked.encode(), b"").replace(quote(asked, safe="").encode(), b"")
    return re.sub(token, b"", said)


def take_back(certificate: Certificate) -> None:
    completion = Completion.objects.get(public_id=certificate.completion)
    withdraw_completion(completion=completion, reason="Förväxlad med en annan person", by=BUILDER)
    deliver_outbox()


# --- The public page ------------------------------------------------------------------------------------------------
def test_a48_the_page_shows_every_certified_fact_so_that_an_edited_certificate_is_seen(
    certificate: Certificate,
) -> None:
    said = page(certificate.shown_code)
    for fact in (
        "äkta och gäller",
        "Åsa Testsson",
        "Regional &lt;utbildning&gt;",
        "4 mars 2025",
        "1 timme 35 minuter",
        "Hjälpmedel i Västra Götaland",
        certificate.shown_code,
    ):
        assert fact in said
    assert f'datetime="{certificate.issued_at:%Y-%m-%d}"' in said


def test_a48_a_forged_code_is_said_not_to_be_ours(certificate: Certificate) -> None:
    letter = "0" if certificate.code[-1] != "0" else "1"
    for forged in (certificate.code[:-1] + letter, "7K3QX-9TB2M-4HZ8P-WN5RC"):
        response = Client().get(f"/kursbevis/{forged}/")
        assert response.status_code == 404
        said = response.content.decode()
        assert "Vi har inte utfärdat något kursbevis med den här koden" in said
        assert "Testsson" not in said


def test_a48_a_revoked_certificate_says_so_first_and_not_why(certificate: Certificate) -> None:
    take_back(certificate)
    said = page(certificate.shown_code)
    assert "Kursbeviset är återkallat" in said
    assert "äkta och gäller" not in said
    assert "Åsa Testsson" in said, "so that one sees that it is this certificate that was revoked"
    assert "Förväxlad" not in said


def test_a48_a_replaced_certificate_says_when_and_does_not_lead_to_the_new_one(
    person: User, certificate: Certificate
) -> None:
    course = make_course()
    old = make_certificate(person, course)
    new = make_certificate(person, course, COMPLETED + timedelta(days=365))
    said = page(old.shown_code)
    assert "det finns ett nyare" in said
    assert "4 mars 2026" not in said
    assert new.code not in said
    assert new.shown_code not in said
    assert "äkta och gäller" in page(new.shown_code)


def test_the_page_shows_no_more_than_what_is_certified(
    world: World, person: User, certificate: Certificate, django_assert_num_queries: Any
) -> None:
    identity = person.identities.get()
    with django_assert_num_queries(4):  # two of the certificate, two of the site's menus
        said = page(certificate.shown_code)
    for secret in (
        identity.value,
        person.email,
        person.username,
        str(person.public_id),
        str(certificate.public_id),
        str(certificate.completion),
        world.clinic.name,
    ):
        assert secret not in said


def test_the_same_is_shown_to_whoever_asks(world: World, person: User, certificate: Certificate) -> None:
    for reader in (person, make_person(), world.manager, world.outsider):
        assert "Åsa Testsson" in page(certificate.shown_code, client_of(reader))


def test_a14_a_missing_code_and_what_is_no_code_give_one_and_the_same_page(certificate: Certificate) -> None:
    bodies = {
        without_tokens(Client().get(f"/kursbevis/{code}/"))
        for code in ("7K3QX-9TB2M-4HZ8P-WN5RC", "ABC", "1", str(certificate.public_id), certificate.code[:19])
    }
    assert len(bodies) == 1


def test_the_form_leads_to_the_page_however_the_code_is_written(certificate: Certificate) -> None:
    response = Client().get(
        "/kursbevis/", {"kod": f" {certificate.shown_code.lower().replace('-', ' ')} "}, follow=True
    )
    assert "äkta och gäller" in response.content.decode()


def test_what_is_no_code_is_told_at_the_field_and_kept(db: None) -> None:
    response = Client().get("/kursbevis/", {"kod": '"><script>7K3'})
    said = response.content.decode()
    assert response.status_code == 200
    assert "En kod har tjugo bokstäver och siffror" in said
    assert 'aria-invalid="true"' in said
    assert "&quot;&gt;&lt;script&gt;7K3" in said


def test_pages_are_neither_kept_nor_found_by_search_engines(certificate: Certificate) -> None:
    for address in ("/kursbevis/", f"/kursbevis/{certificate.code}/", "/kursbevis/ABC/"):
        response = Client().get(address)
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Cache-Control"] == "private, no-store"


def test_a14_who_tries_codes_is_stopped_by_address(certificate: Certificate) -> None:
    cache.clear()
    client = Client()
    tried = [client.get(f"/kursbevis/{number:020d}/").status_code for number in range(verification.MISSES + 2)]
    assert tried == [404] * verification.MISSES + [429, 429]
    assert client.get(f"/kursbevis/{certificate.code}/").status_code == 200, "who has a code is not one who tries"
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(f"/kursbevis/{'0' * 20}/").status_code == 404
    cache.clear()


def test_who_asks_far_too_often_is_told_when_to_come_back(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(verification, "LOOKS_PER_MINUTE", 1)
    client = Client()
    client.get(f"/kursbevis/{certificate.code}/")
    response = client.get(f"/kursbevis/{certificate.code}/")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert "Vänta några minuter" in response.content.decode()
    cache.clear()


def test_f04_a_cache_that_is_away_stops_nobody(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("lms.lib.pace.cache.add", away)
    assert "äkta och gäller" in page(certificate.code)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_changed_there(certificate: Certificate, method: str) -> None:
    assert getattr(Client(), method)(f"/kursbevis/{certificate.code}/").status_code == 405


# --- One's own ------------------------------------------------------------------------------------------------------
def addresses(certificate: Certificate) -> list[str]:
    return [f"/mina-kurser/kursbevis/{certificate.public_id}/{file}/" for file in ("pdf", "marke")]


def test_the_owner_downloads_it(person: User, certificate: Certificate) -> None:
    pdf, badge = (client_of(person).get(address) for address in addresses(certificate))
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="kursbevis-regional-utbildning.pdf"'
    assert pdf.headers["Cache-Control"] == "private, no-store"
    assert badge.content.count(b".") == 2
    assert badge.headers["Content-Type"] == "application/vc+jwt"


def test_a14_anothers_certificate_is_as_one_that_is_not_there(
    world: World, person: User, certificate: Certificate
) -> None:
    for address in addresses(certificate):
        missing = address.replace(str(certificate.public_id), str(uuid.uuid4()))
        for reader in (make_person(), world.manager, world.outsider):
            client = client_of(reader)
            response, nothing = client.get(address), client.get(missing)
            assert response.status_code == nothing.status_code == 404
            assert without_tokens(response) == without_tokens(nothing)
        assert Client().get(address).status_code == 302, "who has not logged in is asked to"


def test_a_revoked_one_is_not_handed_out_any_more(person: User, certificate: Certificate) -> None:
    take_back(certificate)
    client = client_of(person)
    assert [client.get(address).status_code for address in addresses(certificate)] == [404, 404]
    said = client.get("/mina-kurser/kursbevis/").content.decode()
    assert "Återkallat" in said
    assert str(certificate.public_id) not in said


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    person: User, many: int, django_assert_num_queries: Any
) -> None:
    for day in range(many):
        make_certificate(person, at=COMPLETED + timedelta(days=day))
    client = client_of(person)
    client.get("/mina-kurser/kursbevis/")
    with django_assert_num_queries(7):
        said = client.get("/mina-kurser/kursbevis/").content.decode()
    assert said.count("Hämta kursbeviset (PDF)") == many


def test_others_certificates_are_not_in_the_list(world: World, certificate: Certificate) -> None:
    for reader in (make_person(), world.manager, world.outsider):
        said = client_of(reader).get("/mina-kurser/kursbevis/").content.decode()
        assert "Du har inga kursbevis ännu" in said
        assert certificate.course_title not in said


def test_it_is_offered_where_the_courses_are(person: User, certificate: Certificate) -> None:
    client = client_of(person)
    address = f"/mina-kurser/kursbevis/{certificate.public_id}/pdf/"
    assert address in client.get("/mina-kurser/").content.decode()
    assert address in client.get(f"/mina-kurser/{certificate.course_key}/").content.decode()
    assert "/mina-kurser/kursbevis/" in client.get("/min-behorighet/").content.decode()
