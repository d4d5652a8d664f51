"""The packages of a lesson, and how the learner stands with each: what the lesson shows, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from courses.models import Attempt, Course, CourseEdition
from courses.queries.learner import MyCourse, courses_with_keys
from lms.users.models import User

FINISHED = {Attempt.Status.COMPLETED, Attempt.Status.PASSED}


@dataclass(frozen=True)
class Exercise:
    """`state`: new, started, failed, done, or closed (it cannot be taken now, and was not finished before).

    `attempt` is the one that goes on when it is opened; None: opening it begins one. `can_be_opened` may be so of one
    that is done, to look again. `edition` is what an editor's preview begins with; None for a learner.
    """

    key: str
    title: str
    state: str
    can_be_opened: bool
    is_required: bool = False
    attempt: Attempt | None = None
    edition: CourseEdition | None = None


def exercises_of(attempt: Attempt, body: Any) -> Mapping[str, Exercise]:
    """The exercises in a lesson's body by the keys of their courses, for the learner or the editor of `attempt`.

    No query for a lesson without any.
    """
    blocks = [block.value for block in body if block.block_type == "package"]
    keys = [value["course"] for value in blocks]
    if not keys:
        return {}
    required = {value["course"] for value in blocks if value.get("is_required")}
    if attempt.is_preview:
        return {one.key: one for one in _tried(attempt.person, keys)}
    mine = courses_with_keys(attempt.person, keys)
    return {key: _standing(one, is_required=key in required) for key, one in mine.items()}


def exercise_of(attempt: Attempt) -> Exercise:
    """The exercise that an attempt on a package is, as its lesson shows it."""
    key = attempt.edition.course.key
    if attempt.is_preview:
        return _previewed(attempt.edition, attempt)
    mine = courses_with_keys(attempt.person, [key]).get(key)
    return _standing(mine) if mine is not None else Exercise(key, attempt.edition.course.title, "closed", False)


def remaining(exercises: Mapping[str, Exercise]) -> list[Exercise]:
    """What must be finished before the lesson is done. What cannot be taken keeps nobody: they could not mend it."""
    return [one for one in exercises.values() if one.is_required and one.state not in {"done", "closed"}]


def _standing(mine: MyCourse, *, is_required: bool = False) -> Exercise:
    current = mine.open_attempt if mine.can_start else None
    if current is not None and not current.edition.is_live:
        current = None  # withdrawn under the learner: opening it begins anew, on the edition in use
    if mine.finished is not None or mine.state in {"done", "waiting"}:
        state = "done"
    elif not mine.can_start:
        state = "closed"
    elif current is None:
        state = "new"
    else:
        state = "failed" if current.status == Attempt.Status.FAILED else "started"
    return Exercise(mine.course.key, mine.course.title, state, mine.can_start, is_required, current)


def _tried(editor: User, keys: Iterable[str]) -> list[Exercise]:
    """An editor's previews of the packages, each of the edition in use; nothing is demanded of an editor."""
    courses = Course.objects.filter(key__in=keys)
    live = CourseEdition.objects.filter(
        course__in=courses, course__is_published=True, published_at__isnull=False, withdrawn_at=None
    )
    editions = {edition.course_id: edition for edition in live.select_related("course").order_by("number")}
    runs = {
        run.edition_id: run
        for run in Attempt.objects.filter(person=editor, is_preview=True, edition__in=list(editions.values()))
    }
    found = []
    for course in courses:
        edition = editions.get(course.pk)
        if edition is None:
            found.append(Exercise(course.key, course.title, "closed", False))
        else:
            found.append(_previewed(edition, runs.get(edition.pk)))
    return found


def _previewed(edition: CourseEdition, run: Attempt | None) -> Exercise:
    if run is None:
        state = "new"
    elif run.status in FINISHED:
        state = "done"
    else:
        state = "failed" if run.status == Attempt.Status.FAILED else "started"
    return Exercise(edition.course.key, edition.course.title, state, True, attempt=run, edition=edition)
