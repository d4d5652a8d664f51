"""Courses taken elsewhere: what they are, where to take them, and what to do before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from competence import api as competence
from competence.data import CourseState, ExternalCourse, NeededCourse
from lms.users.models import User

TEXTS = Path(__file__).resolve().parent.parent / "data_files" / "external_courses.yaml"


@dataclass(frozen=True)
class DescribedCourse:
    """A course taken elsewhere, with what is told about it. Nothing about a person is in it."""

    course: ExternalCourse
    held_by: str
    about: str
    parts: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class MyExternalCourse:
    """How a person stands with it, and what they need it for. `state`: done, waiting or new."""

    described: DescribedCourse
    standing: CourseState
    needed: NeededCourse | None = None

    @property
    def state(self) -> str:
        if self.standing.completed_at:
            return "done"
        return "waiting" if self.standing.is_waiting else "new"

    @property
    def is_wanted(self) -> bool:
        """Whether it is for the person to do: needed, and not done."""
        return self.needed is not None and self.state != "done"


def external_catalogue() -> list[DescribedCourse]:
    """The courses that can be taken elsewhere today, by title. One query."""
    return [_described(course) for course in competence.external_courses()]


def external_course(key: str) -> DescribedCourse | None:
    """One of them; None when it is not there."""
    return next((one for one in external_catalogue() if one.course.key == key), None)


def external_courses_of(person: User, needed: Mapping[str, NeededCourse] | None = None) -> list[MyExternalCourse]:
    """Every one of them, with how the person stands and, by key, what they need it for; those demanded first."""
    standings, needed = competence.course_states_of(person), needed or {}
    rows = [
        MyExternalCourse(one, standings.get(one.course.key, CourseState()), needed.get(one.course.key))
        for one in external_catalogue()
    ]
    return sorted(rows, key=lambda row: row.needed is None or not row.needed.is_demanded)


def _described(course: ExternalCourse) -> DescribedCourse:
    texts: dict[str, Any] = _texts().get(course.key, {})
    lists = {name: tuple(texts.get(name, ())) for name in ("parts", "before", "after")}
    return DescribedCourse(course, held_by=texts.get("held_by", ""), about=texts.get("about", ""), **lists)


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return found
