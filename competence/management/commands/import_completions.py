"""`manage.py import_completions FILE`: takes in a list of completed courses."""

from __future__ import annotations

import csv
import os
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from competence.actions.completion_imports import discard_import, resume_import, start_import
from competence.exports.sheets import without_formula
from competence.imports.completions.faults import sentence
from competence.imports.completions.runner import go_on_with
from competence.models.completion_import import CompletionImport
from lms.lib.actors import Machine
from lms.lib.errors import Refusal

BY = Machine("command:import_completions")
PATIENCE = 3600
Status = CompletionImport.Status


class Command(BaseCommand):
    # Checks of the whole site would load every page's code, in each process of this command.
    requires_system_checks = ()
    help = (
        "Take in a list of completed courses (CSV in UTF-8, UTF-16 or Windows-1252, or XLSX) with a row for each "
        "person and course: HSA-ID or VGR-ID, course (key or title) and day.\n"
        "Rows that are not understood are named with row, column, value and reason; the others are recorded, each "
        "once, however often the list is taken in. Stopped by Ctrl-C or broken off, it goes on with --resume.\n"
        "Exit code 0: everything was taken in; 1: some rows were not; 2: the list could not be taken in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument(
            "--source", default="", help="whose list it is, such as Socialstyrelsen; the same each time"
        )
        parser.add_argument("--course", default="", metavar="KEY", help="the course that the whole list is about")
        parser.add_argument("--dry-run", action="store_true", help="check the list and say what would be recorded")
        parser.add_argument("--resume", metavar="ID", help="go on with a list that was stopped or broken off")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="so many at once (all cores)")
        parser.add_argument("--faults", type=Path, metavar="FILE", help="write the faults to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == bool(options["resume"]) or options["processes"] < 1:
            raise CommandError("Give a file, or --resume and the list's id; --processes is at least 1.", returncode=2)
        try:
            one = self._resumed(options["resume"]) if options["resume"] else self._started(options)
        except Refusal as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        began = time.monotonic()
        try:
            one = self._work(one, options["processes"])
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. Go on with --resume {one.public_id}", returncode=2) from None
        self._tell(one, time.monotonic() - began, options)

    def _started(self, options: dict[str, Any]) -> CompletionImport:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=2)
        if not options["source"]:
            raise CommandError("Say whose list it is: --source Socialstyrelsen", returncode=2)
        one = start_import(
            path=path,
            file_name=path.name,
            source_name=options["source"],
            course_key=options["course"],
            goes_on=not options["dry_run"],
            by=BY,
            in_background=False,
        )
        if one.status == Status.COLUMNS:
            discard_import(completion_import=one, by=BY)
            raise CommandError(
                f"The headings do not say which column is which: {', '.join(one.header)}. Name them HSA-id, Kurs and "
                "Datum, or take the list in on the page, where they can be chosen.",
                returncode=2,
            )
        self.stdout.write(f"The list's id is {one.public_id}")
        self.stdout.flush()
        return one

    def _resumed(self, public_id: str) -> CompletionImport:
        try:
            one = CompletionImport.objects.filter(public_id=public_id).first()
        except ValidationError:
            one = None
        if one is None:
            raise CommandError(f"There is no list with the id {public_id}.", returncode=2)
        if one.status in (Status.CHECKING, Status.CHECKED, Status.RECORDING, Status.FAILED):
            resume_import(completion_import=one, by=BY, in_background=False)
        return one

    def _work(self, one: CompletionImport, processes: int) -> CompletionImport:
        """Work on it to its end, and wait for the turn while another list is being taken in."""
        until = time.monotonic() + PATIENCE
        is_told = False
        while True:
            for now in go_on_with(one.pk, processes=processes):
                self._progress(now)
                until = time.monotonic() + PATIENCE
            one = CompletionImport.objects.get(pk=one.pk)
            if not one.is_going_on:
                return one
            if time.monotonic() > until:
                raise CommandError(
                    "Another list has been worked on for an hour. Try again with --resume.", returncode=2
                )
            if not is_told:
                self.stderr.write("Waits: another list, or this one, is being worked on by somebody else.")
                is_told = True
            time.sleep(1)

    def _progress(self, one: CompletionImport) -> None:
        if one.status == Status.RECORDING:
            text = f"{one.done:,} of {one.staged:,} rows recorded"
        else:
            text = f"{one.rows_read:,} rows read, {one.faulty:,} with faults"
        self.stderr.write(f"\r{text}   ", ending="")

    def _tell(self, one: CompletionImport, seconds: float, options: dict[str, Any]) -> None:
        self.stderr.write("")
        if one.is_stopped:
            raise CommandError(f"Stopped. Go on with --resume {one.public_id}", returncode=2)
        if one.status == Status.FAILED:
            raise CommandError(one.message, returncode=2)
        if one.status == Status.CHECKED:
            words = (
                f"{one.foreseen_new:,} would be recorded, {one.foreseen_known:,} are known before or twice in the list"
            )
        else:
            words = f"{one.recorded:,} recorded, {one.known:,} known before or twice in the list"
        self.stdout.write(f"{words}, {one.faulty:,} rows with faults. {seconds:.1f} s.")
        self._write_faults(one, options["faults"])
        if one.status == Status.CHECKED:
            self.stdout.write(f"Nothing has been recorded. Record it with --resume {one.public_id}")
        if one.faulty:
            sys.exit(1)

    def _write_faults(self, one: CompletionImport, path: Path | None) -> None:
        faults = one.faults.order_by("row", "pk")
        if path is not None:
            with path.open("w", encoding="utf-8-sig", newline="") as out:
                writer = csv.writer(out, delimiter=";")
                writer.writerow(["row", "column", "value", "code", "reason"])
                for fault in faults.iterator(chunk_size=2_000):
                    words = sentence(fault.code, fault.words)
                    writer.writerow(
                        [fault.row, without_formula(fault.column), without_formula(fault.value), fault.code, words]
                    )
            return
        for fault in faults[:20]:
            place = f"row {fault.row}, {fault.column}" if fault.column else f"row {fault.row}"
            self.stdout.write(f"{place}: {fault.value!r}: {sentence(fault.code, fault.words)}")
        if one.faulty > 20:
            self.stdout.write("… and more: --faults FILE writes them all.")
