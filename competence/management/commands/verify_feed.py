"""`manage.py verify_feed`: compares what the feed has announced with an evaluation from scratch."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from competence.actions.prepared import mark_stale
from competence.feed.verifying import verify_feed
from competence.management.progress import Progress
from competence.models.outbox import Revision
from lms.users.models import User

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Compare what the feed of changes has announced with what the recorded facts and the published rules give from "
        "scratch, and with the last event of each HSA-ID and right, for a sample of the people or for all. Names every "
        "difference; exit code 1 when there is one. Writes nothing, unless told to repair: then those who differ are "
        "marked, and what they were not told of is announced within seconds, by the worker or by the next reader."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=1_000, metavar="N", help="the size of the sample (1000)")
        parser.add_argument("--all", action="store_true", help="everybody")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another sample (1)")
        parser.add_argument("--repair", action="store_true", help="have announced what was not")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["people"] < 1:
            raise CommandError("--people is at least 1.")
        total = User.objects.count() if options["all"] else min(options["people"], User.objects.count())
        people = late = wrong = 0
        progress = Progress(self.stdout, total)
        for verified in verify_feed(None if options["all"] else options["people"], options["seed"]):
            people += verified.people
            late += verified.late
            for line in (line for lines in verified.wrong.values() for line in lines):
                wrong += 1
                if wrong <= SHOWN:
                    self.stdout.write(line)
            if options["repair"] and verified.wrong:
                with transaction.atomic():
                    Revision.objects.select_for_update().get(pk=1)
                    mark_stale(verified.wrong)
            progress.at(people)
        self.stdout.write(
            f"{people:,} people compared, {wrong:,} differences; of {late:,} people something is still to be announced."
        )
        if wrong:
            sys.exit(1)
