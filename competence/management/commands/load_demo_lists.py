"""`manage.py load_demo_lists`: a list of completed courses, checked and waiting for the coordination office."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from competence.actions.completion_imports import start_import
from competence.imports.completions.runner import go_on_with
from competence.models.completion_import import CompletionImport
from lms import env
from lms.users.models import User

LIST = Path(__file__).resolve().parents[2] / "data_files" / "demo_list.csv"
NAME = "utdrag-september.csv"


class Command(BaseCommand):
    help = (
        "Send in the demonstration's list of completed courses, with some faulty rows, as the coordination office. "
        "It is checked, and nothing is recorded. Leaves one that is there alone. Refuses in production."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("The demonstration does not belong in production.")
        coordinator = User.objects.filter(username="coordinator").first()
        if coordinator is None:
            raise CommandError("Load the demonstration's people first.")
        if CompletionImport.objects.filter(file_name=NAME).exists():
            self.stdout.write("The list is there already.")
            return
        one = start_import(
            path=LIST, file_name=NAME, source_name="Socialstyrelsen", by=coordinator, in_background=False
        )
        for _part in go_on_with(one.pk):
            pass
        one.refresh_from_db()
        self.stdout.write(f"A list with {one.foreseen_new} new completions and {one.faulty} faulty rows is checked.")
