"""`manage.py load_lesson_course <folder>`: makes a course of lessons from files, and publishes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.actions.lesson_files import load_lesson_course
from courses.lessons.course_files import read_course
from courses.models import Course
from lms import env
from lms.lib.actors import Machine
from lms.lib.errors import Refusal

FOLDERS = env.BASE_DIR / "courses" / "course_data"
BY = Machine("command:load_lesson_course")


class Command(BaseCommand):
    help = (
        "Make a course of lessons and a knowledge test from a folder of files (docs/courses.md), and publish it. A "
        "course whose key is there already is left as its editors have it. A name without slashes is a folder in "
        "courses/course_data."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", help="a folder, or the name of one in courses/course_data")
        parser.add_argument("--draft", action="store_true", help="leave the publishing to an editor")
        parser.add_argument("--dry-run", action="store_true", help="read the files and say what would be made")

    def handle(self, *args: Any, folder: str, draft: bool, dry_run: bool, **options: Any) -> None:
        place = FOLDERS / folder if "/" not in folder else Path(folder)
        try:
            files = read_course(place)
            key = files.course["key"]
            if Course.objects.filter(key=key).exists():
                self.stdout.write(f"The course {key} is there already.")
                return
            if dry_run:
                self.stdout.write(
                    f"The course {key} would be made: {len(files.lessons)} lessons, {len(files.questions)} questions."
                )
                return
            course = load_lesson_course(folder=place, by=BY, is_published=not draft)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The course {course.key} is {'there as a draft' if draft else 'published'}.")
