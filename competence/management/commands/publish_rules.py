"""`manage.py publish_rules FILE`: publishes a rule document as the next version."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from competence.actions.rules import publish_rules
from competence.imports.rule_files import read_rule_file
from competence.policy.document import with_order
from competence.queries.rule_documents import known_here, versions_in_order
from competence.rule_documents.check import Checked, check_text
from competence.rule_documents.words import full_sentence, severity_text
from lms.lib.actors import Machine
from lms.lib.clock import day_starts_at
from lms.lib.errors import Refusal


class Command(BaseCommand):
    help = (
        "Publish a rule document (YAML) as the next version of the rules. A version is never changed afterwards. "
        "Nothing happens when the version in force latest has the very same content."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the rule document, such as competence/rules/vastra_gotaland.yaml")
        parser.add_argument(
            "--in-force-from", type=date.fromisoformat, metavar="DAY", help="the first day, YYYY-MM-DD (default: now)"
        )
        parser.add_argument("--reason", default="", help="why; demanded for a day that has passed")
        parser.add_argument(
            "--unless-published", action="store_true", help="do nothing when any version has been published already"
        )
        parser.add_argument("--dry-run", action="store_true", help="check the document, and publish nothing")

    def handle(
        self,
        *args: Any,
        file: Path,
        in_force_from: date | None,
        reason: str,
        unless_published: bool,
        dry_run: bool,
        **options: Any,
    ) -> None:
        starts: datetime | None = None if in_force_from is None else day_starts_at(in_force_from)
        try:
            checked = check_text(read_rule_file(file), known_here())
            document = self._document(file, checked)
            latest = versions_in_order().first()
            if unless_published and latest is not None:
                self.stdout.write(f"Version {latest.version} is published already.")
                return
            if latest is not None and with_order(latest.document) == with_order(document):
                self.stdout.write(f"Version {latest.version} has this very content: nothing to publish.")
                return
            with transaction.atomic():
                published = publish_rules(
                    document=document, by=Machine("command:publish_rules"), in_force_from=starts, reason=reason
                )
                transaction.set_rollback(dry_run)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{'Would publish' if dry_run else 'Published'} version {published.version}, "
            f"in force from {timezone.localtime(published.in_force_from):%Y-%m-%d %H:%M}."
        )

    def _document(self, file: Path, checked: Checked) -> dict[str, Any]:
        """The document, when nothing is wrong with it; its warnings are written out."""
        lines = [f"{file}: {severity_text(f.severity)} {f.code}: {full_sentence(f)}" for f in checked.faults]
        if checked.errors or checked.document is None:
            raise CommandError("\n".join(lines))
        for line in lines:
            self.stderr.write(self.style.WARNING(line))
        return checked.document
