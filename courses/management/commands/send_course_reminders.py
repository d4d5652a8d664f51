"""`manage.py send_course_reminders`: notes the reminders that are due, and sends them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from courses.messages import send_waiting
from courses.reminders import note_reminders, reminders_due


class Command(BaseCommand):
    help = (
        "Remind people of courses that they have not begun or not finished, of what expires within 60, 30 and 7 days, "
        "and managers, once a week, of their team. The timetable does it every hour. Nobody is told the same twice, "
        "nor after the thing is done, and at night it waits until the morning."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list who would be reminded, and remind nobody")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            due = list(reminders_due())
            for one in due:
                self.stdout.write(f"{one.recipient.username}: {one.kind} {one.key}")
        else:
            due = note_reminders()
        counts = Counter(one.kind for one in due)
        self.stdout.write(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())) or "nothing is due")
        if not dry_run:
            self.stdout.write(f"{send_waiting()} sent.")
