"""Places on a course for many people at once, with a day by which it is to be finished."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence import api as competence
from courses.messages import note_all, speaks_of
from courses.models import Course, CourseAssignment, Enrolment, Message
from lms.audit.api import record_writes_by_id
from lms.lib.actors import Actor, Machine, person_or_none
from lms.lib.clock import local_day
from lms.lib.errors import Refusal
from lms.lib.mailing import Words, address_of
from lms.users.models import User

EDIT = "courses.edit_courses"
BATCH = 1_000
KIND = "course.assigned"
SMALLEST_GROUP = 5


@dataclass(frozen=True)
class Reached:
    """Whom a choice of unit and role reaches, in numbers: editors see no persons. `done`: they have completed it."""

    people: frozenset[int]
    done: frozenset[int]
    enrolled: frozenset[int]

    @property
    def is_small(self) -> bool:
        """So few that a figure about them tells of a person."""
        return len(self.people) < SMALLEST_GROUP

    @property
    def to_enrol(self) -> frozenset[int]:
        """Those who have not completed it."""
        return self.people - self.done


def reach(course: Course, *, unit_key: str, role_key: str) -> Reached:
    """Who works at the unit (or below it) and has the role; those who have completed the course are left alone."""
    people = frozenset(competence.people_working(unit_key=unit_key, role_key=role_key))
    done = competence.people_who_finished(course.key, date(1990, 1, 1), date(9000, 1, 1))
    enrolled = Enrolment.objects.filter(course=course, person__in=people).values_list("person_id", flat=True)
    return Reached(people, people & done, frozenset(enrolled))


@transaction.atomic
def assign_course(
    *, course: Course, people: Collection[int], due_on: date | None, by: Actor, where: str = ""
) -> tuple[int, int]:
    """Give each of the people (by primary key) a place on the course, to be finished by `due_on`, and write to them.

    Who has a place keeps it and gets the day. Decided twice with the same day it is done, and written, once. Returns
    how many places are new, and how many people it concerns. Raises Refusal for a course that is not published, or a
    day that has passed; PermissionDenied unless `by` edits courses.
    """
    if not isinstance(by, Machine) and not by.has_perm(EDIT):
        raise PermissionDenied(EDIT)
    if not course.is_published:
        raise Refusal(_("Publish the course first: nobody can take it yet."))
    if due_on is not None and due_on < local_day(timezone.now()):
        raise Refusal(_("The day has passed. Choose a later one."))
    ids = sorted(set(people))
    before = Enrolment.objects.filter(course=course).count()
    Enrolment.objects.bulk_create(
        [Enrolment(person_id=pk, course=course) for pk in ids], ignore_conflicts=True, batch_size=BATCH
    )
    new = Enrolment.objects.filter(course=course).count() - before
    enrolments = Enrolment.objects.filter(course=course, person__in=ids).values_list("pk", flat=True)
    now, who = timezone.now(), person_or_none(by)
    CourseAssignment.objects.bulk_create(
        [CourseAssignment(enrolment_id=pk, due_on=due_on, assigned_at=now, assigned_by=who) for pk in enrolments],
        update_conflicts=True,
        unique_fields=["enrolment"],
        update_fields=["due_on", "assigned_at", "assigned_by"],
        batch_size=BATCH,
    )
    record_writes_by_id("assign_course", by=by, people=ids, subject=f"course:{course.key}", where=where)
    day = due_on.isoformat() if due_on else ""
    note_all(
        kind=KIND,
        key=f"{course.key}:{day}",
        recipients=User.objects.filter(pk__in=ids),
        payload={"course": course.key, "due_on": day},
    )
    return new, len(ids)


@speaks_of(KIND)
def words_of_assignment(message: Message) -> Words | None:
    """The course, the day and the way there; nothing when it is finished, hidden, or another day has been set."""
    person, key = message.recipient, message.payload["course"]
    assignment = (
        CourseAssignment.objects.filter(enrolment__person=person, enrolment__course__key=key)
        .select_related("enrolment__course")
        .first()
    )
    if assignment is None or not assignment.enrolment.course.is_published:
        return None
    if (assignment.due_on.isoformat() if assignment.due_on else "") != message.payload["due_on"]:
        return None
    state = competence.course_states_of(person).get(key)
    if state is not None and (state.completed_at or state.is_waiting):
        return None
    course = assignment.enrolment.course
    words = {"course": course.title, "minutes": course.minutes}
    if assignment.due_on:
        words["day"] = date_format(assignment.due_on, "DATE_FORMAT")
        text = _("You have been enrolled on “%(course)s”, which takes about %(minutes)d minutes. Finish it by %(day)s.")
    else:
        text = _("You have been enrolled on “%(course)s”, which takes about %(minutes)d minutes.")
    return Words(
        _("You are enrolled on a course: %(course)s") % words,
        text % words,
        address_of("courses:course", key),
        _("Open the course"),
    )
