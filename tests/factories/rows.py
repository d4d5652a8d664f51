"""Many completions at once, as rows, where a test needs numbers and not the way they came in."""

from __future__ import annotations

from datetime import datetime

from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.organisation_unit import OrganisationUnit
from lms.users.models import User


def complete_many(
    people: list[User], course: CourseReference, principal: str, at: datetime, unit: OrganisationUnit | None = None
) -> list[Completion]:
    """`people` completed `course` at `at`, recorded at `unit` of a principal of kind `principal`."""
    start = Completion.objects.count()
    return Completion.objects.bulk_create(
        Completion(
            person=person,
            course=course,
            completed_at=at,
            source="test",
            source_id=f"{start + number}",
            fingerprint="",
            principal_kind=principal,
            unit=unit,
            recorded_at=at,
            recorded_by_name="test",
        )
        for number, person in enumerate(people)
    )
