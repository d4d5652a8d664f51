"""`manage.py rebuild_state`: brings what is prepared and stored about everybody to the latest rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum

from competence.management.progress import Progress
from competence.models.prepared import OutcomesMade, PreparedFacts
from competence.models.rebuild import RebuildRange, StateRebuild
from competence.rebuilding import open_ranges, stale_people, start_rebuild, stop_rebuilds, work_on
from lms.lib.side_by_side import side_by_side
from lms.users.models import User


class Command(BaseCommand):
    help = (
        "Make the prepared facts and stored outcomes of everybody for whom they are missing, or made under earlier "
        "rules. Publishing rules does so by itself, in the background; this does it here and now, beside the workers. "
        "Answers are right all the while. Break it off when you like: run again, it goes on with those who are left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, default=1, metavar="N", help="so many at once (1)")
        parser.add_argument(
            "--everything", action="store_true", help="believe nothing: also what is there and of the latest rules"
        )
        parser.add_argument("--stop", action="store_true", help="stop the work that goes on in the background")
        parser.add_argument("--status", action="store_true", help="say how far it has come, and do nothing")
        parser.add_argument("--dry-run", action="store_true", help="say for how many people there is something to do")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["processes"] < 1:
            raise CommandError("--processes is at least 1.")
        if options["status"]:
            self._tell()
        elif options["stop"]:
            self.stdout.write(f"{stop_rebuilds()} stopped. Run again without --stop to go on.")
        elif options["dry_run"]:
            people = User.objects.count() if options["everything"] else stale_people().count()
            self.stdout.write(f"There is something to do for {people:,} people. Nothing was done.")
        else:
            self._rebuild(options["processes"], everything=options["everything"])

    def _tell(self) -> None:
        for rebuild in StateRebuild.objects.order_by("-pk")[:5]:
            ranges = RebuildRange.objects.filter(rebuild=rebuild)
            people = ranges.aggregate(people=Sum("people"))["people"] or 0
            state = "finished" if rebuild.finished_at else "stopped" if rebuild.stopped_at else "going on"
            done = ranges.filter(done_at__isnull=False).count()
            self.stdout.write(
                f"Rules {rebuild.rules_version}, {state}: {done} of {ranges.count()} ranges, {people:,} people written."
            )
        self.stdout.write(f"There is something to do for {stale_people().count():,} people.")

    def _rebuild(self, processes: int, *, everything: bool) -> None:
        if everything:
            OutcomesMade.objects.all().delete()
            PreparedFacts.objects.all().delete()
        people = stale_people().count()
        if not people:
            self.stdout.write("Everything is of the latest rules: nothing to do.")
            return
        rebuild = start_rebuild()
        progress, done = Progress(self.stdout, people), 0
        for written in self._written(open_ranges(rebuild), processes):
            done += written
            progress.at(done)
        self.stdout.write(f"{done:,} people written {progress.took(done)}.")
        left_over = stale_people().count()
        if left_over:
            raise CommandError(f"{left_over:,} people are left: stopped, or other workers are at it. Run again.")

    def _written(self, ranges: list[int], processes: int) -> Iterator[int]:
        if processes > 1:
            yield from side_by_side(_work_on, ranges, processes)
            return
        for range_id in ranges:
            yield from work_on(range_id)


def _work_on(range_id: int) -> int:
    """The work of one process of several."""
    return sum(work_on(range_id))
