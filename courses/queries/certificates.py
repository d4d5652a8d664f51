"""Certificates as they stand now: whether they hold, and what has come in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from courses.models import Certificate
from courses.models.certificate import CODE_ALPHABET, CODE_LENGTH
from lms.users.models import User, same_person

VALID, REPLACED, REVOKED = "valid", "replaced", "revoked"
# What people write when they read a code: a letter for a digit.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True)
class ShownCertificate:
    """A certificate and how it stands: valid, replaced (by a later one of the same course), or revoked; since when."""

    certificate: Certificate
    state: str = VALID
    since: datetime | None = None

    @property
    def is_valid(self) -> bool:
        return self.state == VALID


def certificates_of(person: User) -> list[ShownCertificate]:
    """The person's certificates, the latest first. One query."""
    return _shown(Certificate.objects.filter(same_person(person)).select_related("revocation"))


def current_certificates_of(person: User) -> dict[str, Certificate]:
    """The valid certificate of each course, by the course's key. One query."""
    return {one.certificate.course_key: one.certificate for one in certificates_of(person) if one.is_valid}


def own_certificate(person: User, public_id: object) -> ShownCertificate | None:
    """The person's own certificate with that id; None: there is none, or it is somebody else's."""
    return next((one for one in certificates_of(person) if one.certificate.public_id == public_id), None)


def certificate_with_code(text: str) -> ShownCertificate | None:
    """The certificate whose code was written as `text`: case, spaces and hyphens do not matter. Two queries."""
    code = read_code(text)
    found = code and Certificate.objects.filter(code=code).select_related("person").first()
    if not found:
        return None
    person = Q(person=found.person) | Q(person__merged_into=found.person.as_one_pk) | Q(person=found.person.as_one_pk)
    same = Certificate.objects.filter(person, course_key=found.course_key).select_related("revocation")
    return next(one for one in _shown(same) if one.certificate.pk == found.pk)


def read_code(text: str) -> str:
    """The code in `text`, as it is kept; "" when it cannot be one."""
    code = "".join(letter for letter in text.upper() if letter.isalnum()).translate(_READ_AS)
    return code if len(code) == CODE_LENGTH and all(letter in CODE_ALPHABET for letter in code) else ""


def _shown(certificates: Iterable[Certificate]) -> list[ShownCertificate]:
    found = sorted(certificates, key=lambda one: (one.completed_at, one.pk), reverse=True)
    latest: dict[str, Certificate] = {}
    shown = []
    for certificate in found:
        revocation = getattr(certificate, "revocation", None)
        later = latest.get(certificate.course_key)
        if revocation is not None:
            shown.append(ShownCertificate(certificate, REVOKED, revocation.revoked_at))
        elif later is not None:
            shown.append(ShownCertificate(certificate, REPLACED, max(later.issued_at, certificate.issued_at)))
        else:
            shown.append(ShownCertificate(certificate))
        if revocation is None:
            latest[certificate.course_key] = certificate
    return shown
