from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cms.search.indexing import rebuild


class Command(BaseCommand):
    help = "Write the search's entry of every published page anew, and remove those of pages that are not published."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        def progress(done: int, total: int) -> None:
            if done % 100 == 0 or done == total:
                self.stdout.write(f"{done} of {total} pages")

        written, removed = rebuild(dry_run=options["dry_run"], progress=progress)
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(f"{written} entries {would}written, {removed} {would}removed.")
