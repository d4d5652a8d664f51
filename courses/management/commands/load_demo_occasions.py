"""`manage.py load_demo_occasions`: the suppliers' courses with occasions that have been and that come."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from courses.demo.occasions import load_demo_occasions
from lms import env


class Command(BaseCommand):
    help = (
        "Make the demonstration's courses on site and by video, with their occasions (dated from today), participants, "
        "waiting lists and attendance. A course that is there is left alone. Refuses in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="make them and keep nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("Invented occasions do not belong in production.")
        with transaction.atomic():
            made = load_demo_occasions()
            transaction.set_rollback(dry_run)
        self.stdout.write(f"{made} occasions {'would be made' if dry_run else 'made'}.")
