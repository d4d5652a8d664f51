"""Attempts at courses of lessons that seem to go nowhere, and why: for whoever helps, or writes the lessons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Attempt, Course, EditionLesson, EditionTest, Examination, LessonProgress
from courses.queries.figures import Cause, StuckLine
from courses.queries.stuck import A_MONTH, A_WEEK, CLOSED, FAILED, IDLE
from courses.queries.stuck import CAUSES as OF_PACKAGES

OUT_OF_TRIES, READ = "out-of-tries", "read"
CAUSES: Mapping[str, Cause] = {
    CLOSED: OF_PACKAGES[CLOSED],
    OUT_OF_TRIES: Cause(
        gettext_lazy("Have used their tries at the test, and have to wait"),
        gettext_lazy("The test opens by itself when the wait is over. Look at what the questions tell."),
    ),
    FAILED: OF_PACKAGES[FAILED],
    READ: Cause(
        gettext_lazy("Have gone through all lessons a week ago, and not begun the test"),
        gettext_lazy("They may believe that they are done. Remind them that the test remains."),
    ),
}


def stuck_lesson_attempts(course: Course, now: datetime) -> QuerySet[Any]:
    """The course's open, unfinished attempts that are stuck, each with its `cause`: a key of CAUSES, or `idle:` and the
    key of the lesson where nothing has happened for a month. One query, besides one for the editions' tests."""
    cause = Case(
        When(Q(edition__withdrawn_at__isnull=False) | Q(edition__course__is_published=False), then=Value(CLOSED)),
        *(_out_of_tries(test, now) for test in EditionTest.objects.filter(edition__course=course)),
        When(status=Attempt.Status.FAILED, last__lt=now - A_WEEK, then=Value(FAILED)),
        When(
            Q(done__gte=F("lessons"), tests=0, lessons__gt=0, edition__test__draw_count__gt=0, last__lt=now - A_WEEK),
            then=Value(READ),
        ),
        When(last__lt=now - A_MONTH, then=Concat(Value(f"{IDLE}:"), F("current_item"))),
        default=Value(""),
        output_field=CharField(),
    )
    open_ones = Attempt.objects.filter(enrolment__course=course, finished_at=None, closed_at=None, is_preview=False)
    found: QuerySet[Any] = _with_life(open_ones).annotate(cause=cause).exclude(cause="")
    return found


def stuck_lessons_by_cause(course: Course, now: datetime) -> list[StuckLine]:
    """How many are stuck for each cause; each lesson where somebody has stopped by itself. Three queries."""
    counted = dict(stuck_lesson_attempts(course, now).order_by().values_list("cause").annotate(number=Count("pk")))
    lines = [StuckLine(cause, counted[name]) for name, cause in CAUSES.items() if name in counted]
    stopped = {name.removeprefix(f"{IDLE}:"): number for name, number in counted.items() if name.startswith(IDLE)}
    if stopped:
        rows = EditionLesson.objects.filter(edition__course=course).order_by("edition__number", "position")
        titles = dict(rows.values_list("key", "title"))
        lines += [StuckLine(_idle(titles[key]), number) for key in titles if (number := stopped.pop(key, 0))]
        lines += [StuckLine(_idle(""), number) for number in [sum(stopped.values())] if number]
    return lines


def _idle(lesson: str) -> Cause:
    title = _("Nothing has happened for a month, in the lesson “%(lesson)s”") % {"lesson": lesson}
    return Cause(
        title if lesson else _("Nothing has happened for a month, and no lesson has been done"),
        _("If many stop in the same lesson, it may be too long, or hard to understand."),
    )


def _out_of_tries(test: EditionTest, now: datetime) -> When:
    """Of one edition: the last test handed in was the last before a wait, and the wait is not over."""
    tries, wait = test.tries_in_a_row or 0, test.wait_minutes
    if not tries or not wait:
        return When(pk__in=[], then=Value(OUT_OF_TRIES))
    return When(
        Q(
            edition=test.edition_id,
            status=Attempt.Status.FAILED,
            tests__gt=0,
            over=0,
            last_test__gt=now - timedelta(minutes=wait),
        ),
        then=Value(OUT_OF_TRIES),
    )


def _with_life(attempts: QuerySet[Attempt]) -> QuerySet[Any]:
    """With how many lessons there are and are done, how many tests the person has handed in on the course and how many
    of those since the last wait (`over` = 0: none), and when they last did something."""
    progress = LessonProgress.objects.filter(attempt=OuterRef("pk")).order_by().values("attempt")
    lessons = EditionLesson.objects.filter(edition=OuterRef("edition")).order_by().values("edition")
    tests = Examination.objects.filter(attempt__enrolment=OuterRef("enrolment"), submitted_at__isnull=False)
    own = Examination.objects.filter(attempt=OuterRef("pk")).order_by().values("attempt")
    handed_in = tests.order_by().values("attempt__enrolment")
    return attempts.annotate(
        lessons=Coalesce(Subquery(lessons.annotate(n=Count("pk")).values("n")), 0),
        done=Coalesce(Subquery(progress.filter(done_at__isnull=False).annotate(n=Count("pk")).values("n")), 0),
        tests=Coalesce(Subquery(handed_in.annotate(n=Count("pk")).values("n")), 0),
        over=F("tests") % Coalesce(F("edition__test__tries_in_a_row"), 1),
        last_test=Subquery(handed_in.annotate(at=Max("submitted_at")).values("at")),
        last=Greatest(
            F("started_at"),
            Coalesce(
                Subquery(progress.annotate(at=Max(Coalesce("done_at", "opened_at"))).values("at")), F("started_at")
            ),
            Coalesce(
                Subquery(own.annotate(at=Max(Coalesce("submitted_at", "saved_at", "started_at"))).values("at")),
                F("started_at"),
            ),
        ),
    )
