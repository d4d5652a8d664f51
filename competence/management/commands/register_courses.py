"""`manage.py register_courses`: names the courses that are not held here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from competence.actions.rules import register_course_reference
from competence.imports.documents import read_document
from competence.models.course_reference import CourseReference
from lms.env import BASE_DIR
from lms.lib.actors import Machine
from lms.lib.errors import Refusal

COURSES = BASE_DIR / "competence" / "rules" / "courses.yaml"
FIELDS = {"key", "title", "level", "minutes", "url", "is_external", "ended_on"}


class Command(BaseCommand):
    help = (
        "Register the courses that rules and completions may name, from a YAML file (without FILE: the national ones "
        "and the regional ones that have ended). A course that is registered already is left alone without --update."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=COURSES, help="the YAML file")
        parser.add_argument("--update", action="store_true", help="let the file change courses registered before")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, file: Path, update: bool, dry_run: bool, **options: Any) -> None:
        try:
            courses = read_document(file)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        known = set(CourseReference.objects.values_list("key", flat=True))
        registered = 0
        with transaction.atomic():
            for course in courses if isinstance(courses, list) else [courses]:
                if not isinstance(course, dict) or not {"key", "title", "level"} <= set(course) <= FIELDS:
                    raise CommandError(
                        f"{file}: a course has key, title and level, and may have other fields: {course}"
                    )
                if course["level"] not in CourseReference.Level.values:
                    raise CommandError(f"{file}: {course['level']!r} is no level of a course")
                if course["key"] in known and not update:
                    continue
                ended_on = course.pop("ended_on", None)
                register_course_reference(
                    **course,
                    ended_on=None if ended_on is None else date.fromisoformat(ended_on),
                    by=Machine("command:register_courses"),
                )
                registered += 1
            transaction.set_rollback(dry_run)
        self.stdout.write(f"{'Would register' if dry_run else 'Registered'} {registered} courses.")
