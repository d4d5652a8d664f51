"""Certificates: issued when a completion of a course of ours is recorded, revoked when it turns out to be an error."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction

from competence import api as competence
from competence.data import RecordedCompletion
from courses.models import Attempt, Certificate, CertificateRevocation, Course
from lms.audit.api import record_write
from lms.lib.actors import Machine
from lms.users.models import User

BY = Machine("service:certificates")
OUR_SOURCES = ("scorm", "lessons", "occasion")
"""Where we saw it ourselves. What an employer, another system or the person reports is theirs to certify."""

STATUS_LIST_BITS = 131_072
"""How many certificates share a status list: the least that the standard allows, so that each hides among many."""


def keep_certificate_right(completion: RecordedCompletion) -> Certificate | None:
    """Bring the certificate of `completion` to what the completion says now: issued, or revoked.

    Safe to repeat, in any order. None: there is nothing to certify, since the course or its result is not ours.
    """
    if completion.withdrawn_at is not None:
        certificate = Certificate.objects.filter(completion=completion.public_id).first()
        if certificate is not None:
            revoke_certificate(certificate=certificate)
        return certificate
    if completion.source not in OUR_SOURCES:  # a list of a hundred thousand taken in costs no query here
        return None
    course = Course.objects.filter(key=completion.course_key).first()
    return issue_certificate(completion=completion, course=course) if course else None


@transaction.atomic
def issue_certificate(*, completion: RecordedCompletion, course: Course) -> Certificate:
    """Certify `completion` of `course`, with the facts as they are now. Once: the second time it is the same."""
    # Others who would certify for this person wait, so that nobody certifies the same completion beside us.
    person = User.objects.select_for_update().get(pk=completion.person.pk)
    existing = Certificate.objects.filter(completion=completion.public_id).first()
    if existing is not None:
        return existing
    certificate = Certificate.objects.create(
        completion=completion.public_id,
        person=person,
        person_name=person.full_name,
        course_key=course.key,
        course_title=course.title,
        edition=_edition_number(completion),
        minutes=course.minutes,
        completed_at=completion.completed_at,
        issuer_name=settings.CERTIFICATE_ISSUER,
        status_index=_free_status_index(),
    )
    record_write(
        "issue_certificate",
        by=BY,
        subject=f"certificate:{certificate.public_id}",
        person=person,
        course=course.key,
    )
    return certificate


@transaction.atomic
def revoke_certificate(*, certificate: Certificate) -> CertificateRevocation:
    """The certificate holds no more. Once: the second time it is the same revocation."""
    revocation, is_new = CertificateRevocation.objects.get_or_create(certificate=certificate)
    if is_new:
        subject = f"certificate:{certificate.public_id}"
        record_write("revoke_certificate", by=BY, subject=subject, person=certificate.person)
    return revocation


def completions_without_certificate() -> list[RecordedCompletion]:
    """What is to be certified and has not been: recorded before there were certificates, for instance."""
    certified = set(Certificate.objects.values_list("completion", flat=True))
    keys = list(Course.objects.values_list("key", flat=True))
    return [
        completion
        for completion in competence.recorded_completions(sources=OUR_SOURCES, course_keys=keys)
        if completion.withdrawn_at is None and completion.public_id not in certified
    ]


def _edition_number(completion: RecordedCompletion) -> int | None:
    if len(completion.source_id) != 32:  # not the public id of an attempt
        return None
    attempts = Attempt.objects.filter(public_id=completion.source_id)
    return attempts.values_list("edition__number", flat=True).first()


def _free_status_index() -> int:
    """A place in the status lists that nobody has. There are lists enough that half the places are free."""
    places = (Certificate.objects.count() // (STATUS_LIST_BITS // 2) + 1) * STATUS_LIST_BITS
    while True:
        index = secrets.randbelow(places)
        if not Certificate.objects.filter(status_index=index).exists():
            return index
