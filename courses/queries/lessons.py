"""A course of lessons as a learner meets it: the table of contents, one lesson, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courses.models import Attempt, CourseEdition, EditionLesson, EditionTest, LessonProgress

INTERACTIVE = {"checklist", "reflection"}


@dataclass(frozen=True)
class Line:
    """A lesson in the table of contents. `state`: new, started or done."""

    number: int
    key: str
    title: str
    minutes: int
    state: str


@dataclass(frozen=True)
class Outline:
    """The lessons of an edition with how far somebody has come; `test` is None for a course without one."""

    lessons: Sequence[Line]
    test: EditionTest | None

    @property
    def done(self) -> int:
        return sum(line.state == "done" for line in self.lessons)

    @property
    def all_done(self) -> bool:
        return self.done == len(self.lessons)

    @property
    def per_cent(self) -> int:
        return round(100 * self.done / len(self.lessons)) if self.lessons else 100

    @property
    def next(self) -> Line | None:
        """The first lesson that is not done."""
        return next((line for line in self.lessons if line.state != "done"), None)

    def after(self, key: str) -> Line | None:
        """The lesson after that of `key`."""
        return self._beside(key, 1)

    def before(self, key: str) -> Line | None:
        return self._beside(key, -1)

    def _beside(self, key: str, step: int) -> Line | None:
        place = next(place for place, line in enumerate(self.lessons) if line.key == key) + step
        return self.lessons[place] if 0 <= place < len(self.lessons) else None


@dataclass(frozen=True)
class Piece:
    """A block of a lesson as the page shows it; `name` is that of its field, `note` what the learner has put there."""

    kind: str
    block: Any
    name: str
    note: Any

    @property
    def ticks(self) -> Sequence[int]:
        """The points of a checklist that are ticked."""
        return self.note if isinstance(self.note, list) else ()


def outline_of(edition: CourseEdition, attempt: Attempt | None = None) -> Outline:
    """Three queries: lessons, progress and test. Without an attempt nothing has been begun."""
    progress: dict[int, bool] = {}
    if attempt is not None:
        rows = LessonProgress.objects.filter(attempt=attempt).values_list("lesson_id", "done_at")
        progress = {lesson: done_at is not None for lesson, done_at in rows}
    lessons = EditionLesson.objects.filter(edition=edition).only("position", "key", "title", "minutes")
    return Outline(
        [
            Line(
                lesson.position,
                lesson.key,
                lesson.title,
                lesson.minutes,
                "done" if progress.get(lesson.pk) else "started" if lesson.pk in progress else "new",
            )
            for lesson in lessons
        ],
        knowledge_test_of(edition),
    )


def knowledge_test_of(edition: CourseEdition) -> EditionTest | None:
    """The edition's test, if it has one."""
    return EditionTest.objects.filter(edition=edition, draw_count__gt=0).first()


def pieces_of(body: Any, notes: Mapping[str, Any]) -> list[Piece]:
    """The blocks of a lesson, with what the learner has written and ticked."""
    return [Piece(block.block_type, block, f"b-{block.id}", notes.get(str(block.id))) for block in body]
