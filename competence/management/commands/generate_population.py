"""`manage.py generate_population`: an invented population, for tests of scale."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from competence.generation import generate_population
from competence.invention import Plan
from competence.management.progress import Progress
from lms import env
from lms.lib.actors import Machine
from lms.lib.clock import local_day
from lms.lib.errors import Refusal


class Command(BaseCommand):
    help = (
        "Make invented people with employments, decisions and completions, named “Person 000123 Exempelsson”. The same "
        "seed makes the same people; run again after an interruption, with the same values, to make the rest. "
        "The organisation, the courses and the rules must be loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, required=True, metavar="N")
        parser.add_argument("--completions-per-person", type=int, default=10, metavar="M", help="on average (10)")
        parser.add_argument("--people-per-unit", type=int, default=50, metavar="N", help="on average (50)")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another population beside it (1)")
        parser.add_argument("--until", type=date.fromisoformat, help="the last day on which anything happened (today)")
        parser.add_argument("--processes", type=int, default=1, metavar="N", help="so many at once, on PostgreSQL (1)")
        parser.add_argument("--dry-run", action="store_true", help="make the first people, and take them back")
        parser.add_argument("--yes-really", action="store_true", help="also in production")

    def handle(self, *args: Any, **options: Any) -> None:
        if env.ENVIRONMENT == "production" and not options["yes_really"]:
            raise CommandError("Invented people do not belong in production. (--yes-really if they do.)")
        low, high = 0, 9999
        if (
            options["people"] < 1
            or options["completions_per_person"] < 0
            or min(options["people_per_unit"], options["processes"]) < 1
        ):
            raise CommandError(
                "--people, --people-per-unit and --processes are at least 1, --completions-per-person at least 0."
            )
        if not low <= options["seed"] <= high:
            raise CommandError(f"--seed is from {low} to {high}.")
        plan = Plan(
            people=options["people"],
            completions_per_person=options["completions_per_person"],
            people_per_unit=options["people_per_unit"],
            seed=options["seed"],
            until=options["until"] or local_day(timezone.now()),
        )
        try:
            self._make(plan, dry_run=options["dry_run"], processes=options["processes"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _make(self, plan: Plan, *, dry_run: bool, processes: int) -> None:
        made = generate_population(
            plan, by=Machine("command:generate_population"), dry_run=dry_run, processes=processes
        )
        before = done = next(made)
        progress = Progress(self.stdout, plan.people, before)
        for done in made:
            progress.at(done)
        new = done - before
        self.stdout.write(
            f"Dry run: {new:,} people were made and taken back; {before:,} were there before."
            if dry_run
            else f"{new:,} people made, {before:,} were there before."
        )
