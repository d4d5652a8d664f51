"""Write the project's own SCORM package to a file, to be uploaded by hand."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.scorm.demo import build_demo_package


class Command(BaseCommand):
    help = "Pack the regional course for prescribers as a SCORM 1.2 package that can be uploaded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, required=True, help="The zip file to write.")
        parser.add_argument("--dry-run", action="store_true", help="Say how large it would be, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        data, output = build_demo_package(), options["output"]
        if options["dry_run"]:
            self.stdout.write(f"{output} would be {len(data)} bytes")
            return
        try:
            output.write_bytes(data)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{output}: {len(data)} bytes")
