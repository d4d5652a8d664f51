"""Courses and editions with their figures, for editors."""

from django.db.models import Count, Q, QuerySet

from courses.models import Course, CourseEdition


def courses_with_figures() -> "QuerySet[Course]":
    """All courses, with `edition_count`, `enrolled` and `finished` (people). One query."""
    return Course.objects.order_by("title", "key").annotate(
        edition_count=Count("editions", distinct=True),
        enrolled=Count("enrolments", distinct=True),
        finished=Count("enrolments", distinct=True, filter=Q(enrolments__attempts__finished_at__isnull=False)),
    )


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
