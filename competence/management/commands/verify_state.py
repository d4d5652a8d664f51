"""`manage.py verify_state`: compares what is prepared and stored with an evaluation from scratch."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from competence.management.progress import Progress
from competence.verifying import verify_state
from lms.users.models import User

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Compare the prepared facts and stored outcomes with what the recorded facts and the published rules give from "
        "scratch, for a sample of the people or for all. Names every difference; exit code 1 when there is one. "
        "Writes nothing. What is found wrong, `rebuild_state --everything` makes anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=1_000, metavar="N", help="the size of the sample (1000)")
        parser.add_argument("--all", action="store_true", help="everybody")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another sample (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["people"] < 1:
            raise CommandError("--people is at least 1.")
        total = User.objects.count() if options["all"] else min(options["people"], User.objects.count())
        people = stale = wrong = 0
        progress = Progress(self.stdout, total)
        for verified in verify_state(None if options["all"] else options["people"], options["seed"]):
            people += verified.people
            stale += verified.stale
            for line in verified.differences:
                wrong += 1
                if wrong <= SHOWN:
                    self.stdout.write(line)
            progress.at(people)
        self.stdout.write(
            f"{people:,} people compared, {wrong:,} differences; {stale:,} people are evaluated anew until rebuilt."
        )
        if wrong:
            sys.exit(1)
