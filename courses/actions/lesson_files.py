"""Taking in a course of lessons from its files."""

from __future__ import annotations

import json
from pathlib import Path

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from courses.actions.lesson_editions import create_lesson_course
from courses.lessons.course_files import CourseFiles, read_course
from courses.models import Course, CoursePage, LessonPage
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

log = structlog.get_logger(__name__)


@transaction.atomic
def load_lesson_course(*, folder: Path, by: Actor, is_published: bool = True) -> Course:
    """Make the course that the files in `folder` describe: pages that editors go on with, and an edition of them.

    Not `is_published`: the lessons are ready, and an editor publishes the course. An exercise with a package that is
    not here is left out. Raises Refusal when the course's key is taken, or with the place of what is wrong in a file;
    then nothing has been made.
    """
    files = read_course(folder)
    course = create_lesson_course(by=by, **files.course)
    page = CoursePage.objects.get(course=course)
    lessons = _add_lessons(page, files)
    for name, value in files.test.items():
        setattr(page, "test_introduction" if name == "introduction" else name, value)
    questions = [
        {**row, "value": {**row["value"], "lesson": lessons.get(row["value"]["lesson"])}} for row in files.questions
    ]
    page.questions = json.dumps(questions)
    _check(page, "questions.yaml")
    revision = page.save_revision(log_action=False, clean=False)
    if is_published:
        revision.publish(log_action=False)
    course.refresh_from_db()
    return course


def _add_lessons(page: CoursePage, files: CourseFiles) -> dict[str, int]:
    """Add the lessons beneath `page`; returns their ids by slug."""
    ids = {}
    packages = set(Course.objects.filter(kind=Course.Kind.PACKAGE).values_list("key", flat=True))
    for plan in files.lessons:
        body = [block for block in plan["body"] if block["type"] != "package" or block["value"]["course"] in packages]
        if len(body) < len(plan["body"]):
            log.warning("exercise_left_out", lesson=plan["slug"])
        lesson = LessonPage(**{**plan, "body": json.dumps(body)}, live=False)
        _check(lesson, str(plan["slug"]), parent=page)
        page.add_child(instance=lesson)
        lesson.save_revision(log_action=False, clean=False).publish(log_action=False)
        ids[str(plan["slug"])] = lesson.pk
    return ids


def _check(page: CoursePage | LessonPage, place: str, parent: CoursePage | None = None) -> None:
    """What an editor's form would check."""
    try:
        page.clean_fields(exclude=["path", "depth", "url_path", "draft_title", "translation_key", "locale"])
        if parent is None:
            page.clean()
    except ValidationError as error:
        raise Refusal(_("%(place)s: %(error)s") % {"place": place, "error": "; ".join(error.messages)}) from error
