"""The one door for completions, and the claims that may become one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.change import begin_change
from competence.models.completion import Completion, CompletionClaim
from competence.models.course_reference import CourseReference
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit
from competence.permissions import can_decide_about, require_decider
from competence.queries.employments import employments_held_at
from lms.audit.api import record_write
from lms.lib.actors import Actor, person_or_none
from lms.lib.errors import Refusal
from lms.users.models import User

# What a certificate may be, by its first bytes: the name and type that the sender gives decide nothing.
EVIDENCE_TYPES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}

# Clocks differ: so far ahead of the database's clock another one may be. The database's time is what is recorded.
CLOCK_SKEW = timedelta(minutes=5)


class CompletionConflict(Refusal):
    """The same (source, source_id) was recorded before, with other content."""


@transaction.atomic
def record_completion(
    *,
    person: User,
    course_key: str,
    completed_at: datetime,
    source: str,
    source_id: str,
    by: Actor,
    score: Decimal | None = None,
    flags: Sequence[str] = (),
    as_deputy: int | None = None,
) -> Completion:
    """Record that `person` completed the course, once per (`source`, `source_id`).

    Called again with the same content it returns the same completion. Raises CompletionConflict when the content
    differs, and Refusal for an unknown course or a time ahead.
    """
    course = _course(course_key)
    fingerprint = fingerprint_of(person.pk, course_key, completed_at, score)
    # The revision's lock comes first, so that two callers with the same key cannot both find nothing.
    change = begin_change(by=by, as_deputy=as_deputy)
    existing = Completion.objects.filter(source=source, source_id=source_id).first()
    if existing is not None:
        if existing.fingerprint != fingerprint:
            raise CompletionConflict(
                _("%(source)s %(source_id)s was recorded before with other content.")
                % {"source": source, "source_id": source_id}
            )
        return existing
    completed_at = _no_later_than(completed_at, change.at)
    employment = _counted_employment(person, change.at)
    unit = employment.unit if employment else None
    completion = unrecorded_completion(person, course, completed_at, source, source_id, unit)
    completion.fingerprint, completion.score, completion.flags = fingerprint, score, list(flags)
    change.record(completion)
    record_write(
        "record_completion",
        by=by,
        subject=f"completion:{completion.public_id}",
        person=person,
        course=course_key,
        source=source,
    )
    change.announce("completion.recorded", person=person, course=course_key, completion=str(completion.public_id))
    return completion


@transaction.atomic
def offer_completion(
    *,
    person: User,
    course_key: str,
    completed_at: datetime,
    source: str,
    source_id: str,
    by: Actor,
    flags: Sequence[str] = (),
) -> CompletionClaim:
    """A course of ours was finished, but its own word is not enough: the manager is to attest it.

    Idempotent on (`source`, `source_id`).
    """
    course = _course(course_key)
    change = begin_change(by=by)
    claim, created = CompletionClaim.objects.get_or_create(
        source=source,
        source_id=source_id,
        defaults={"person": person, "course": course, "completed_at": completed_at, "flags": list(flags)},
    )
    if created:
        record_write("offer_completion", by=by, subject=f"claim:{claim.public_id}", person=person, course=course_key)
        change.announce("claim.made", person=person, claim=str(claim.public_id))
    return claim


@transaction.atomic
def claim_completion(
    *, person: User, course_key: str, completed_at: datetime, evidence: UploadedFile[bytes], by: Actor, note: str = ""
) -> CompletionClaim:
    """`person` says that they completed a course elsewhere, and shows a certificate (PDF, JPEG or PNG).

    Raises Refusal for a file of another kind or size, a time ahead, a course that is not taken elsewhere, or one that
    already waits for a decision; PermissionDenied when `by` is somebody else.
    """
    if by != person:
        raise PermissionDenied("claim for another person")
    course = _course(course_key)
    if not course.is_external:
        raise Refusal(_("“%(course)s” is taken here, so there is nothing to certify.") % {"course": course})
    evidence_type = _evidence_type(evidence)
    change = begin_change(by=by)
    completed_at = _no_later_than(completed_at, change.at)
    waiting = CompletionClaim.objects.filter(person=person, course=course, status=CompletionClaim.Status.WAITING)
    if waiting.exists():
        raise Refusal(_("You have already sent in a certificate for this course. It waits for your manager."))
    claim = CompletionClaim(
        person=person,
        course=course,
        completed_at=completed_at,
        source="self-report",
        evidence_name=PurePath(evidence.name or "").name[:255],
        evidence_type=evidence_type,
        note=note.strip()[:500],
    )
    claim.source_id = str(claim.public_id)
    suffix = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[evidence_type]
    claim.evidence.save(f"certificate.{suffix}", evidence, save=False)
    claim.save()
    record_write("claim_completion", by=by, subject=f"claim:{claim.public_id}", person=person, course=course_key)
    change.announce("claim.made", person=person, claim=str(claim.public_id))
    return claim


@transaction.atomic
def approve_claim(*, claim: CompletionClaim, by: Actor) -> Completion:
    """The manager finds that the certificate holds: the completion is recorded. Raises like `refuse_claim`."""
    claim = _open_claim(claim, by)
    completion = record_completion(
        person=claim.person,
        course_key=claim.course.key,
        completed_at=claim.completed_at,
        source=claim.source,
        source_id=claim.source_id,
        by=by,
        flags=claim.flags,
        as_deputy=_decider(claim, by),
    )
    _decide(claim, CompletionClaim.Status.APPROVED, "", by)
    return completion


@transaction.atomic
def refuse_claim(*, claim: CompletionClaim, reason: str, by: Actor) -> CompletionClaim:
    """The manager finds that it does not hold, for a reason that the person is told.

    Raises PermissionDenied unless `by` manages the person, Refusal without a reason or when it is already decided.
    """
    if not reason.strip():
        raise Refusal(_("Give a reason: the person has a right to know it."))
    claim = _open_claim(claim, by)
    _decide(claim, CompletionClaim.Status.REFUSED, reason.strip(), by)
    return claim


def can_decide_claim(actor: Actor, claim: CompletionClaim) -> bool:
    """Whether `actor` may decide about some employment of the claiming person. Never one's own claim."""
    return any(can_decide_about(actor, e) for e in employments_held_at(claim.person, timezone.now()))


