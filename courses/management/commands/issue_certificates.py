"""`manage.py issue_certificates`: certifies completions of our courses that have no certificate yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from courses.actions.certificates import completions_without_certificate, keep_certificate_right


class Command(BaseCommand):
    help = (
        "Issue the certificates of completions of our own courses that have none: those recorded before there were "
        "certificates. Otherwise one is issued as soon as a completion is recorded. Safe to run at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many would be issued, and issue none")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        waiting = completions_without_certificate()
        if dry_run:
            self.stdout.write(f"{len(waiting)} would be issued.")
            return
        for number, completion in enumerate(waiting, start=1):
            keep_certificate_right(completion)
            if number % 1000 == 0:
                self.stdout.write(f"{number} of {len(waiting)}")
        self.stdout.write(f"{len(waiting)} issued.")
