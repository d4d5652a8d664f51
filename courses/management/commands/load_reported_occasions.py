"""Keep figures about occasions that others have counted."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.models import ReportedOccasionFigure
from courses.reported_occasions import COLUMNS, PUBLISHED_FIGURES, FileRefused, load_reported_occasions
from lms.lib.actors import Machine


class Command(BaseCommand):
    help = (
        "Keep figures about course occasions as somebody else has counted them, from a CSV file (UTF-8, commas or "
        f"semicolons) with the columns {', '.join(COLUMNS)}. Without FILE: those that come with the product.\n"
        f"measure: {', '.join(ReportedOccasionFigure.Measure.values)}. No town: the source's own figure for all. "
        "approximate: yes where the source says about.\n"
        "The whole file is taken or nothing. The same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("file", nargs="?", type=Path, default=PUBLISHED_FIGURES)
        parser.add_argument("--dry-run", action="store_true", help="check the file and say what would be kept")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        try:
            new, known = load_reported_occasions(
                content, by=Machine("command:load_reported_occasions"), dry_run=dry_run
            )
        except FileRefused as refusal:
            raise CommandError(f"{file}: nothing was kept.\n{refusal}") from refusal
        would = "would be kept" if dry_run else "kept"
        self.stdout.write(f"{new} new figures {would}, {known} known before.")
