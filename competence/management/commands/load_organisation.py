"""`manage.py load_organisation`: adds the units that a document names and that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from competence.imports.documents import read_document
from competence.imports.organisation import load_organisation, nodes_of
from lms.env import BASE_DIR
from lms.lib.actors import Machine
from lms.lib.errors import Refusal

VASTRA_GOTALAND = BASE_DIR / "competence" / "organisation" / "vastra_gotaland.yaml"


class Command(BaseCommand):
    help = (
        "Load the organisation from a YAML file (without FILE: Västra Götaland with its 49 municipalities). Adds what "
        "is missing and renames what has a new name; never moves or removes. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=VASTRA_GOTALAND, help="the YAML file")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            with transaction.atomic():
                tally = load_organisation(nodes_of(read_document(file)), by=Machine("command:load_organisation"))
                transaction.set_rollback(dry_run)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{'Would change' if dry_run else 'Organisation'}: {len(tally.added)} units added, "
            f"{len(tally.renamed)} renamed, {len(tally.numbered)} customer numbers added, "
            f"{tally.unchanged} as before."
        )
