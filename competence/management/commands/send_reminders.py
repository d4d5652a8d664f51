"""`manage.py send_reminders`: tell those whose ordering rights will become inactive for lack of log-ins."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from competence.actions.reminders import DISTANCES, remind_of_lapses, reminders_due


class Command(BaseCommand):
    help = (
        f"Tell people, {' and '.join(map(str, DISTANCES))} days beforehand, that an ordering right becomes inactive "
        "unless they log in. The timetable does it every hour; nobody is told the same twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list who would be told, and tell nobody")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            self.stdout.write(f"{len(remind_of_lapses())} told.")
            return
        due = reminders_due()
        for lapse, days in due:
            person = lapse.authorisation.employment.person
            right = lapse.authorisation.right.key
            self.stdout.write(f"{person.username}: {right}, inactive at {lapse.at.isoformat()} ({days} days' notice)")
        self.stdout.write(f"{len(due)} would be told.")
