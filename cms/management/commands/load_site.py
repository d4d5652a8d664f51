from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cms.demo import count_missing, load_site
from lms.lib.actors import Machine


class Command(BaseCommand):
    help = "Make the site's first pages that are missing. Pages that are there are left as their editors have them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say how many would be made, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"{count_missing()} pages would be made.")
            return

        def progress(done: int, total: int, title: str) -> None:
            if done % 10 == 0 or done == total:
                self.stdout.write(f"{done} of {total} pages: {title}")

        made = load_site(by=Machine("command:load_site"), progress=progress)
        self.stdout.write(f"{made} pages were made.")
