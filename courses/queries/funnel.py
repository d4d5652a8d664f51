"""How many come how far in a course of packages, and where they stop. Counts only: no person is in it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from courses.models import Attempt, Course, CourseEdition, Enrolment, ScoRuntime
from courses.queries.figures import Funnel, PartFigures, Tally, middle, steps_of
from courses.queries.manifests import manifest_of
from courses.scorm.results import Completion


def funnel_of(course: Course) -> Funnel:
    """The course's funnel over all editions, and its parts by the newest edition in use. Five queries, whatever the
    number of learners."""
    attempts = Attempt.objects.filter(enrolment__course=course)
    counted = attempts.aggregate(
        begun=Count("enrolment", distinct=True),
        written=Count("enrolment", distinct=True, filter=Q(last_commit_at__isnull=False) | Q(runtimes__sequence__gt=0)),
        finished=Count("enrolment", distinct=True, filter=Q(finished_at__isnull=False)),
        recorded=Count("enrolment", distinct=True, filter=Q(outcome=Attempt.Outcome.COMPLETION)),
        failed=Count("pk", distinct=True, filter=Q(status=Attempt.Status.FAILED)),
    )
    people = Enrolment.objects.filter(course=course).count()
    finished = attempts.filter(finished_at__isnull=False).values_list("started_at", "finished_at", "flags")
    live = CourseEdition.objects.filter(course=course, published_at__isnull=False, withdrawn_at=None)
    edition = live.select_related("package").defer("package__manifest", "package__files").first()
    flagged = sum(bool(marks) for _start, _end, marks in finished)
    return Funnel(
        steps=steps_of(
            [
                (_("Have a place"), people, "place"),
                (_("Have started"), counted["begun"], "begun"),
                (_("The package has opened and saved something"), counted["written"], "written"),
                (_("Have finished"), counted["finished"], "finished flagged"),
                (_("Recorded without waiting for a manager"), counted["recorded"], "recorded recorded-flagged"),
            ]
        ),
        end=3,
        tallies=[
            Tally(_("Attempts that were not passed"), counted["failed"]),
            Tally(
                _("Finished, with a remark"),
                flagged,
                _("(implausibly fast, or more time claimed than has passed)") if flagged else "",
                groups=frozenset({"flagged", "recorded-flagged"}),
            ),
        ],
        parts=_parts(edition) if edition is not None else (),
        parts_of=_("The parts of edition %(number)s, in attempts") % {"number": edition.number} if edition else "",
        seconds=middle([(end - start).total_seconds() for start, end, _marks in finished if end]),
        is_empty=not people,
    )


def _parts(edition: CourseEdition) -> Sequence[PartFigures]:
    counted = {
        row["item"]: row
        for row in ScoRuntime.objects.filter(attempt__edition=edition, attempt__is_preview=False)
        .values("item")
        .annotate(
            opened=Count("pk"),
            finished=Count("pk", filter=Q(completion=Completion.COMPLETED) & ~Q(success="failed")),
        )
    }
    none = {"opened": 0, "finished": 0}
    items = manifest_of(edition.scorm_package).launchable
    if len(items) < 2:
        return ()
    return [
        PartFigures(item.title, *(counted.get(item.identifier, none)[word] for word in ("opened", "finished")))
        for item in items
    ]
