"""`manage.py load_demo_course`: takes in the package of our own making as a course to try packages by."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.actions.courses import create_course, decide_package_trust, publish_edition
from courses.models import Course
from courses.scorm.demo import build_demo_package
from lms import env
from lms.lib.actors import Machine

KEY = "provkurs-scorm"
BY = Machine("command:load_demo_course")
TRUST_REASON = (
    "Kursen finns för att prova kurspaket, och ingen behörighet kräver den. Därför räcker dess eget resultat."
)


class Command(BaseCommand):
    help = (
        "Make and publish the demonstration's course to try packages by, from courses/demo_package, and decide that "
        "its own result counts. Leaves a course that is there alone. Refuses in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say whether the course would be made")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("The demonstration does not belong in production: an editor uploads courses there.")
        if Course.objects.filter(key=KEY).exists():
            self.stdout.write(f"The course {KEY} is there already.")
            return
        if dry_run:
            self.stdout.write(f"The course {KEY} would be made.")
            return
        course = create_course(
            key=KEY,
            title="Provkurs: ett kurspaket (SCORM)",
            minutes=20,
            description=(
                "En kort repetition av den regionala utbildningen, som kurspaket. Den finns för att prova hur ett "
                "paket spelas, pausas och registreras, och räknas inte för någon behörighet."
            ),
            source=io.BytesIO(build_demo_package()),
            file_name="provkurs-scorm.zip",
            by=BY,
        )
        publish_edition(edition=course.editions.get(), by=BY)
        decide_package_trust(course=course, is_trusted=True, from_on=date(2025, 1, 22), reason=TRUST_REASON, by=BY)
        self.stdout.write(f"The course {KEY} is published.")
