"""What courses tell competence: the only module here that talks to `competence.api`.

Everything is called inside the transaction that makes it true, so that a result and its completion stand or fall
together, and is safe to repeat: the public id of an attempt or a place is the source id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from competence import api as competence
from courses.models import Attempt, Course, Place
from courses.queries.trust import is_package_trusted
from lms.lib.actors import Actor

SOURCE = "scorm"
LESSONS = "lessons"
OCCASION = "occasion"


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


def told_of(places: Sequence[Place]) -> Mapping[UUID, tuple[int, bool]]:
    """By the public ids of those of `places` that have been told of: how many times, and whether the last completion
    stands. One query, and one more as often as some place's completion was withdrawn and told of anew."""
    found: dict[UUID, tuple[int, bool]] = {}
    asked, number = list(places), 1
    while asked:
        fates = competence.stand_or_fall(OCCASION, [_source_id(place, number) for place in asked])
        for place in asked:
            stands = fates.get(_source_id(place, number))
            if stands is not None:
                found[place.public_id] = (number, stands)
        asked = [place for place in asked if found.get(place.public_id) == (number, False)]
        number += 1
    return found


def publish_attendance(place: Place, completed_at: datetime, *, number: int = 1, by: Actor) -> None:
    """Tell of a place whose holder was at every session, and has completed the web part if there is one.

    The teacher saw them there, so it is a completion at once. `number` is 2 when the first one was withdrawn and the
    attendance was corrected since, and so on: a fact of its own each, since none is ever changed.
    """
    competence.record_completion(
        person=place.person,
        course_key=place.occasion.course.key,
        completed_at=completed_at,
        source=OCCASION,
        source_id=_source_id(place, number),
        by=by,
    )


def _source_id(place: Place, number: int) -> str:
    return place.public_id.hex if number == 1 else f"{place.public_id.hex}:{number}"


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
