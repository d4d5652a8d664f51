"""`manage.py publish_rule_versions LIST`: several rule documents, each from its day, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from competence.imports.documents import read_document
from competence.models.requirement import RuleSetVersion
from lms.lib.errors import Refusal

FIELDS = {"file", "in_force_from", "reason"}


class Command(BaseCommand):
    help = (
        "Publish the rule documents that a list (YAML) names, each with the day from which it is in force and the "
        "reason: all of them or none. Nothing happens when any version has been published already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "listed", metavar="LIST", type=Path, help="such as competence/rules/vastra_gotaland/versions.yaml"
        )
        parser.add_argument("--dry-run", action="store_true", help="check the documents, and publish nothing")

    def handle(self, *args: Any, listed: Path, dry_run: bool, **options: Any) -> None:
        if RuleSetVersion.objects.exists():
            self.stdout.write("Rules are published already.")
            return
        try:
            entries = read_document(listed)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if not isinstance(entries, Sequence) or not all(
            isinstance(entry, dict) and set(entry) == FIELDS for entry in entries
        ):
            raise CommandError(f"{listed}: each entry has file, in_force_from and reason.")
        with transaction.atomic():
            for entry in entries:
                call_command(
                    "publish_rules",
                    str(listed.parent / entry["file"]),
                    f"--in-force-from={entry['in_force_from']}",
                    f"--reason={entry['reason']}",
                    stdout=self.stdout,
                    stderr=self.stderr,
                )
            transaction.set_rollback(dry_run)
