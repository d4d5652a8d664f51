"""Keep figures that others have counted."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from competence.imports.reported_figures import COLUMNS, FileRefused, load_reported_figures
from lms.lib.actors import Machine


class Command(BaseCommand):
    help = (
        "Keep counts of completions as somebody else reports them, without persons, from a CSV file (UTF-8, commas or "
        f"semicolons) with the columns {', '.join(COLUMNS)}.\n"
        "principal_kind: total (the source's own), municipality, vgr or private. No period_from: since the beginning.\n"
        "The whole file is taken or nothing. The same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check the file and say what would be kept")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        try:
            new, known = load_reported_figures(
                content, by=Machine("command:load_reported_figures"), dry_run=options["dry_run"]
            )
        except FileRefused as refusal:
            raise CommandError(f"{options['file']}: nothing was kept.\n{refusal}") from refusal
        would = "would be kept" if options["dry_run"] else "kept"
        self.stdout.write(f"{new} new figures {would}, {known} known before.")
