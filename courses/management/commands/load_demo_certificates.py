"""`manage.py load_demo_certificates`: the demonstration's people have certificates of what they have completed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from competence import api as competence
from courses.actions.certificates import issue_certificate
from courses.models import Certificate, Course
from lms import env

SOURCE = "demo"


class Command(BaseCommand):
    help = (
        "Certify what the demonstration's invented people have completed of our own courses. Leaves certificates that "
        "are there alone. Refuses in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many would be issued, and issue none")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("The demonstration does not belong in production.")
        courses = {course.key: course for course in Course.objects.all()}
        certified = set(Certificate.objects.values_list("completion", flat=True))
        waiting = [
            completion
            for completion in competence.recorded_completions(sources=[SOURCE], course_keys=list(courses))
            if completion.public_id not in certified and completion.withdrawn_at is None
        ]
        if not dry_run:
            for completion in waiting:
                issue_certificate(completion=completion, course=courses[completion.course_key])
        self.stdout.write(f"{len(waiting)} certificates{' would be' if dry_run else ''} issued.")
