"""What the commands share that let the demonstration's people have come somewhere in a course."""

from __future__ import annotations

from abc import abstractmethod
from random import Random
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from courses.models import Course, CourseEdition, Enrolment
from lms import env
from lms.users.models import User


class DemoTakersCommand(BaseCommand):
    """A course's published edition, and people who take it; nothing where the course is not there or has been taken.

    `key` and `kind`: of the course. `seed`: of what is left to chance, so that it is the same each time. `done`: the
    words for how many people it was, and would be.
    """

    key: ClassVar[str]
    kind: ClassVar[Course.Kind]
    seed: ClassVar[int]
    done: ClassVar[tuple[str, str]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many people it would be")

    @transaction.atomic
    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("The demonstration does not belong in production.")
        course = Course.objects.filter(key=self.key, kind=self.kind).first()
        edition = course.editions.filter(published_at__isnull=False).first() if course else None
        if course is None or edition is None or self.is_there(course):
            self.stdout.write("0 people new.")
            return
        people = self.people(course)
        if not dry_run:
            self.take(course, edition, people, Random(self.seed))  # noqa: S311 - the same each time
        self.stdout.write(f"{len(people)} people {self.done[1] if dry_run else self.done[0]}.")

    def is_there(self, course: Course) -> bool:
        """Whether there is something already, which is left alone."""
        return Enrolment.objects.filter(course=course).exists()

    @abstractmethod
    def people(self, course: Course) -> list[Any]:
        """Those whom it is about."""

    @abstractmethod
    def take(self, course: Course, edition: CourseEdition, people: list[Any], chance: Random) -> None:
        """Let them come as far as they came."""


def extras() -> QuerySet[User]:
    """Nobody whom one may log in as: what those have done is told by the demonstration's own pages."""
    return User.objects.filter(username__startswith="kursdeltagare_", is_protected=False)
