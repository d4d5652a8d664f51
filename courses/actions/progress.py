"""Going through the lessons: what a learner writes and ticks, and what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.actions.attempts import may_be_written
from courses.models import Attempt, EditionLesson, LessonProgress
from courses.publish import publish_lessons
from courses.queries.exercises import exercises_of, remaining
from courses.queries.lessons import INTERACTIVE, outline_of
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal
from lms.users.models import User

LONGEST_NOTE = 5000
Read = Callable[[str], Sequence[str]]


@transaction.atomic
def save_lesson(*, attempt: Attempt, lesson: EditionLesson, read: Read, is_done: bool, by: User) -> LessonProgress:
    """Keep what has been written and ticked (`read` gives the values of a form's field), and that the lesson is done.

    Next time the learner goes on there, or at the lesson after it. Doing it again changes nothing else. The last
    lesson of a course without a test finishes the course. A lesson is not done, whatever is asked, while an exercise
    that it demands remains (`queries.exercises.remaining`): then what was written is kept, and no more.
    Raises Refusal when the attempt takes no more.
    """
    require_own(attempt, by)
    attempt = locked(attempt)
    if not may_be_written(attempt):
        raise Refusal(_("Nothing more can be saved here: the course has been withdrawn, hidden or begun anew."))
    progress, _is_new = LessonProgress.objects.get_or_create(attempt=attempt, lesson=lesson)
    progress.notes = _notes(lesson, read)
    if is_done and progress.done_at is None:
        is_done = not remaining(exercises_of(attempt, lesson.body))
        progress.done_at = timezone.now() if is_done else None
    progress.save(update_fields=["notes", "done_at"])
    outline = outline_of(attempt.edition, attempt)
    following = outline.after(lesson.key) if is_done else None
    attempt.current_item = following.key if following else lesson.key
    attempt.save(update_fields=["current_item"])
    if is_done and outline.all_done and outline.test is None:
        finish(attempt, Attempt.Status.COMPLETED, by=by)
    return progress


def finish(attempt: Attempt, status: Attempt.Status, *, by: Actor, score: Any = None) -> None:
    """Set the attempt as done, once, and let the completion count. For a locked attempt, in the caller's transaction.

    A preview gets its status and nothing else.
    """
    attempt.status = status
    attempt.score = score
    if attempt.is_preview:
        attempt.save(update_fields=["status", "score"])
        return
    if attempt.finished_at is not None:
        return
    attempt.finished_at = timezone.now()
    attempt.outcome = publish_lessons(attempt, by=by)
    attempt.save(update_fields=["status", "score", "finished_at", "outcome"])
    record_write("finish_lessons", by=by, person=attempt.person, subject=f"attempt:{attempt.public_id}")


def locked(attempt: Attempt) -> Attempt:
    """The attempt as it is now, held until the transaction ends: two tabs take turns."""
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("edition__course", "person", "enrolment")
        .get(pk=attempt.pk)
    )


def require_own(attempt: Attempt, by: User) -> None:
    """Raises PermissionDenied for anybody but the learner."""
    if by != attempt.person:
        raise PermissionDenied("an attempt belongs to one person")


def _notes(lesson: EditionLesson, read: Read) -> dict[str, Any]:
    notes: dict[str, Any] = {}
    for block in lesson.body:
        if block.block_type not in INTERACTIVE:
            continue
        values = read(f"b-{block.id}")
        if block.block_type == "reflection":
            text = "".join(values[:1]).replace("\x00", "").strip()[:LONGEST_NOTE]
            if text:
                notes[str(block.id)] = text
        else:
            count = len(block.value["points"])
            ticks = sorted({int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 4})
            ticks = [tick for tick in ticks if tick < count]
            if ticks:
                notes[str(block.id)] = ticks
    return notes
