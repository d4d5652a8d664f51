"""Courses and editions with their figures, for editors."""

from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from courses.models import Attempt, Course, CourseEdition, Enrolment, Occasion, Place


def courses_with_figures() -> "QuerySet[Course]":
    """All courses, with `times`, `enrolled` and `finished`. One query.

    `times`: editions; of a course that is held on occasions, its announced occasions. `enrolled` and `finished`:
    people; of the latter kind, seats taken and those that have yielded a completion.
    """
    on_occasions = Q(kind=Course.Kind.OCCASION)
    announced = Occasion.objects.filter(status=Occasion.Status.ANNOUNCED)
    places = Place.objects.filter(status__in=Place.HOLDS_A_SEAT)
    enrolments = Enrolment.objects.all()
    figures = {
        "times": (_number(announced, "course"), _number(CourseEdition.objects.all(), "course")),
        "enrolled": (_number(places, "occasion__course"), _number(enrolments, "course")),
        "finished": (
            _number(places.filter(completed_at__isnull=False), "occasion__course"),
            _number(enrolments.filter(Exists(_finished_attempts())), "course"),
        ),
    }
    return Course.objects.order_by("title", "key").annotate(
        **{
            name: Coalesce(Case(When(on_occasions, then=held), default=taken), 0)
            for name, (held, taken) in figures.items()
        }
    )


def _finished_attempts() -> "QuerySet[Attempt]":
    return Attempt.objects.filter(enrolment=OuterRef("pk"), finished_at__isnull=False)


def _number(rows: "QuerySet[Any]", course: str) -> Subquery:
    """How many of `rows` belong to the course of the outer query, by their field `course`. A subquery each: joined,
    editions, enrolments and attempts would multiply."""
    counted = rows.order_by().filter(**{course: OuterRef("pk")}).values(course).annotate(number=Count("pk"))
    return Subquery(counted.values("number"))


def editions_with_figures(course: Course) -> "QuerySet[CourseEdition]":
    """The course's editions, newest first, with `running` and `finished` attempts, and their decisions. Two queries."""
    return (
        CourseEdition.objects.filter(course=course)
        .order_by("-number")  # a grouped query leaves out the model's own order
        .select_related("package", "package__uploaded_by")
        .prefetch_related("decisions")
        .annotate(
            running=Count("attempts", filter=Q(attempts__closed_at=None, attempts__is_preview=False), distinct=True),
            finished=Count("attempts", filter=Q(attempts__finished_at__isnull=False), distinct=True),
        )
    )
