"""How many come how far in a course of lessons: to which lesson, through the test, and how long it takes them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Attempt, Course, CourseEdition, EditionLesson, Enrolment, Examination, LessonProgress
from courses.queries.figures import Funnel, PartFigures, Tally, middle, steps_of
from courses.queries.lesson_stuck import OUT_OF_TRIES, stuck_lesson_attempts


def lesson_funnel_of(course: Course) -> Funnel:
    """The funnel over all editions, and the lessons of the newest edition in use. Eleven queries at most, whatever the
    number of learners and lessons.

    Somebody has come to a lesson when they have saved something there, or have what is before it behind them.
    """
    now = timezone.now()
    attempts = Attempt.objects.filter(enrolment__course=course)
    handed_in = Examination.objects.filter(attempt=OuterRef("pk"), submitted_at__isnull=False)
    read = _with_lessons(attempts).filter(Q(done__gte=F("lessons")) | Q(finished_at__isnull=False) | Exists(handed_in))
    counted = attempts.aggregate(
        begun=Count("enrolment", distinct=True),
        finished=Count("enrolment", distinct=True, filter=Q(finished_at__isnull=False)),
    )
    tests = Examination.objects.filter(attempt__in=attempts, submitted_at__isnull=False).aggregate(
        tried=Count("attempt__enrolment", distinct=True),
        passed=Count("attempt__enrolment", distinct=True, filter=Q(is_passed=True)),
        failed=Count("pk", filter=Q(is_passed=False)),
    )
    people = Enrolment.objects.filter(course=course).count()
    edition = course.editions.filter(published_at__isnull=False, withdrawn_at=None).first()
    steps = [(_("Have a place"), people, "place"), (_("Have started"), counted["begun"], "begun")]
    steps.append((_("Have gone through all lessons"), read.values("enrolment").distinct().count(), "read"))
    tallies, has_test = [], False
    if tests["tried"] or (edition is not None and edition.test.draw_count):
        has_test = True
        steps.append((_("Have handed in a test"), tests["tried"], "again waiting"))
        waiting = stuck_lesson_attempts(course, now).filter(cause=OUT_OF_TRIES).count() if tests["tried"] else 0
        tallies = [
            Tally(_("Have passed the test"), tests["passed"], groups=frozenset({"passed"})),
            Tally(
                _("Have not passed, and can try again"),
                tests["tried"] - tests["passed"] - waiting,
                groups=frozenset({"again"}),
            ),
            Tally(_("Have used their tries, and have to wait"), waiting, groups=frozenset({"waiting"})),
            Tally(_("Tests that were not passed"), tests["failed"]),
        ]
    steps.append((_("Have finished"), counted["finished"], "passed untested"))
    told = steps_of(steps)
    if has_test:  # who finished on an edition without a test has handed in none
        told[-2] = replace(told[-2], groups=told[-2].groups - {"untested"})
    spans = attempts.filter(finished_at__isnull=False).values_list("started_at", "finished_at")
    return Funnel(
        steps=told,
        end=len(told) - 1,
        tallies=tallies,
        parts=_lessons(edition) if edition is not None else (),
        parts_of=_("The lessons of edition %(number)s, in people") % {"number": edition.number} if edition else "",
        seconds=middle([(end - start).total_seconds() for start, end in spans if end]),
        at=now,
        is_empty=not people,
    )


def _with_lessons(attempts: QuerySet[Attempt]) -> QuerySet[Attempt, Attempt]:
    done = LessonProgress.objects.filter(attempt=OuterRef("pk"), done_at__isnull=False).order_by().values("attempt")
    lessons = EditionLesson.objects.filter(edition=OuterRef("edition")).order_by().values("edition")
    return attempts.annotate(
        done=Coalesce(Subquery(done.annotate(count=Count("pk")).values("count")), 0),
        lessons=Coalesce(Subquery(lessons.annotate(count=Count("pk")).values("count")), 0),
    )


def _lessons(edition: CourseEdition) -> list[PartFigures]:
    """Three queries. The time of a lesson is from when the one before it was done, or the attempt begun, to its end."""
    lessons = list(EditionLesson.objects.filter(edition=edition).only("position", "key", "title"))
    runs = Attempt.objects.filter(edition=edition, is_preview=False).values_list(
        "pk", "enrolment", "current_item", "started_at"
    )
    owner, came, ended = {}, defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    places = {lesson.key: lesson.position for lesson in lessons}
    begun: dict[int, datetime] = {}
    for run, enrolment, here, started_at in runs:
        owner[run], begun[run] = enrolment, started_at
        came[places.get(here, lessons[0].position if lessons else 1)].add(enrolment)
    done: dict[int, dict[int, datetime]] = defaultdict(dict)
    rows = LessonProgress.objects.filter(attempt__edition=edition, attempt__is_preview=False)
    for run, position, done_at in rows.values_list("attempt", "lesson__position", "done_at"):
        if run not in owner:
            continue  # begun while we counted
        came[position].add(owner[run])
        if done_at is not None:
            ended[position].add(owner[run])
            done[run][position] = done_at
    spans = defaultdict[int, list[float]](list)
    for run, ends in done.items():
        for position, end in ends.items():
            before = ends.get(position - 1, begun[run] if position == 1 else None)
            if before is not None and end >= before:
                spans[position].append((end - before).total_seconds())
    return [
        PartFigures(
            lesson.title,
            len(came[lesson.position]),
            len(ended[lesson.position]),
            middle(spans[lesson.position]),
        )
        for lesson in lessons
    ]
