"""How many completed which course, when, and with which principal. docs/statistics.md says what counts and what shows.

The same numbers for the page, the files and the API: they all come from `completion_statistics`. Completions of known
persons and figures reported by others are never added together; for the latter see `competence.queries.figures`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import TruncMonth
from django.utils import timezone

from competence.models.completion import Completion
from competence.models.course_reference import CourseReference
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind
from competence.small_groups import (
    NOTHING,
    SMALLEST_GROUP,
    Cell,
    Figure,
    Part,
    first_month_of_tertial,
    parts_of,
    tally,
)
from lms.lib.clock import STOCKHOLM, add_months, day_starts_at, local_day

Place = tuple[str, date, str]  # a course's key, a month's first day, a kind of principal
_PLACES_TO_NAME = 60  # more conditions than this cost the database more than sorting all
UNKNOWN_PRINCIPAL = ""
# In the order of every table: the municipalities, VGR, the private providers, and those that worked nowhere we know of.
PRINCIPALS: tuple[str, ...] = (
    PrincipalKind.MUNICIPALITY,
    PrincipalKind.VGR,
    PrincipalKind.PRIVATE,
    UNKNOWN_PRINCIPAL,
)


class Step(StrEnum):
    """How long each period in the table is."""

    MONTH = "month"
    TERTIAL = "tertial"
    YEAR = "year"

    def first_month(self, month: date) -> date:
        """The first day of the period that `month` lies in."""
        if self is Step.YEAR:
            return month.replace(month=1, day=1)
        return first_month_of_tertial(month) if self is Step.TERTIAL else month.replace(day=1)

    @property
    def months(self) -> int:
        return {Step.MONTH: 1, Step.TERTIAL: 4, Step.YEAR: 12}[self]


@dataclass(frozen=True)
class Question:
    """What is asked for. Months are given by their first day, both included; None and empty mean no limit.

    `unit`: the key of a unit, to count only what was recorded there and below; only for those who may see persons.
    """

    course: str = ""
    principals: tuple[str, ...] = PRINCIPALS
    first_month: date | None = None
    last_month: date | None = None
    unit: str = ""
    by: Step = Step.MONTH

    def covers(self, cell: Cell) -> bool:
        return (
            (not self.course or cell.course == self.course)
            and cell.principal in self.principals
            and (self.first_month is None or cell.month >= self.first_month)
            and (self.last_month is None or cell.month <= self.last_month)
        )


@dataclass(frozen=True)
class CompletionStatistics:
    """The answer to `question` as of `as_of`. Periods are given by their first day.

    `courses`: the titles of the courses that have figures, by key. `shows_small_groups`: nothing is hidden.
    """

    question: Question
    as_of: datetime
    courses: dict[str, str]
    periods: tuple[date, ...]
    principals: tuple[str, ...]
    shows_small_groups: bool
    _parts: list[Part] = field(repr=False)
    _left_out: list[Cell] = field(repr=False)

    def by_course_and_period(self) -> dict[tuple[str, date], tuple[dict[str, Figure], Figure]]:
        """For each course and period that has any completion: the figures by principal, and their total."""
        found = self._tally(lambda cell: (cell.course, self._period(cell), cell.principal))
        totals = self._tally(lambda cell: (cell.course, self._period(cell)))
        return {
            (course, period): (self._line(found, (course, period)), totals[course, period])
            for course in self.courses
            for period in self.periods
            if (course, period) in totals
        }

    def by_period(self) -> dict[date, tuple[dict[str, Figure], Figure]]:
        """For every period, also the empty ones: the figures by principal, all courses together, and their total."""
        found = self._tally(lambda cell: (self._period(cell), cell.principal))
        totals = self._tally(lambda cell: (self._period(cell),))
        return {period: (self._line(found, (period,)), totals.get((period,), NOTHING)) for period in self.periods}

    def by_course(self) -> dict[str, tuple[dict[str, Figure], Figure]]:
        """For each course: the figures by principal for the whole time asked for, and their total."""
        found = self._tally(lambda cell: (cell.course, cell.principal))
        totals = self._tally(lambda cell: (cell.course,))
        return {course: (self._line(found, (course,)), totals[(course,)]) for course in self.courses}

    def total(self) -> tuple[dict[str, Figure], Figure]:
        """Everything asked for: the figures by principal, and their total."""
        found = self._tally(lambda cell: (cell.principal,))
        return self._line(found, ()), self._tally(lambda cell: ()).get((), NOTHING)

    @property
    def is_empty(self) -> bool:
        return not self.courses

    def _period(self, cell: Cell) -> date:
        return self.question.by.first_month(cell.month)

    def _tally(self, place: Callable[[Cell], Hashable]) -> dict[Hashable, Figure]:
        covers = self.question.covers
        return tally(self._parts, self._left_out, lambda cell: place(cell) if covers(cell) else None)

    def _line(self, found: dict[Hashable, Figure], start: tuple[Hashable, ...]) -> dict[str, Figure]:
        return {principal: found.get((*start, principal), NOTHING) for principal in self.principals}


def completion_statistics(question: Question, *, may_see_persons: bool) -> CompletionStatistics:
    """Count the completions of known persons, in a fixed number of queries.

    A completion counts in the month in Stockholm in which it was completed, at the principal where it was recorded,
    unless it was withdrawn. Unless the caller `may_see_persons` small groups are hidden (`competence.small_groups`).
    Raises ValueError for a question about a unit by somebody who may not see persons: units are small groups.
    """
    if question.unit and not may_see_persons:
        raise ValueError("figures of a single unit are for those who may see persons")
    as_of = timezone.now()
    cells = _cells(question, with_people=not may_see_persons)
    parts, left_out = parts_of(cells)
    covered = [cell for cell in cells if question.covers(cell)]
    with_figures = {cell.course for cell in covered}
    return CompletionStatistics(
        question=question,
        as_of=as_of,
        courses={key: title for key, title in course_titles() if key in with_figures},
        periods=_periods(question, {cell.month for cell in covered}, local_day(as_of)),
        principals=tuple(
            p
            for p in PRINCIPALS
            if p in question.principals and (p or any(c.principal == UNKNOWN_PRINCIPAL for c in covered))
        ),
        shows_small_groups=may_see_persons,
        _parts=parts,
        _left_out=left_out,
    )


def course_titles() -> list[tuple[str, str]]:
    """Every course's key and title, by title."""
    return list(CourseReference.objects.order_by("title", "key").values_list("key", "title"))


