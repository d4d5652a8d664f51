"""How many come how far in a course of packages, and where they stop. Counts only: no person is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from courses.models import Attempt, Course, CourseEdition, Enrolment, ScoRuntime
from courses.queries.manifests import manifest_of
from courses.scorm.results import Completion


@dataclass(frozen=True)
class Step:
    """How many people came as far as this. `share`: of those who have a place, in whole per cent; `lost`: how many
    fewer than at the step before."""

    title: str
    people: int
    share: int
    lost: int


@dataclass(frozen=True)
class PartFigures:
    """A part of the newest edition in use: in how many attempts it was opened and finished."""

    title: str
    opened: int
    finished: int


@dataclass(frozen=True)
class Funnel:
    """`days`: the middle number of days from first opening to finish, None when nobody has finished."""

    steps: Sequence[Step]
    parts: Sequence[PartFigures]
    edition: int | None
    failed: int
    flagged: int
    days: float | None

    @property
    def is_empty(self) -> bool:
        return not self.steps[0].people


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
    steps: list[Step] = []
    for title, number in (
        (_("Have a place"), people),
        (_("Have started"), counted["begun"]),
        (_("The package has opened and saved something"), counted["written"]),
        (_("Have finished"), counted["finished"]),
        (_("Recorded without waiting for a manager"), counted["recorded"]),
    ):
        lost = steps[-1].people - number if steps else 0
        steps.append(Step(title, number, round(100 * number / people) if people else 0, lost))
    finished = attempts.filter(finished_at__isnull=False).values_list("started_at", "finished_at", "flags")
    spans = [(end - start).total_seconds() / 86_400 for start, end, _marks in finished if end]
    live = CourseEdition.objects.filter(course=course, published_at__isnull=False, withdrawn_at=None)
    edition = live.select_related("package").defer("package__manifest", "package__files").first()
    return Funnel(
        steps=steps,
        parts=_parts(edition) if edition is not None else (),
        edition=edition.number if edition is not None else None,
        failed=counted["failed"],
        flagged=sum(bool(marks) for _start, _end, marks in finished),
        days=round(median(spans), 1) if spans else None,
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
    return [
        PartFigures(item.title, *(counted.get(item.identifier, none)[word] for word in ("opened", "finished")))
        for item in items
    ]
