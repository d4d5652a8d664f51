"""A person's own certificates."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from courses.certificates.badge import badge_of
from courses.certificates.document import certificate_pdf
from courses.models import Certificate
from courses.queries.certificates import REVOKED, certificates_of, own_certificate
from lms.lib.access import logged_in
from lms.users.models import User


@require_GET
@logged_in
def my_certificates(request: HttpRequest) -> HttpResponse:
    """All of one's certificates, also those that were replaced or revoked."""
    return render(request, "courses/certificates.html", {"certificates": certificates_of(cast(User, request.user))})


@require_GET
@logged_in
def certificate_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own certificate as PDF. 404 for another's, and for one that was revoked."""
    certificate = _own(request, public_id)
    return _file(certificate_pdf(certificate), "application/pdf", certificate, "pdf")


@require_GET
@logged_in
def badge_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own certificate as an Open Badge. 404 for another's, and for one that was revoked."""
    certificate = _own(request, public_id)
    return _file(badge_of(certificate).encode(), "application/vc+jwt", certificate, "jwt")


def _own(request: HttpRequest, public_id: UUID) -> Certificate:
    found = own_certificate(cast(User, request.user), public_id)
    if found is None or found.state == REVOKED:
        raise Http404
    return found.certificate


def _file(content: bytes, content_type: str, certificate: Certificate, suffix: str) -> HttpResponse:
    name = f"kursbevis-{slugify(certificate.course_title)[:60] or 'kurs'}.{suffix}"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
