"""`manage.py check_rules FILE`: is a rule document right? All faults at once, each with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from competence.imports.documents import read_document
from competence.imports.rule_files import read_rule_file
from competence.queries.rule_documents import known_here
from competence.rule_documents.check import check_text
from competence.rule_documents.words import full_sentence, severity_text
from lms.lib.errors import Refusal


class Command(BaseCommand):
    help = (
        "Check a rule document (YAML) without publishing it: its structure, what it speaks of, circles, time, "
        "requirements that nobody can meet and such that contradict. Exit code 0: it can be published; 1: it has "
        "errors (with --strict: or warnings); 2: it cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the rule document")
        parser.add_argument(
            "--courses",
            type=Path,
            metavar="FILE",
            help="a file of courses, as register_courses reads it, instead of those that are registered here",
        )
        parser.add_argument("--strict", action="store_true", help="let warnings count as errors")

    def handle(self, *args: Any, file: Path, courses: Path | None, strict: bool, **options: Any) -> None:
        try:
            text = read_rule_file(file)
            keys = None if courses is None else [course["key"] for course in read_document(courses)]
        except (Refusal, KeyError, TypeError) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        checked = check_text(text, known_here(courses=keys))
        for fault in checked.faults:
            out, style = (self.stderr, self.style.ERROR) if fault.is_error else (self.stdout, self.style.WARNING)
            out.write(style(f"{file}: {severity_text(fault.severity)} {fault.code}: {full_sentence(fault)}"))
        errors, warnings = len(checked.errors), len(checked.warnings)
        summary = f"{file}: {errors} errors, {warnings} warnings."
        if errors or (strict and warnings):
            raise CommandError(summary, returncode=1)
        self.stdout.write(self.style.SUCCESS(summary))
