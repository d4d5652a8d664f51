"""What courses tell competence: the only module here that talks to `competence.api`.

Everything is called inside the transaction that makes it true, so that a result and its completion stand or fall
together, and is safe to repeat: an attempt's public id is the source id.
"""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from competence import api as competence
from courses.models import Attempt, Course, Place
from courses.queries.trust import is_package_trusted
from lms.lib.actors import Actor

SOURCE = "scorm"
LESSONS = "lessons"


def publish_result(attempt: Attempt, *, by: Actor) -> str:
    """Tell of a finished attempt; returns the `Attempt.Outcome` it came to.

    Where an administrator has decided that the package's own result counts, it is a completion at once. Otherwise the
    person's manager is asked to attest it: what a package reports can be forged by the person who runs it.
    """
    assert attempt.finished_at is not None
    course = attempt.edition.course
    if is_package_trusted(course, attempt.finished_at):
        competence.record_completion(
            person=attempt.person,
            course_key=course.key,
            completed_at=attempt.finished_at,
            source=SOURCE,
            source_id=attempt.public_id.hex,
            by=by,
            flags=list(attempt.flags),
            score=attempt.score,
        )
        return Attempt.Outcome.COMPLETION
    competence.offer_completion(
        person=attempt.person,
        course_key=course.key,
        completed_at=attempt.finished_at,
        source=SOURCE,
        source_id=attempt.public_id.hex,
        by=by,
        flags=list(attempt.flags),
    )
    return Attempt.Outcome.CLAIM


def publish_attendance(place: Place, completed_at: datetime, *, by: Actor) -> None:
    """Tell of a place whose holder was at every session, and has completed the web part if there is one.

    The teacher saw them there, so it is a completion at once.
    """
    competence.record_completion(
        person=place.person,
        course_key=place.occasion.course.key,
        completed_at=completed_at,
        source="occasion",
        source_id=place.public_id.hex,
        by=by,
    )


def publish_lessons(attempt: Attempt, *, by: Actor) -> str:
    """Tell of a finished course of lessons; returns the `Attempt.Outcome`.

    The lessons and the test were taken here and marked by us, so it counts at once, without anybody's attestation.
    """
    assert attempt.finished_at is not None
    competence.record_completion(
        person=attempt.person,
        course_key=attempt.edition.course.key,
        completed_at=attempt.finished_at,
        source=LESSONS,
        source_id=attempt.public_id.hex,
        by=by,
        score=attempt.score,
    )
    return Attempt.Outcome.COMPLETION


def publish_course(course: Course, *, by: Actor) -> None:
    """Make the course known to competence, so that requirements can name it and people find their way to it."""
    competence.register_course_reference(
        key=course.key,
        title=course.title,
        minutes=course.minutes,
        level=course.level,
        url=reverse("courses:course", args=[course.key]),
        by=by,
    )
