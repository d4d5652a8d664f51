"""What an editor is told in Wagtail when a course of lessons, or a lesson of it, is published."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.models import Page

from courses.actions.lesson_editions import reasons_not_to_publish
from courses.models import CoursePage, LessonPage
from courses.queries.exercise_faults import faults_in


@hooks.register("before_publish_page")  # type: ignore[untyped-decorator]
def stop_what_cannot_become_an_edition(request: HttpRequest, page: Page) -> HttpResponse | None:
    """The page stays a draft, with all that was written; the editor reads what to mend."""
    if not isinstance(page, CoursePage):
        return None
    reasons = reasons_not_to_publish(page)
    if not reasons:
        return None
    for reason in reasons:
        messages.error(request, reason)
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("after_edit_page")  # type: ignore[untyped-decorator]
@hooks.register("after_create_page")  # type: ignore[untyped-decorator]
def say_which_exercises_cannot_be_taken(request: HttpRequest, page: Page) -> None:
    """A lesson as it was saved; of a course, its published lessons. Whether it was published or kept as a draft: the
    package may be mended until then."""
    lessons: list[LessonPage] = []
    if isinstance(page, LessonPage):
        lessons = [page.get_latest_revision_as_object()]
    elif isinstance(page, CoursePage):
        lessons = list(LessonPage.objects.child_of(page).live().order_by("path"))
    for fault in faults_in((lesson.title, lesson.body) for lesson in lessons):
        messages.warning(request, fault)


@hooks.register("after_publish_page")  # type: ignore[untyped-decorator]
def say_what_learners_meet(request: HttpRequest, page: Page) -> None:
    """Lessons are published one by one and reach learners together."""
    if isinstance(page, LessonPage):
        messages.info(
            request, _("Learners meet the lesson when you publish the course itself: then a new edition is made.")
        )
    elif isinstance(page, CoursePage) and page.course is not None:
        edition = page.course.editions.first()
        messages.success(
            request,
            _("Edition %(number)s is in use from now on. Those who have begun finish on theirs.")
            % {"number": edition.number if edition else 1},
        )
        drafts = LessonPage.objects.child_of(page).filter(live=False).count()
        if drafts:
            text = ngettext(
                "%(count)s lesson is a draft and is not part of it.",
                "%(count)s lessons are drafts and are not part of it.",
                drafts,
            )
            messages.warning(request, text % {"count": drafts})
