"""The part of a course's page that belongs to its kind: a template, and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from courses.actions.attempts import current_edition
from courses.models import Course
from courses.queries.learner import MyCourse
from courses.queries.lessons import outline_of
from courses.queries.occasions import Wanted, shown, wanted_occasions
from courses.views.ways import Ways
from lms.users.models import User


def part_of(mine: MyCourse, person: User) -> dict[str, Any]:
    """The template's name as `part`, and its values."""
    kind = Course.Kind(mine.course.kind)
    values = VALUES.get(kind)
    return {"mine": mine, "part": f"courses/_course_{kind}.html", **(values(mine, person) if values else {})}


def _occasions(mine: MyCourse, person: User) -> dict[str, Any]:
    """The occasions that the person can register for."""
    return {"occasions": shown(wanted_occasions(person, Wanted(course=mine.course.key)), person)}


def _lessons(mine: MyCourse, person: User) -> dict[str, Any]:
    """The contents, of the edition that the learner is on or would get."""
    attempt = mine.open_attempt
    edition = attempt.edition if attempt else current_edition(mine.course)
    if edition is None:
        return {}
    outline = outline_of(edition, attempt)
    ways = Ways(attempt) if attempt else None
    return {
        "outline": outline,
        "ways": ways,
        "contents": [{"line": line, "url": ways.lesson(line.key) if ways else ""} for line in outline.lessons],
    }


VALUES: Mapping[Course.Kind, Callable[[MyCourse, User], dict[str, Any]]] = {
    Course.Kind.LESSONS: _lessons,
    Course.Kind.OCCASION: _occasions,
}
