"""The knowledge test's pages. Of a question a page holds `courses.lessons.answers.Field`: never what is right."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.actions import examinations
from courses.actions.attempts import may_be_written
from courses.models import Attempt, EditionTest, Examination
from courses.queries.examinations import (
    fields_of,
    lesson_titles,
    open_again_at,
    tries_left,
    verdicts_of,
)
from courses.queries.lessons import outline_of
from courses.views.lessons import EDIT, SAVE, NoAttempt, attempt_for, contents_for
from courses.views.ways import Ways
from lms.lib.access import logged_in, requires
from lms.lib.errors import Refusal
from lms.users.models import User

ANYWAY = "anyway"


def _test(request: HttpRequest, key: str, preview: UUID | None) -> HttpResponse:
    try:
        attempt = attempt_for(request, key, preview)
    except NoAttempt:
        return redirect("courses:course", key)
    ways, outline = Ways(attempt), outline_of(attempt.edition, attempt)
    if outline.test is None:
        return redirect(ways.out)
    if request.method == "POST":
        try:
            examination = examinations.start_examination(attempt=attempt, by=cast(User, request.user))
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect(ways.test)
        return redirect(ways.examination(examination.number))
    running = attempt.examinations.filter(submitted_at=None).first()
    taken = list(attempt.examinations.filter(submitted_at__isnull=False))
    return render(
        request,
        "courses/lessons/test.html",
        {
            "course": attempt.edition.course,
            "attempt": attempt,
            "test": outline.test,
            "asked": min(outline.test.draw_count, len(outline.test.questions)),
            "running": running,
            "running_url": running and ways.examination(running.number),
            "taken": [{"examination": one, "url": ways.examination(one.number)} for one in taken],
            "opens_at": None if attempt.is_preview else open_again_at(attempt, outline.test),
            "tries_left": None if attempt.is_preview else tries_left(attempt, outline.test),
            "is_open": outline.all_done or attempt.is_preview,
            "outline": outline,
            "contents": contents_for(outline, ways, ""),
            "ways": ways,
            "may_be_written": may_be_written(attempt),
        },
    )


def _examination(request: HttpRequest, key: str, number: int, preview: UUID | None) -> HttpResponse:
    try:
        attempt = attempt_for(request, key, preview)
    except NoAttempt:
        return redirect("courses:course", key)
    examination = get_object_or_404(Examination, attempt=attempt, number=number)
    examination.attempt = attempt
    if request.method == "POST":
        return _answer(request, examination)
    examination = examinations.settle_examination(examination=examination, by=cast(User, request.user))
    if examination.submitted_at is not None:
        return _render_result(request, examination)
    return _render_questions(request, examination, [])


def _answer(request: HttpRequest, examination: Examination) -> HttpResponse:
    """Save, or hand in. What has been handed in already is only shown, however often it is sent."""
    person, ways = cast(User, request.user), Ways(examination.attempt)
    here = ways.examination(examination.number)
    what, is_script = request.POST.get("do"), "X-Autosave" in request.headers
    left: list[int] = []
    try:
        if what == SAVE or is_script:
            examination = examinations.save_answers(examination=examination, read=request.POST.getlist, by=person)
        else:
            left = examinations.submit_examination(
                examination=examination, read=request.POST.getlist, by=person, anyway=what == ANYWAY
            )
    except Refusal as refusal:
        if is_script:
            return JsonResponse({"message": str(refusal)}, status=409)
        messages.error(request, str(refusal))
        return redirect(ways.out)
    if is_script:
        is_open = examination.submitted_at is None
        return JsonResponse({"saved": is_open}, status=200 if is_open else 409)
    if left:
        return _render_questions(request, examination, left, status=422)
    if what == SAVE and examination.submitted_at is None:
        messages.success(request, _("Your answers are saved. You have not handed them in yet."))
    return redirect(here)


def _render_questions(
    request: HttpRequest, examination: Examination, left: list[int], *, status: int = 200
) -> HttpResponse:
    seconds = None
    if examination.deadline_at is not None:
        seconds = max(0, round((examination.deadline_at - timezone.now()).total_seconds()))
    return render(
        request,
        "courses/lessons/examination.html",
        {
            "course": examination.attempt.edition.course,
            "attempt": examination.attempt,
            "examination": examination,
            "fields": fields_of(examination),
            "left": left,
            "seconds": seconds,
            "ways": Ways(examination.attempt),
            "may_be_written": may_be_written(examination.attempt),
        },
        status=status,
    )


def _render_result(request: HttpRequest, examination: Examination) -> HttpResponse:
    attempt: Attempt = examination.attempt
    test = EditionTest.objects.get(edition=attempt.edition)
    ways, titles = Ways(attempt), lesson_titles(attempt)
    verdicts = verdicts_of(examination, test)
    again = dict.fromkeys(verdict.lesson for verdict in verdicts if not verdict.is_right and verdict.lesson)
    return render(
        request,
        "courses/lessons/examination_result.html",
        {
            "course": attempt.edition.course,
            "attempt": attempt,
            "examination": examination,
            "verdicts": verdicts,
            "again": [{"title": titles[key], "url": ways.lesson(key)} for key in again if key in titles],
            "opens_at": None if attempt.is_preview else open_again_at(attempt, test),
            "ways": ways,
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def test(request: HttpRequest, key: str) -> HttpResponse:
    """What the test is like, and the way into it (POST starts one)."""
    return _test(request, key, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def examination(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The questions while the test is open, and its result afterwards, at the same address."""
    return _examination(request, key, number, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def preview_test(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    return _test(request, key, public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def preview_examination(request: HttpRequest, key: str, public_id: UUID, number: int) -> HttpResponse:
    return _examination(request, key, number, public_id)
