"""What Wagtail's publishing means: an edition is frozen when a course's page is published, by hand or by schedule."""

from __future__ import annotations

from typing import Any

import structlog
from django.utils import timezone
from wagtail.models import Revision
from wagtail.signals import page_published, page_unpublished

from courses.models import CoursePage
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal

log = structlog.get_logger(__name__)
BY_CMS = Machine("cms:publishing")


def on_published(instance: CoursePage, revision: Revision | None = None, **kwargs: Any) -> None:
    """Make the edition. What an editor must mend has been said before (`courses.wagtail_hooks`); a scheduled page that
    cannot become an edition leaves the course as it is, and the course's page for editors says why."""
    from courses.actions.lesson_editions import publish_lesson_edition

    if not instance.live:  # it is scheduled, and comes again at its time
        return
    _publish_lessons_that_are_due(instance)
    try:
        publish_lesson_edition(page=instance, by=_actor(revision))
    except Refusal as refusal:
        log.warning("edition_not_made", page=instance.pk, reason=str(refusal))


def on_unpublished(instance: CoursePage, **kwargs: Any) -> None:
    """Hide the course."""
    from courses.actions.courses import unpublish_course

    if instance.course is not None and instance.course.is_published:
        unpublish_course(course=instance.course, by=BY_CMS)


def _publish_lessons_that_are_due(page: CoursePage) -> None:
    """Lessons that are scheduled for the same moment as their course are part of it, whichever is taken up first."""
    lessons = [str(pk) for pk in page.get_children().values_list("pk", flat=True)]
    due = Revision.page_revisions.filter(object_id__in=lessons, approved_go_live_at__lte=timezone.now())
    for revision in due:
        revision.publish(log_action="wagtail.publish.scheduled")


def _actor(revision: Revision | None) -> Actor:
    user = revision.user if revision is not None else None
    return user if user is not None and user.has_perm("courses.edit_courses") else BY_CMS


def connect() -> None:
    page_published.connect(on_published, sender=CoursePage, dispatch_uid="courses.lessons")
    page_unpublished.connect(on_unpublished, sender=CoursePage, dispatch_uid="courses.lessons")
