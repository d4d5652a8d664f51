"""`manage.py export_rules [VERSION]`: a published version as a text to review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from competence.models.requirement import RuleSetVersion
from competence.queries.rule_documents import exported, versions_in_order


class Command(BaseCommand):
    help = (
        "Write a published version of the rules (without VERSION: the one in force) as YAML. It can be published again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", nargs="?", type=int, help="the number of the version")
        parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it (default: standard output)")

    def handle(self, *args: Any, version: int | None, output: Path | None, **options: Any) -> None:
        found: RuleSetVersion | None
        if version is None:
            found = versions_in_order().filter(in_force_from__lte=timezone.now()).first()
        else:
            found = RuleSetVersion.objects.filter(version=version).first()
        if found is None:
            raise CommandError("No rules are in force." if version is None else f"There is no version {version}.")
        text = exported(found)
        if output is None:
            self.stdout.write(text, ending="")
        else:
            output.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote version {found.version} to {output}.")
