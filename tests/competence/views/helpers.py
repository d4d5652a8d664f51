"""What the tests of the pages share."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from competence.actions.applications import save_application, submit_application
from competence.actions.completions import claim_completion
from competence.models.authorisation import AuthorisationApplication
from competence.models.completion import CompletionClaim
from competence.models.ordering_system import OrderingRight
from lms.lib.clock import day_starts_at
from lms.users.models import User
from tests.factories.competence import NATIONAL, Prescriber

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEALTH_CARE = "websesam.health-care"


def client_of(person: User) -> Client:
    """A browser in which `person` has logged in."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pdf(name: str = "kursbevis.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def make_claim(person: User, course: str = NATIONAL, **kwargs: Any) -> CompletionClaim:
    """`person` has sent in a certificate."""
    return claim_completion(
        person=person,
        course_key=course,
        completed_at=day_starts_at(date(2026, 1, 15)),
        evidence=kwargs.pop("evidence", None) or pdf(),
        by=person,
        **kwargs,
    )


def make_application(prescriber: Prescriber, right: str = HEALTH_CARE, **fields: Any) -> AuthorisationApplication:
    """`prescriber` has sent in a complete application."""
    values: dict[str, Any] = {
        "right": OrderingRight.objects.get(key=right),
        "starts_on": date(2026, 2, 1),
        "name": prescriber.person.full_name,
        "title": "Arbetsterapeut",
        "email": "test@example.se",
        "hsa_id": prescriber.hsa_id,
    }
    draft = save_application(employment=prescriber.employment, by=prescriber.person, **{**values, **fields})
    return submit_application(application=draft, by=prescriber.person)


def text_of(response: Any) -> str:
    """The words on the page, without tags and with single spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def file_of(response: Any) -> bytes:
    """The file that was sent. Reading it to its end closes it."""
    return b"".join(response.streaming_content)


def same_body(response: Any) -> str:
    """The page without what differs between two requests for things that are not there: address and tokens."""
    body = response.content.decode()
    body = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", body)
    return re.sub(r'(value="|X-CSRFToken": ")[A-Za-z0-9]{64}', r"\1TOKEN", body)
