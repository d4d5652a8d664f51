"""Completions of our own courses, and the certificates that come of them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from competence.actions.completions import record_completion
from competence.models.completion import Completion
from competence.tasks import deliver_outbox
from courses.models import Certificate, Course
from lms.users.models import User
from tests.factories.courses import BUILDER, make_course

COMPLETED = datetime(2025, 3, 4, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def complete(person: User, course: Course, at: datetime = COMPLETED, source: str = "lessons") -> Completion:
    """`person` has completed `course`, as an attempt of ours would tell it."""
    return record_completion(
        person=person,
        course_key=course.key,
        completed_at=at,
        source=source,
        source_id=f"attempt-{next(_numbers)}",
        by=BUILDER,
    )


def make_certificate(person: User, course: Course | None = None, at: datetime = COMPLETED) -> Certificate:
    """The certificate that came of a completion told by the outbox."""
    completion = complete(person, course or make_course(), at)
    deliver_outbox()
    return Certificate.objects.get(completion=completion.public_id)
