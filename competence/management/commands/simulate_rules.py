"""`manage.py simulate_rules FILE`: what a rule document would change for today's people. Nothing is written."""

from __future__ import annotations

import csv
import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from competence.exports.sheets import write_xlsx
from competence.imports.rule_files import read_rule_file
from competence.models.requirement import RuleSetVersion
from competence.policy.rules import RuleSet
from competence.queries.eligibility import current_moment
from competence.queries.rule_documents import known_here
from competence.queries.rules import current_rule_book
from competence.rule_documents.check import check_text
from competence.rule_documents.words import full_sentence
from competence.simulation.report import KINDS, Report, Sight, kind_text, report_of, sheet_rows
from competence.simulation.run import Simulation, simulate
from competence.simulation.stored import as_data
from lms.lib.clock import STOCKHOLM
from lms.lib.errors import Refusal


class Command(BaseCommand):
    help = (
        "Simulate a rule document (YAML) against today's people: who loses, who gains, and when. Reads only. "
        "Exit code 0: done; 1: the document has errors; 2: it cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the rule document")
        parser.add_argument(
            "--at", help="when it takes effect, local time: 2027-03-01 or 2027-03-01T08:00 (default: now)"
        )
        parser.add_argument("--horizon", type=int, default=365, metavar="DAYS", help="how far to look (365)")
        parser.add_argument("--format", choices=("text", "json", "csv", "xlsx"), default="text", help="(text)")
        parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it (default: standard output)")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at the same time (all cores)")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if options["format"] == "xlsx" and options["output"] is None:
            raise CommandError("An XLSX file needs --output.", returncode=2)
        if options["horizon"] < 1 or options["processes"] < 1:
            raise CommandError("--horizon and --processes are at least 1.", returncode=2)
        moment = current_moment()
        draft = self._draft(file)
        at = self._instant(options["at"]) or moment.now
        began = time.monotonic()
        found = simulate(
            draft,
            current_rule_book(),
            at=at,
            moment=moment,
            horizon=timedelta(days=options["horizon"]),
            progress=self._progress,
            processes=options["processes"],
        )
        seconds = time.monotonic() - began
        self.stderr.write(f"\r{found.people} people looked at in {seconds:.1f} s. Nothing was written.")
        self._write(found, draft, options["format"], options["output"])

    def _draft(self, file: Path) -> RuleSet:
        try:
            text = read_rule_file(file)
        except Refusal as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        last = RuleSetVersion.objects.order_by("-version").values_list("version", flat=True).first() or 0
        checked = check_text(text, known_here(), version=last + 1)
        if checked.rules is None:
            raise CommandError("\n".join(full_sentence(fault) for fault in checked.errors))
        return checked.rules

    def _instant(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"{text} is no instant; write it as 2027-03-01T08:00.", returncode=2) from error
        return found if timezone.is_aware(found) else found.replace(tzinfo=STOCKHOLM)

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(f"\r{done} of {total} people", ending="")

    def _write(self, found: Simulation, rules: RuleSet, form: str, output: Path | None) -> None:
        report = report_of(found, rules, Sight(units=None, is_hidden=False))
        if form == "xlsx" and output is not None:
            header, rows = sheet_rows(report)
            with output.open("wb") as file:
                write_xlsx(file, title="Simulering", header=header, rows=rows)
            return
        out = self.stdout if output is None else output.open("w", encoding="utf-8", newline="")
        if form == "json":
            out.write(json.dumps({**as_data(found), "changes": found.changes}, ensure_ascii=False) + "\n")
        elif form == "csv":
            header, rows = sheet_rows(report)
            csv.writer(out, delimiter=";").writerows([header, *rows])
        else:
            out.write(self._text(report))
        if output is not None:
            out.close()

    def _text(self, report: Report) -> str:
        if report.nobody:
            return "Nobody's outcome changes.\n"
        lines = ["\t".join([*(kind_text(kind) for kind in KINDS), ""])]
        lines.append("\t".join([*report.total.texts, report.total.title]))
        for table in report.tables:
            lines += ["", table.title]
            lines += ["\t".join([*line.texts, line.title]) for line in table.lines]
        return "\n".join(lines) + "\n"
