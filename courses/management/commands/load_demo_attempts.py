"""`manage.py load_demo_attempts`: the demonstration's people have taken the course to try packages by, as far as they
came."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from courses import publish
from courses.demo.takers import DemoTakersCommand, extras
from courses.models import Attempt, AttemptEvent, Course, CourseEdition, Enrolment, ScoRuntime
from courses.queries.manifests import manifest_of
from courses.scorm.ordinary import dumped, noted
from lms.lib.actors import Machine
from lms.users.models import User

KEY = "provkurs-scorm"
BY = Machine("command:load_demo_attempts")
# How many came how far.
FINISHED, FAILED, UNDER_WAY, LEFT, SILENT, PLACE_ONLY = 9, 2, 5, 3, 2, 4
EVERYBODY = FINISHED + FAILED + UNDER_WAY + LEFT + SILENT + PLACE_ONLY


class Command(DemoTakersCommand):
    help = (
        "Give invented people attempts at the course to try packages by: finished, failed, under way, left and stuck, "
        "so that its pages have something to tell. Leaves a course that has been taken alone. Refuses in production."
    )
    key, kind, seed = KEY, Course.Kind.PACKAGE, 1926
    done = "have come as far as they came", "would have come as far as they came"

    def people(self, course: Course) -> list[User]:
        return list(extras().order_by("pk")[:EVERYBODY])

    def take(self, course: Course, edition: CourseEdition, people: list[User], chance: Random) -> None:
        kinds = ["finished"] * FINISHED + ["failed"] * FAILED + ["under way"] * UNDER_WAY + ["left"] * LEFT
        kinds += ["silent"] * SILENT + ["place"] * PLACE_ONLY
        for person, kind in zip(people, kinds, strict=False):
            _take(course, edition, person, kind, chance)


def _take(course: Course, edition: CourseEdition, person: User, kind: str, chance: Random) -> None:
    began = timezone.now() - timedelta(days=chance.randint(9, 28), minutes=chance.randint(0, 600))
    enrolment = Enrolment.objects.create(person=person, course=course)
    Enrolment.objects.filter(pk=enrolment.pk).update(enrolled_at=began - timedelta(days=1))
    if kind == "place":
        return
    last = began + timedelta(minutes=chance.randint(12, 40))
    launch = UUID(int=chance.getrandbits(128), version=4)
    attempt = Attempt.objects.create(
        person=person,
        enrolment=enrolment,
        edition=edition,
        launch_id=launch,
        launched_at=began,
        last_commit_at=None if kind == "silent" else last,
        status={"finished": Attempt.Status.PASSED, "failed": Attempt.Status.FAILED}.get(kind, Attempt.Status.STARTED),
    )
    Attempt.objects.filter(pk=attempt.pk).update(started_at=began)
    item = manifest_of(edition.scorm_package).launchable[0].identifier
    _write(attempt, item, kind, began, last, chance)
    if kind == "finished":
        attempt.finished_at = last
        attempt.outcome = publish.publish_result(attempt, by=BY)
        attempt.save(update_fields=["finished_at", "outcome"])


def _write(attempt: Attempt, item: str, kind: str, began: datetime, last: datetime, chance: Random) -> None:
    """What the package has saved, and the log of it."""
    data = {"finished": {"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "100"}}.get(kind)
    data = data or ({"cmi.core.lesson_status": "failed", "cmi.core.score.raw": "33"} if kind == "failed" else None)
    data = data or {"cmi.core.lesson_status": "incomplete"}
    written = {} if kind == "silent" else {**data, "cmi.core.lesson_location": str(chance.randint(2, 6))}
    recent = ""
    for minute in range(0, int((last - began).total_seconds() // 60), 4):
        recent = noted(recent, began + timedelta(minutes=minute), "autosave", 1)
    is_over = kind in {"finished", "failed", "left"}
    runtime = ScoRuntime.objects.create(
        attempt=attempt,
        item=item,
        data=dumped(written),
        completion="completed" if kind in {"finished", "failed"} else "incomplete",
        success={"finished": "passed", "failed": "failed"}.get(kind, "unknown"),
        has_ended=is_over,
        session_seconds=0 if kind == "silent" else (last - began).total_seconds(),
        launch_id=None if kind == "silent" else attempt.launch_id,
        sequence=0 if kind == "silent" else 1,
        recent="" if kind == "silent" else noted(recent, last, "terminate" if is_over else "commit", 2),
    )
    ScoRuntime.objects.filter(pk=runtime.pk).update(updated_at=last)
    turns = [(AttemptEvent.Kind.SITTING, began)]
    if is_over:
        turns.append((AttemptEvent.Kind.ENDED, last))
    for turn, at in turns:
        event = AttemptEvent.objects.create(attempt=attempt, item=item, kind=turn, launch_id=attempt.launch_id)
        AttemptEvent.objects.filter(pk=event.pk).update(at=at)
