"""`manage.py load_demo_assignments`: the demonstration's editor has enrolled many on the regional course."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from courses import publish
from courses.actions.assignments import KIND, assign_course, reach
from courses.demo.takers import DemoTakersCommand, extras
from courses.management.commands.load_demo_tests import KEY, go_through, take_test
from courses.models import Attempt, Course, CourseAssignment, CourseEdition, Enrolment, Message
from courses.reminders import note_reminders
from lms.lib.clock import local_day
from lms.users.models import User

UNIT, EDITOR = "vastra-gotaland", "editor"
# How many came how far, of those whom the editor enrolled.
FINISHED, BEGUN, NOT_BEGUN = 8, 9, 7
EVERYBODY = FINISHED + BEGUN + NOT_BEGUN
ASSIGNED, DUE = timedelta(days=15), timedelta(days=6)


class Command(DemoTakersCommand):
    help = (
        "Enrol invented people on the regional course, with a day by which it is to be finished: some have finished it "
        "since, some have begun, some have not. Reminders that are due are noted, for the timetable to send. Leaves a "
        "course on which anybody has been enrolled so alone. Refuses in production."
    )
    key, kind, seed = KEY, Course.Kind.LESSONS, 2026
    done = "are enrolled", "would be enrolled"

    def is_there(self, course: Course) -> bool:
        has_editor = User.objects.filter(username=EDITOR).exists()
        return not has_editor or CourseAssignment.objects.filter(enrolment__course=course).exists()

    def people(self, course: Course) -> list[User]:
        wanted = reach(course, unit_key=UNIT, role_key="").to_enrol
        return list(extras().filter(pk__in=wanted).exclude(enrolments__course=course).order_by("pk")[:EVERYBODY])

    def take(self, course: Course, edition: CourseEdition, people: list[User], chance: Random) -> None:
        _enrol(course, edition, people, User.objects.get(username=EDITOR), chance)
        self.stdout.write(f"{len(note_reminders())} reminders wait to be sent.")


def _enrol(course: Course, edition: CourseEdition, people: list[User], editor: User, chance: Random) -> None:
    now = timezone.now()
    then, due_on = now - ASSIGNED, local_day(now + DUE)
    assign_course(course=course, people=[one.pk for one in people], due_on=due_on, by=editor, where=UNIT)
    enrolments = Enrolment.objects.filter(course=course, person__in=people)
    enrolments.update(enrolled_at=then)
    CourseAssignment.objects.filter(enrolment__in=enrolments).update(assigned_at=then)
    # What was written to them then has reached them.
    Message.objects.filter(kind=KIND, key=f"{KEY}:{due_on.isoformat()}").update(created_at=then, sent_at=then)
    kinds = ["finished"] * FINISHED + ["begun"] * BEGUN + ["not begun"] * NOT_BEGUN
    of_person = {one.person_id: one for one in enrolments.select_related("person")}
    for person, kind in zip(people, kinds, strict=False):
        if kind != "not begun":
            _take(of_person[person.pk], edition, kind, then, chance)


def _take(enrolment: Enrolment, edition: CourseEdition, kind: str, assigned_at: datetime, chance: Random) -> None:
    """One sitting, or several: so many lessons, and the test for those who have finished."""
    began = assigned_at + timedelta(days=chance.randint(1, 8), minutes=chance.randint(0, 300))
    attempt = Attempt.objects.create(person=enrolment.person, enrolment=enrolment, edition=edition)
    lessons = list(edition.lessons.order_by("position"))
    done = len(lessons) if kind == "finished" else chance.randint(1, len(lessons) - 1)
    hours = 1 + 20 * chance.random()
    go_through(attempt, began, lessons[:done], hours, chance)
    attempt.current_item = lessons[min(done, len(lessons) - 1)].key
    attempt.save(update_fields=["current_item"])
    if kind == "finished":
        attempt.status, attempt.finished_at = Attempt.Status.PASSED, began + timedelta(hours=hours + 3)
        take_test(attempt, attempt.finished_at, chance)
        attempt.outcome = publish.publish_lessons(attempt, by=enrolment.person)
        attempt.save(update_fields=["status", "finished_at", "outcome"])
