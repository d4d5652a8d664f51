"""A learner's courses, as the pages show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from competence import api as competence
from competence.data import CourseState, NeededCourse
from courses.models import Attempt, Certificate, Course, CourseAssignment, CourseEdition, Enrolment
from courses.queries.certificates import current_certificates_of
from courses.queries.states import ORDER, state_of
from lms.users.models import User


@dataclass(frozen=True)
class MyCourse:
    """A course and how the person stands with it. `state` is a word for the templates (`courses.queries.states`);
    `due_on` the day by which somebody has decided that it is to be finished; `needed` what the person needs it for."""

    course: Course
    attempts: Sequence[Attempt]
    standing: CourseState
    can_start: bool
    certificate: Certificate | None = None
    due_on: date | None = None
    needed: NeededCourse | None = None

    @property
    def open_attempt(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.closed_at is None), None)

    @property
    def finished(self) -> Attempt | None:
        """The attempt that was finished last."""
        done = [attempt for attempt in self.attempts if attempt.finished_at]
        return max(done, key=lambda attempt: attempt.finished_at or attempt.started_at, default=None)

    @property
    def completed_at(self) -> datetime | None:
        return self.standing.completed_at

    @property
    def state(self) -> str:
        return state_of(self)

    @property
    def is_over(self) -> bool:
        """Finished, or not to be taken any more."""
        return self.state in {"done", "closed"}

    @property
    def is_wanted(self) -> bool:
        """Whether it is for the person to do: needed, asked for by a day, or begun."""
        return not self.is_over and (self.needed is not None or self.due_on is not None or self.state != "new")


def courses_for(person: User, needed: Mapping[str, NeededCourse] | None = None) -> list[MyCourse]:
    """The courses the person has a place on, and those open to everybody; begun ones first, then those that are asked
    for by a day, then those `needed` (by key), finished ones last.

    Of the courses that are held on occasions those that the person has completed or needs: the rest is in the list of
    occasions.
    """
    needed = needed or {}
    rows = [
        replace(row, needed=needed.get(row.course.key))
        for row in _courses(person, Course.objects.all(), held=frozenset(needed))
    ]
    return sorted(rows, key=_position)


def _position(row: MyCourse) -> tuple[int, date, int, str]:
    demand = 2 if row.needed is None else 1 - row.needed.is_demanded
    return ORDER[row.state], row.due_on or date.max, demand, row.course.title


def course_for(person: User, key: str) -> MyCourse | None:
    """One course as the person meets it; None when it is not there for them."""
    return next(iter(_courses(person, Course.objects.filter(key=key))), None)


def courses_with_keys(person: User, keys: Sequence[str]) -> dict[str, MyCourse]:
    """Those of the courses that are there for the person, by key."""
    return {mine.course.key: mine for mine in _courses(person, Course.objects.filter(key__in=keys))}


def _courses(person: User, courses: QuerySet[Course], *, held: Collection[str] | None = None) -> list[MyCourse]:
    """`held`: of those held on occasions only the completed ones and these; None: all."""
    standings = competence.course_states_of(person)
    on_occasions = Q(kind=Course.Kind.OCCASION, is_published=True)
    if held is not None:
        on_occasions &= Q(key__in=[*standings, *held])
    live = CourseEdition.objects.filter(course=OuterRef("pk"), published_at__isnull=False, withdrawn_at=None)
    enrolled = Enrolment.objects.filter(course=OuterRef("pk"), person=person)
    rows = (
        courses.annotate(is_live=Exists(live), is_enrolled=Exists(enrolled))
        .filter(Q(is_enrolled=True) | Q(is_open=True, is_published=True, is_live=True) | on_occasions)
        .order_by("title")
    )
    attempts: dict[int, list[Attempt]] = {}
    for attempt in (
        Attempt.objects.filter(person=person, is_preview=False, edition__course__in=rows)
        .select_related("edition")
        .order_by("-number")
    ):
        attempts.setdefault(attempt.edition.course_id, []).append(attempt)
    certificates = current_certificates_of(person)
    due = dict(CourseAssignment.objects.filter(enrolment__person=person).values_list("enrolment__course_id", "due_on"))
    return [
        MyCourse(
            course=row,
            attempts=attempts.get(row.pk, []),
            standing=standings.get(row.key, CourseState()),
            can_start=row.is_published and (row.is_live or row.kind == Course.Kind.OCCASION),
            certificate=certificates.get(row.key),
            due_on=due.get(row.pk),
        )
        for row in rows
    ]
