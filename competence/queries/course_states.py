"""How a person stands with their courses, for those who show courses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from competence.models.completion import Completion, CompletionClaim
from competence.models.ending import Ending
from lms.users.models import User, same_person


@dataclass(frozen=True)
class CourseState:
    """`completed_at`: when it was last completed, for good. `is_waiting`: a manager is to decide about a claim, which
    says that it was completed at `claimed_at`. `refusal`: why the latest claim was refused, when nothing has come after
    it."""

    completed_at: datetime | None = None
    is_waiting: bool = False
    refusal: str = ""
    claimed_at: datetime | None = None


def course_states_of(person: User) -> Mapping[str, CourseState]:
    """By course key; a course that nothing is known of is left out. Two queries."""
    ended = Ending.objects.filter(completion=OuterRef("pk"))
    completed: dict[str, datetime] = {}
    for key, at in (
        Completion.objects.filter(same_person(person))
        .exclude(Exists(ended))
        .order_by("completed_at")
        .values_list("course__key", "completed_at")
    ):
        completed[key] = at
    claims = {
        key: (status, reason, at)
        for key, status, reason, at in CompletionClaim.objects.filter(same_person(person))
        .order_by("created_at")
        .values_list("course__key", "status", "decision_reason", "completed_at")
    }
    waiting, refused = CompletionClaim.Status.WAITING, CompletionClaim.Status.REFUSED
    return {
        key: CourseState(
            completed_at=completed.get(key),
            is_waiting=key in claims and claims[key][0] == waiting,
            refusal=claims[key][1] if key in claims and claims[key][0] == refused and key not in completed else "",
            claimed_at=claims[key][2] if key in claims and claims[key][0] == waiting else None,
        )
        for key in {*completed, *claims}
    }


def completions_of(course_key: str, people: Collection[int]) -> Mapping[int, datetime]:
    """When each of `people` (the keys of their records) last completed the course, for good; who has not is left out.

    One query. A completion of a record that was merged with theirs is theirs too.
    """
    ended = Ending.objects.filter(completion=OuterRef("pk"))
    rows = (
        User.objects.filter(pk__in=people)
        .annotate(one=Coalesce("merged_into", "pk"))
        .annotate(
            at=Subquery(
                Completion.objects.filter(
                    Q(person=OuterRef("one")) | Q(person__merged_into=OuterRef("one")), course__key=course_key
                )
                .exclude(Exists(ended))
                .order_by("-completed_at")
                .values("completed_at")[:1]
            )
        )
        .exclude(at=None)
    )
    return dict(rows.values_list("pk", "at"))


def people_who_completed(key: str) -> int:
    """How many people have completed the course with this key, for good. One query."""
    ended = Ending.objects.filter(completion=OuterRef("pk"))
    completions = Completion.objects.filter(course__key=key).exclude(Exists(ended))
    return completions.values("person").distinct().count()
