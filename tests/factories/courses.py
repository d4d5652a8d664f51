"""Courses, made by the product's own actions from packages that the tests pack themselves."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.models import Group

from courses.actions.attempts import enrol, start_attempt
from courses.actions.courses import create_course, decide_package_trust, publish_edition
from courses.actions.navigation import Move, Moved, Verb, move
from courses.models import Attempt, Course, CourseEdition
from courses.scorm.commit import Saved, read_commit, save_commit
from courses.scorm.tokens import Sitting
from lms.lib.actors import Machine
from lms.users.models import User
from tests.courses.packages import package
from tests.factories.competence import make_person

BUILDER = Machine("test:builder")
_numbers = itertools.count(1)
_sequence = itertools.count(1)


def make_editor() -> User:
    editor = make_person()
    editor.groups.add(Group.objects.get(name="Redaktör"))
    return editor


def make_administrator() -> User:
    administrator = make_person()
    administrator.groups.add(Group.objects.get(name="Administratör"))
    return administrator


def make_course(
    data: bytes | None = None, *, is_trusted: bool = False, is_published: bool = True, **fields: Any
) -> Course:
    """A course from the package in `data`, published unless told otherwise."""
    values: dict[str, Any] = {"key": f"kurs-{next(_numbers)}", "title": "En kurs", "minutes": 45, **fields}
    course = create_course(source=io.BytesIO(data or package()), file_name="kurs.zip", by=BUILDER, **values)
    if is_published:
        publish_edition(edition=edition_of(course), by=BUILDER)
        course.refresh_from_db()
    if is_trusted:
        decide_package_trust(
            course=course, is_trusted=True, from_on=date(2024, 1, 1), reason="Provad av samverkan", by=BUILDER
        )
    return course


def edition_of(course: Course) -> CourseEdition:
    """The course's newest edition."""
    edition = course.editions.first()
    assert edition is not None
    return edition


def make_attempt(course: Course, person: User | None = None) -> Attempt:
    """An open attempt of `person`, or of somebody new."""
    person = person or make_person()
    return start_attempt(enrolment=enrol(person=person, course=course, by=person), by=person)


def go(attempt: Attempt, verb: Verb, item: str = "") -> Moved:
    """Ask as the player does, in the sitting that is open."""
    attempt.refresh_from_db()
    return move(attempt=attempt, asked=Move(verb, item, attempt.launch_id), by=attempt.person)


def sit_down(attempt: Attempt, item: str = "") -> Sitting:
    sitting = go(attempt, "choice" if item else "open", item).sitting
    assert sitting is not None
    return sitting


def write(
    sitting: Sitting, changes: Mapping[str, str], *, trigger: str = "commit", sequence: int | None = None
) -> Saved:
    """Save a commit as the launcher would."""
    return save_commit(
        sitting, read_commit({"sequence": sequence or next(_sequence), "trigger": trigger, "changes": dict(changes)})
    )
