"""Courses of lessons: making one, and freezing an edition when its page is published."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Locale, Page

from courses.actions.keys import require_free_key
from courses.actions.packages import require_editor
from courses.lessons.bank import freeze
from courses.lessons.questions import Question, faults_of, to_json
from courses.models import Course, CourseEdition, CoursePage, CourseShelfPage, EditionLesson, EditionTest, LessonPage
from courses.models.lesson_content import KnowledgeTestSettings
from courses.publish import publish_course
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

SETTINGS = [field.name for field in KnowledgeTestSettings._meta.fields]


@transaction.atomic
def create_lesson_course(
    *,
    key: str,
    title: str,
    minutes: int,
    by: Actor,
    description: str = "",
    language: str = "sv",
    level: str = Course.Level.REGIONAL,
) -> Course:
    """A new course of lessons, with its page on the shelf: a draft, without lessons or questions.

    Raises Refusal when the key is taken.
    """
    require_editor(by)
    require_free_key(key)
    course = Course.objects.create(
        key=key,
        title=title,
        minutes=minutes,
        description=description,
        language=language,
        level=level,
        kind=Course.Kind.LESSONS,
    )
    page = CoursePage(title=title, slug=key, course=course, draw_count=0, live=False)
    shelf().page_ptr.add_child(instance=page)
    page.save_revision(log_action=False)
    record_write("create_lesson_course", by=by, subject=f"course:{key}")
    return course


def shelf() -> CourseShelfPage:
    """The shelf, made when it is first needed: beside the site's start page, so that nothing on it is public."""
    found = CourseShelfPage.objects.first()
    if found is None:
        Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
        root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
        found = CourseShelfPage(title=_("Courses with lessons"), slug="lektionskurser", live=False)
        root.add_child(instance=found)
    return found


def reasons_not_to_publish(page: CoursePage) -> list[str]:
    """Sentences that say what an editor must mend before `page` can become an edition; empty when it can."""
    reasons = []
    if page.course is None:
        reasons.append(_("The page is a copy. Make a new course under Course editing, and move the lessons there."))
    if not _published_lessons(page):
        reasons.append(_("No lesson is published yet. Publish at least one, and then the course."))
    bank = freeze(page.questions, {})
    if page.draw_count > len(bank):
        reasons.append(
            _("The test draws %(drawn)s questions, but the bank holds %(there)s.")
            % {"drawn": page.draw_count, "there": len(bank)}
        )
    faulty = len(faults_of(bank))
    if faulty:
        reasons.append(
            ngettext(
                "%(count)s question has no answer that can be right. Open the knowledge test and mend it.",
                "%(count)s questions have no answer that can be right. Open the knowledge test and mend them.",
                faulty,
            )
            % {"count": faulty}
        )
    return reasons


@transaction.atomic
def publish_lesson_edition(*, page: CoursePage, by: Actor) -> CourseEdition:
    """Freeze the published lessons and the test of `page` as a new edition, which new attempts get from now on.

    When nothing has changed since the newest live edition that one is returned. Raises Refusal with what to mend.
    """
    require_editor(by)
    reasons = reasons_not_to_publish(page)
    if reasons or page.course is None:
        raise Refusal(" ".join(reasons))
    course = Course.objects.select_for_update().get(pk=page.course.pk)
    lessons = _published_lessons(page)
    bank = freeze(page.questions, {lesson.pk: lesson.slug for lesson in lessons})
    digest = _digest(page, lessons, bank)
    newest = course.editions.first()
    if newest is None or not newest.is_live or newest.content_sha256 != digest:
        newest = _freeze(course, page, lessons, bank, digest)
    course.is_published = True
    course.save(update_fields=["is_published"])
    publish_course(course, by=by)
    record_write("publish_lesson_edition", by=by, subject=f"course:{course.key}", number=newest.number)
    return newest


def _freeze(
    course: Course, page: CoursePage, lessons: list[LessonPage], bank: list[Question], digest: str
) -> CourseEdition:
    before = course.editions.first()
    edition = CourseEdition.objects.create(
        course=course,
        number=before.number + 1 if before else 1,
        published_at=timezone.now(),
        content_sha256=digest,
    )
    for position, lesson in enumerate(lessons, start=1):
        EditionLesson.objects.create(
            edition=edition,
            position=position,
            key=lesson.slug,
            title=lesson.title,
            introduction=lesson.introduction,
            minutes=lesson.minutes,
            body=lesson.body,
        )
    EditionTest.objects.create(
        edition=edition,
        introduction=page.test_introduction,
        questions=[to_json(question) for question in bank],
        **{name: getattr(page, name) for name in SETTINGS},
    )
    return edition


def _published_lessons(page: CoursePage) -> list[LessonPage]:
    return list(LessonPage.objects.child_of(page).live().order_by("path")) if page.path else []


def _digest(page: CoursePage, lessons: list[LessonPage], bank: list[Question]) -> str:
    """Changes when anything that a learner meets changes."""
    content: dict[str, Any] = {
        "introduction": page.test_introduction,
        "settings": {name: getattr(page, name) for name in SETTINGS},
        "questions": [to_json(question) for question in bank],
        "lessons": [
            [lesson.slug, lesson.title, lesson.introduction, lesson.minutes, lesson.body.get_prep_value()]
            for lesson in lessons
        ],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
