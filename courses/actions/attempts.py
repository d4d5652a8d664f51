"""Enrolling, starting, and sitting down to a course."""

from __future__ import annotations

import json
import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Attempt, Course, CourseEdition, Enrolment, ScoRuntime, SharedValue
from courses.queries.manifests import manifest_of
from courses.scorm.events import note_sitting
from courses.scorm.launch import as_left, begins_afresh
from courses.scorm.ordinary import dumped
from courses.scorm.stores import only_stores
from courses.scorm.tokens import Sitting
from lms.audit.api import record_write
from lms.lib.errors import Refusal
from lms.users.models import User


def current_edition(course: Course) -> CourseEdition | None:
    """The edition that a new attempt gets, if the course can be taken."""
    if not course.is_published:
        return None
    live = CourseEdition.objects.filter(course=course, published_at__isnull=False, withdrawn_at=None)
    return live.order_by("-number").first()


@transaction.atomic
def enrol(*, person: User, course: Course, by: User) -> Enrolment:
    """Give `person` a place on `course`; asking again gives the same place. People enrol themselves on open courses."""
    if not by.has_perm("courses.edit_courses"):
        if by != person:
            raise PermissionDenied("courses.edit_courses")
        if not course.is_open:
            raise Refusal(_("You cannot enrol yourself on this course. Ask your manager or the course office."))
    if current_edition(course) is None:
        raise Refusal(_("The course cannot be taken at present."))
    enrolment, is_new = Enrolment.objects.get_or_create(person=person, course=course)
    if is_new:
        record_write("enrol", by=by, person=person, subject=f"course:{course.key}")
    return enrolment


@transaction.atomic
def start_attempt(*, enrolment: Enrolment, by: User, anew: bool = False) -> Attempt:
    """The enrolment's open attempt, or a new one. `anew` closes the open one first, with whatever it reached."""
    if by != enrolment.person:
        raise PermissionDenied("attempts are started by the person themselves")
    enrolment = Enrolment.objects.select_for_update().select_related("course").get(pk=enrolment.pk)
    attempts = Attempt.objects.filter(enrolment=enrolment)
    open_attempt = attempts.filter(closed_at=None).select_related("edition").first()
    if open_attempt is not None and not anew and open_attempt.edition.withdrawn_at is None:
        return open_attempt
    edition = current_edition(enrolment.course)
    if edition is None:
        raise Refusal(_("The course cannot be taken at present."))
    if open_attempt is not None:
        open_attempt.closed_at = timezone.now()
        open_attempt.save(update_fields=["closed_at"])
    if open_attempt is not None or anew:
        SharedValue.objects.filter(person=enrolment.person, course=enrolment.course).delete()
    attempt = Attempt.objects.create(
        person=enrolment.person, enrolment=enrolment, edition=edition, number=attempts.count() + 1
    )
    record_write(
        "start_attempt",
        by=by,
        person=enrolment.person,
        subject=f"attempt:{attempt.public_id}",
        course=enrolment.course.key,
        edition=edition.number,
    )
    return attempt


@transaction.atomic
def start_preview(*, edition: CourseEdition, by: User) -> Attempt:
    """An editor's look at an edition as a learner meets it, from the beginning; nothing of it counts."""
    if not by.has_perm("courses.edit_courses"):
        raise PermissionDenied("courses.edit_courses")
    Attempt.objects.filter(person=by, is_preview=True, edition=edition).delete()
    attempt = Attempt.objects.create(person=by, edition=edition, is_preview=True)
    record_write("start_preview", by=by, subject=f"course:{edition.course.key}", number=edition.number)
    return attempt


def locked_attempt(attempt: Attempt) -> Attempt:
    """The attempt's row, locked until the transaction ends, with what is needed to move through it."""
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("edition__course", "edition__package", "person")
        .get(pk=attempt.pk)
    )


def take_seat(attempt: Attempt, item: str, *, afresh: bool | None) -> Sitting:
    """Sit down to a part of a locked attempt: from now on only this sitting may write, and any other is told so.

    `afresh`: whether the part begins a new attempt of its own, and what it wrote is put aside, or goes on as suspended;
    None: as it left it.
    """
    now = timezone.now()
    if attempt.launched_at is not None:
        last = attempt.last_commit_at or attempt.launched_at
        spent = max(0, round((last - attempt.launched_at).total_seconds()))
        attempt.earlier_seconds += spent
        _count_by_the_clock(attempt, spent)
    attempt.launch_id, attempt.launched_at, attempt.last_commit_at = uuid.uuid4(), now, None
    attempt.current_item = item
    attempt.save(update_fields=["launch_id", "launched_at", "last_commit_at", "current_item", "earlier_seconds"])
    runtime, _is_new = ScoRuntime.objects.get_or_create(attempt=attempt, item=item)
    note_sitting(attempt, item, is_afresh=_prepare(runtime, attempt, afresh))
    return Sitting(attempt.public_id, attempt.launch_id, item)


def _count_by_the_clock(attempt: Attempt, seconds: int) -> None:
    """A part with a time limit that said nothing of its time has taken what passed: else each opening gave it all the
    time anew."""
    item = manifest_of(attempt.edition.scorm_package).item(attempt.current_item)
    if item is not None and item.max_time_allowed:
        attempt.runtimes.filter(item=item.identifier, launch_id=attempt.launch_id, session_seconds=0).update(
            session_seconds=seconds
        )


def _prepare(runtime: ScoRuntime, attempt: Attempt, afresh: bool | None) -> bool:
    """The part as its next sitting shall find it: time so far added up, and what is over put aside (then True)."""
    version = manifest_of(attempt.edition.scorm_package).version
    left = as_left(version, json.loads(runtime.data), runtime.total_seconds)
    runtime.data = dumped(left)
    runtime.total_seconds += runtime.session_seconds
    runtime.session_seconds = 0
    if afresh is False:
        runtime.has_ended = False
    elif afresh is None:
        afresh = begins_afresh(version, left, has_ended=runtime.has_ended, is_review=attempt.finished_at is not None)
    if afresh:
        runtime.data, runtime.launch_id, runtime.has_ended = dumped(only_stores(left)), None, False
        runtime.total_seconds = 0
    runtime.save(update_fields=["total_seconds", "session_seconds", "data", "launch_id", "has_ended"])
    return bool(afresh)


def may_be_written(attempt: Attempt) -> bool:
    """Whether a package may write to the attempt: it is open, and on a live edition of a live course, or a preview."""
    if attempt.closed_at is not None:
        return False
    return attempt.is_preview or (attempt.edition.is_live and attempt.edition.course.is_published)