def _decider(claim: CompletionClaim, by: Actor) -> int | None:
    """What `require_decider` says of the employment by which `by` decides the claim; one's own right comes first."""
    found = [e for e in employments_held_at(claim.person, timezone.now()) if can_decide_about(by, e)]
    acts = [require_decider(by, employment) for employment in found]
    if not acts:
        raise PermissionDenied("decide this claim")
    return None if None in acts else acts[0]


def _open_claim(claim: CompletionClaim, by: Actor) -> CompletionClaim:
    if not can_decide_claim(by, claim):
        raise PermissionDenied("decide this claim")
    locked = CompletionClaim.objects.select_for_update().get(pk=claim.pk)
    if locked.status != CompletionClaim.Status.WAITING:
        raise Refusal(_("This has already been decided: %(status)s.") % {"status": locked.get_status_display()})
    return locked


def _decide(claim: CompletionClaim, status: CompletionClaim.Status, reason: str, by: Actor) -> None:
    change = begin_change(by=by, as_deputy=_decider(claim, by))
    claim.status = status
    claim.decided_at = change.at
    claim.decided_by = person_or_none(by)
    claim.decision_reason = reason
    claim.save(update_fields=["status", "decided_at", "decided_by", "decision_reason"])
    record_write(f"claim_{status}", by=by, subject=f"claim:{claim.public_id}", person=claim.person)
    change.announce(f"claim.{status}", person=claim.person, claim=str(claim.public_id), reason=reason)


def _course(key: str) -> CourseReference:
    course = CourseReference.objects.filter(key=key).first()
    if course is None:
        raise Refusal(_("There is no course with the key %(key)s.") % {"key": key})
    return course


def _no_later_than(completed_at: datetime, now: datetime) -> datetime:
    """`completed_at`, or `now` (the database's time) when the sender's clock is a little ahead of it."""
    if completed_at > now + CLOCK_SKEW:
        raise Refusal(_("The course cannot have been completed in the future."))
    return min(completed_at, now)


def _counted_employment(person: User, at: datetime) -> Employment | None:
    """Where figures count a completion: the person's employment of longest standing."""
    return next(iter(employments_held_at(person, at)), None)


def unrecorded_completion(
    person: User,
    course: CourseReference,
    completed_at: datetime,
    source: str,
    source_id: str,
    unit: OrganisationUnit | None,
) -> Completion:
    """A completion as it is recorded, without its fingerprint and before any change has recorded it."""
    return Completion(
        person=person,
        course=course,
        completed_at=completed_at,
        source=source,
        source_id=source_id,
        unit=unit,
        principal_kind=unit.principal_kind if unit else "",
    )


def fingerprint_of(person_id: int, course_key: str, completed_at: datetime, score: Decimal | None) -> str:
    """A digest of a completion's content: the same key with another digest is another content."""
    result = "null" if score is None else json.dumps(str(score.normalize()))
    content = f"[{person_id}, {_quoted(course_key)}, {_local(completed_at)}, {result}]"
    return hashlib.sha256(content.encode()).hexdigest()


_quoted = lru_cache(maxsize=1_000)(json.dumps)


@lru_cache(maxsize=20_000)  # thousands were there on the same day
def _local(at: datetime) -> str:
    return json.dumps(at.astimezone(timezone.get_default_timezone()).isoformat())


def _evidence_type(evidence: UploadedFile[bytes]) -> str:
    if evidence.size is None or evidence.size > settings.EVIDENCE_MAX_BYTES:
        raise Refusal(
            _("The file is too large. It may be at most %(size)d MB.")
            % {"size": settings.EVIDENCE_MAX_BYTES // (1024 * 1024)}
        )
    head = evidence.read(16)
    evidence.seek(0)
    for start, content_type in EVIDENCE_TYPES.items():
        if head.startswith(start):
            return content_type
    raise Refusal(_("The file must be a PDF or a picture (JPEG or PNG)."))
