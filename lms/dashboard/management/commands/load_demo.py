"""`manage.py load_demo`: everything that the demonstration shows, in the order in which one thing stands on another."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms import env

RULES = env.BASE_DIR / "competence" / "rules" / "vastra_gotaland" / "versions.yaml"
FIGURES = env.BASE_DIR / "competence" / "data_files" / "reported_figures.csv"


class Command(BaseCommand):
    help = (
        "Load the demonstration: the organisation, the rules, a course, invented people with their facts, reported "
        "figures, the site and the machine clients. Whatever is there already is left alone, so it may be run again. "
        "Writes who one may log in as to var/demo.json. Refuses in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", type=Path, default=env.VAR_DIR / "demo.json", help="where to write who one may log in as"
        )

    def handle(self, *args: Any, output: Path, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("The demonstration does not belong in production.")
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            users, clients = Path(folder) / "users.json", Path(folder) / "clients.json"
            self._step("The organisation", "load_organisation")
            self._step("Courses held elsewhere", "register_courses")
            self._step("The rules", "publish_rule_versions", str(RULES))
            self._step("A course to try packages by", "load_demo_course")
            self._step("The regional course", "load_lesson_course", "regional-forskrivare")
            self._step("People", "load_demo_people", f"--output={users}")
            self._step("Knowledge tests", "load_demo_tests")
            self._step("Attempts at packages", "load_demo_attempts")
            self._step("A web part of a course on site", "load_lesson_course", "elrullstol-digital-del")
            self._step("Courses on site and by video", "load_demo_occasions")
            self._step("Certificates", "load_demo_certificates")
            self._step("A list of completed courses", "load_demo_lists")
            self._step("What people thought of the course", "load_demo_evaluation")
            self._step("Enrolling many", "load_demo_assignments")
            self._step("Figures that others have reported", "load_reported_figures", str(FIGURES))
            self._step("Figures about occasions that others have reported", "load_reported_occasions")
            self._step("The site", "load_site")
            self._step("Ordering systems", "load_demo_clients", f"--output={clients}")
            demo = {"base_url": settings.BASE_URL, "users": _read(users), "machine_clients": _read(clients)}
        output.write_text(json.dumps(demo, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(f"Loaded in {time.monotonic() - began:.0f} s; who one may log in as is in {output}.")

    def _step(self, title: str, command: str, *words: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(title))
        call_command(command, *words, stdout=self.stdout, stderr=self.stderr)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
