"""How a person stands with a course, in a word for the templates. Each kind of course says it in its own way.

done · waiting (finished, the manager has not attested it) · failed · started · new · closed (cannot be taken).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from courses.models import Attempt, Course

if TYPE_CHECKING:
    from courses.queries.learner import MyCourse

# What a list shows first: what has been begun, then what remains, then what is over.
ORDER = {"started": 0, "failed": 0, "waiting": 1, "new": 2, "done": 3, "closed": 4}


def state_of(mine: MyCourse) -> str:
    """The word for `mine`. A completion that counts, or one that waits, says all there is, whatever the kind."""
    if mine.standing.completed_at:
        return "done"
    if mine.standing.is_waiting:
        return "waiting"
    return STATES[Course.Kind(mine.course.kind)](mine)


def _by_attempt(mine: MyCourse) -> str:
    """A course that is taken by oneself: the open attempt tells."""
    current = mine.open_attempt
    if current is not None and current.status == Attempt.Status.FAILED:
        return "failed"
    if current is not None and not current.finished_at:
        return "started"
    return _by_itself(mine)


def _by_itself(mine: MyCourse) -> str:
    return "new" if mine.can_start else "closed"


STATES: Mapping[Course.Kind, Callable[[MyCourse], str]] = {
    Course.Kind.PACKAGE: _by_attempt,
    Course.Kind.LESSONS: _by_attempt,
    Course.Kind.OCCASION: _by_itself,
}
