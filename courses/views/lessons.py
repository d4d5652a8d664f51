"""A course of lessons as a learner goes through it. Plain pages and forms: it all works without JavaScript.

An editor who tries an edition out meets the same pages; `attempt_for` is what tells the two apart.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses.actions.attempts import may_be_written
from courses.actions.progress import save_lesson
from courses.models import Attempt, Course, EditionLesson, LessonProgress
from courses.queries.exercises import exercises_of, remaining
from courses.queries.learner import course_for
from courses.queries.lessons import INTERACTIVE, Outline, outline_of, pieces_of
from courses.views.ways import Ways
from lms.lib.access import logged_in, requires
from lms.lib.errors import Refusal
from lms.users.models import User

EDIT = "courses.edit_courses"
SAVE, DONE = "save", "done"


class NoAttempt(Exception):
    """The person has nothing open here: they are sent to the course's page, where they can begin."""


def attempt_for(request: HttpRequest, key: str, preview: UUID | None) -> Attempt:
    """The person's open attempt on the course, or their preview. Raises Http404, or NoAttempt where one may begin."""
    person = cast(User, request.user)
    attempts = Attempt.objects.select_related("edition__course", "person").filter(
        person=person, edition__course__key=key, edition__course__kind=Course.Kind.LESSONS
    )
    if preview is not None:
        return get_object_or_404(attempts, public_id=preview, is_preview=True)
    attempt = attempts.filter(is_preview=False, closed_at=None).first()
    if attempt is None:
        mine = course_for(person, key)
        if mine is None or mine.course.kind != Course.Kind.LESSONS:
            raise Http404
        raise NoAttempt
    return attempt


def contents_for(outline: Outline, ways: Ways, current: str) -> list[dict[str, Any]]:
    """The table of contents with its addresses; `current` is the key of the lesson that is open."""
    return [{"line": line, "url": ways.lesson(line.key), "is_current": line.key == current} for line in outline.lessons]


def _go_on(request: HttpRequest, key: str, preview: UUID | None) -> HttpResponse:
    try:
        attempt = attempt_for(request, key, preview)
    except NoAttempt:
        return redirect("courses:course", key)
    outline, ways = outline_of(attempt.edition, attempt), Ways(attempt)
    keys = [line.key for line in outline.lessons]
    line = outline.next
    if attempt.current_item in keys and not outline.all_done:
        return redirect(ways.lesson(attempt.current_item))
    if line is not None:
        return redirect(ways.lesson(line.key))
    return redirect(ways.test if outline.test and not attempt.finished_at else ways.lesson(keys[0]))


def _lesson(request: HttpRequest, key: str, lesson_key: str, preview: UUID | None) -> HttpResponse:
    try:
        attempt = attempt_for(request, key, preview)
    except NoAttempt:
        return redirect("courses:course", key)
    lesson = get_object_or_404(EditionLesson, edition=attempt.edition, key=lesson_key)
    if request.method == "POST":
        return _save(request, attempt, lesson)
    outline, ways = outline_of(attempt.edition, attempt), Ways(attempt)
    progress = LessonProgress.objects.filter(attempt=attempt, lesson=lesson).first()
    before, after = outline.before(lesson.key), outline.after(lesson.key)
    pieces = pieces_of(lesson.body, progress.notes if progress else {})
    exercises = exercises_of(attempt, lesson.body)
    return render(
        request,
        "courses/lessons/lesson.html",
        {
            "course": attempt.edition.course,
            "attempt": attempt,
            "lesson": lesson,
            "progress": progress,
            "pieces": pieces,
            "has_fields": any(piece.kind in INTERACTIVE for piece in pieces),
            "exercises": exercises,
            "remaining": [] if progress and progress.done_at else remaining(exercises),
            "outline": outline,
            "contents": contents_for(outline, ways, lesson.key),
            "before": before and ways.lesson(before.key),
            "after": after,
            "ways": ways,
            "may_be_written": may_be_written(attempt),
        },
    )


def _save(request: HttpRequest, attempt: Attempt, lesson: EditionLesson) -> HttpResponse:
    """Keep the form; *done* leads on, *save* stays. The page's script saves as one writes, and reads JSON."""
    is_done = request.POST.get("do") != SAVE
    ways = Ways(attempt)
    try:
        progress = save_lesson(
            attempt=attempt,
            lesson=lesson,
            read=request.POST.getlist,
            is_done=is_done,
            by=cast(User, request.user),
        )
    except Refusal as refusal:
        if "X-Autosave" in request.headers:
            return JsonResponse({"message": str(refusal)}, status=409)
        messages.error(request, str(refusal))
        return redirect(ways.out)
    if "X-Autosave" in request.headers:
        return JsonResponse({"saved": True})
    if not is_done:
        messages.success(request, _("Saved."))
        return redirect(ways.lesson(lesson.key))
    if progress.done_at is None:
        titles = ", ".join(one.title for one in remaining(exercises_of(attempt, lesson.body)))
        messages.warning(
            request, _("Do the exercise first: %(titles)s. What you have written is saved.") % {"titles": titles}
        )
        return redirect(ways.lesson(lesson.key))
    return redirect(_address_after(attempt, lesson, ways))


def _address_after(attempt: Attempt, lesson: EditionLesson, ways: Ways) -> str:
    outline = outline_of(attempt.edition, attempt)
    line = outline.after(lesson.key) or outline.next
    if line is not None:
        return ways.lesson(line.key)
    return ways.test if outline.test else ways.out


@require_GET
@logged_in
def go_on(request: HttpRequest, key: str) -> HttpResponse:
    """To the lesson where the learner was, or to the test when all lessons are done."""
    return _go_on(request, key, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def lesson(request: HttpRequest, key: str, lesson: str) -> HttpResponse:
    return _lesson(request, key, lesson, None)


@require_GET
@requires(EDIT)
def preview_go_on(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    return _go_on(request, key, public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def preview_lesson(request: HttpRequest, key: str, public_id: UUID, lesson: str) -> HttpResponse:
    return _lesson(request, key, lesson, public_id)
