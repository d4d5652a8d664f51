"""Certificates as Open Badges 3.0: checked by the library's own verifier, as a stranger would."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import jwt
import pytest
from django.core.management import call_command
from django.test import Client
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3Verifier, OpenBadgeCredential

from courses.actions.certificates import STATUS_LIST_BITS, revoke_certificate
from courses.certificates.badge import badge_of, issuer_id
from courses.models import Certificate, CertificateKey
from tests.factories.certificates import make_certificate
from tests.factories.competence import make_person
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address(settings: Any) -> None:
    settings.BASE_URL = "https://behorighet.example.se"


@pytest.fixture
def certificate() -> Certificate:
    return make_certificate(make_person(first_name="Åsa", last_name="Testsson"), make_course(title="En kurs"))


def fetch(url: str, *args: Any, **kwargs: Any) -> bytes:
    """What the public address answers, without log-in."""
    response = Client().get(url.removeprefix("https://behorighet.example.se"))
    assert response.status_code == 200, url
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return response.content


def verify(token: str) -> OpenBadgeCredential:
    return OB3Verifier.for_issuer_did(issuer_id(), download=fetch).verify(token, check_status=True, download=fetch)


def test_a_stranger_verifies_it_with_the_published_key_and_reads_every_fact(certificate: Certificate) -> None:
    found = verify(badge_of(certificate))
    assert found.issuer.id == "did:web:behorighet.example.se:kursbevis"
    assert found.issuer.name == certificate.issuer_name
    assert found.identifiers[0].identity_hash == "Åsa Testsson"
    assert found.achievement.name == "En kurs"
    assert "Omfattning: 45 minuter." in found.achievement.criteria_narrative
    assert found.issuance_date is not None
    assert abs((found.issuance_date - certificate.issued_at).total_seconds()) < 1
    assert found.raw is not None
    assert found.raw["awardedDate"] == certificate.completed_at.isoformat()


def test_it_says_nothing_else_about_the_person(certificate: Certificate) -> None:
    said = json.dumps(jwt.decode(badge_of(certificate), options={"verify_signature": False}))
    for secret in (certificate.person.username, str(certificate.person.public_id), certificate.code):
        assert secret not in said


def test_a48_a_badge_that_was_edited_does_not_verify(certificate: Certificate) -> None:
    head, _body, signature = badge_of(certificate).split(".")
    facts = jwt.decode(badge_of(certificate), options={"verify_signature": False})
    facts["credentialSubject"]["identifier"][0]["identityHash"] = "Någon Annan"
    body = jwt.utils.base64url_encode(json.dumps(facts).encode()).decode()
    with pytest.raises(LibOpenBadgesException):
        verify(f"{head}.{body}.{signature}")


def test_a48_a_revoked_badge_is_told_by_its_status_and_others_are_not(certificate: Certificate) -> None:
    other = make_certificate(make_person())
    token, others = badge_of(certificate), badge_of(other)
    revoke_certificate(certificate=certificate)
    with pytest.raises(LibOpenBadgesException, match="'revocation' is set"):
        verify(token)
    verify(others)


def test_a38_the_signature_is_es256_and_names_its_key(certificate: Certificate) -> None:
    header = jwt.get_unverified_header(badge_of(certificate))
    assert header["alg"] == "ES256"
    assert header["kid"] == f"{issuer_id()}#{CertificateKey.objects.get().kid}"


def test_a_badge_outlives_the_key_that_signed_it_unless_that_leaked(certificate: Certificate) -> None:
    token = badge_of(certificate)
    call_command("change_certificate_key", stdout=StringIO())
    verify(token)
    verify(badge_of(certificate))
    call_command("change_certificate_key", "--leaked", stdout=StringIO())
    with pytest.raises(LibOpenBadgesException):
        verify(token)
    verify(badge_of(certificate))


def test_a_dry_run_changes_no_key(certificate: Certificate) -> None:
    token = badge_of(certificate)
    call_command("change_certificate_key", "--leaked", "--dry-run", stdout=StringIO())
    verify(token)
    assert CertificateKey.objects.count() == 1


def test_private_parts_are_sealed_and_go_when_another_key_signs(certificate: Certificate, settings: Any) -> None:
    badge_of(certificate)
    [key] = CertificateKey.objects.all()
    assert "PRIVATE" not in key.sealed
    settings.SECRET_KEY = "another-secret-key-of-the-same-service"
    settings.SECRET_KEY_FALLBACKS = []
    verify(badge_of(certificate))  # a new key was made
    key.refresh_from_db()
    assert key.sealed == ""
    assert json.loads(fetch("/kursbevis/did.json"))["verificationMethod"][1]["publicKeyJwk"] == key.jwk


def test_the_published_document_holds_public_parts_only(certificate: Certificate) -> None:
    badge_of(certificate)
    [method] = json.loads(fetch("/kursbevis/did.json"))["verificationMethod"]
    assert set(method["publicKeyJwk"]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_the_status_list_tells_no_number_and_a_list_that_is_not_there_is_missing(certificate: Certificate) -> None:
    listed = jwt.decode(fetch("/kursbevis/status/0/"), options={"verify_signature": False})
    assert listed["credentialSubject"]["statusPurpose"] == "revocation"
    assert certificate.status_index < STATUS_LIST_BITS
    assert Client().get("/kursbevis/status/1/").status_code == 404