def counted_completions() -> QuerySet[Completion]:
    """The completions that figures count: all but those recorded in error. `month` is their month in Stockholm."""
    withdrawn = Ending.objects.filter(completion=OuterRef("pk"), kind=Ending.Kind.CORRECTED)
    return Completion.objects.filter(~Exists(withdrawn)).annotate(month=TruncMonth("completed_at", tzinfo=STOCKHOLM))


def completions_asked_for(question: Question) -> QuerySet[Completion]:
    """The completions behind the figures."""
    found = counted_completions().filter(principal_kind__in=question.principals)
    if question.course:
        found = found.filter(course__key=question.course)
    if question.first_month:
        found = found.filter(completed_at__gte=day_starts_at(question.first_month))
    if question.last_month:
        found = found.filter(completed_at__lt=day_starts_at(add_months(question.last_month, 1)))
    if question.unit:
        path = OrganisationUnit.objects.filter(key=question.unit).values_list("path", flat=True).first()
        found = found.filter(unit__path__startswith=path) if path else found.none()
    return found


def _cells(question: Question, *, with_people: bool) -> list[Cell]:
    """The cells that are asked for; with people, all cells of the course, for the parts must not depend on the rest."""
    asked = completions_asked_for(Question(course=question.course) if with_people else question)
    place = ("course__key", "month", "principal_kind")
    counted = asked.order_by().values(*place).annotate(count=Count("pk"))
    if not with_people:
        return [
            Cell(course, month.date(), principal, count)
            for course, month, principal, count in counted.values_list(*place, "count")
        ]
    rows = [
        ((course, month.date(), principal), count, heads)
        for course, month, principal, count, heads in counted.annotate(
            heads=Count("person_id", distinct=True)
        ).values_list(*place, "count", "heads")
    ]
    people = _people_in(asked, [place for place, count, _heads in rows if count < SMALLEST_GROUP])
    return [
        # Some that completed it often: few persons behind a large count, which then joins no other.
        Cell(*place, count, people.get(place, frozenset()) if heads < SMALLEST_GROUP else None)
        for place, count, heads in rows
    ]


def _people_in(asked: Any, places: list[Place]) -> dict[Place, frozenset[int]]:
    """The persons behind small counts: a query for these places, or where they are many for all small counts."""
    if not places:
        return {}
    if len(places) <= _PLACES_TO_NAME:
        named = Q()
        for course, month, principal in places:
            within = (day_starts_at(month), day_starts_at(add_months(month, 1)))
            named |= Q(
                course__key=course,
                principal_kind=principal,
                completed_at__gte=within[0],
                completed_at__lt=within[1],
            )
        asked = asked.filter(named)
    else:
        in_cell = Window(Count("pk"), partition_by=["course_id", "month", "principal_kind"])
        asked = asked.annotate(in_cell=in_cell).filter(in_cell__lt=SMALLEST_GROUP)
    found: dict[Place, set[int]] = defaultdict(set)
    rows = asked.order_by().values_list("course__key", "month", "principal_kind", "person_id")
    for course, month, principal, person in rows:
        found[course, month.date(), principal].add(person)
    return {place: frozenset(people) for place, people in found.items()}


def _periods(question: Question, months: set[date], today: date) -> tuple[date, ...]:
    """Every period from the first to the last that is asked for, or has figures; none that lies ahead."""
    if not months:
        return ()
    first = question.by.first_month(question.first_month or min(months))
    last = max(max(months), min(question.last_month or today, today))
    periods = [first]
    while (following := add_months(periods[-1], question.by.months)) <= last:
        periods.append(following)
    return tuple(periods)
