"""A package in a lesson: begun, or gone on with, from the lesson's own page; `learner.move` plays it as any other."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from courses.actions import attempts
from courses.models import Attempt, Course, CourseEdition
from courses.queries.contents import contents_of
from courses.queries.exercises import exercise_of
from courses.queries.learner import course_for
from courses.views.common import reader_of
from lms.lib.access import logged_in, requires
from lms.lib.errors import Refusal


@require_POST
@logged_in
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """The learner's attempt, begun where there is none, as JSON: where its player asks. 409 with a sentence."""
    person = reader_of(request)
    mine = course_for(person, key)
    if mine is None or mine.course.kind != Course.Kind.PACKAGE:
        raise Http404
    try:
        enrolment = attempts.enrol(person=person, course=mine.course, by=person)
        attempt = attempts.start_attempt(enrolment=enrolment, by=person)
    except Refusal as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    return _told(attempt, reverse("courses:play", args=[key]))


@require_POST
@requires("courses.edit_courses")
def begin_preview(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The same for an editor who tries a lesson out: of one edition, from the beginning, and nothing counts."""
    edition = get_object_or_404(
        CourseEdition.objects.select_related("course", "package"),
        course__key=key,
        course__kind=Course.Kind.PACKAGE,
        number=number,
    )
    attempt = attempts.start_preview(edition=edition, by=reader_of(request))
    return _told(attempt, reverse("courses:editor_preview", args=[key, attempt.public_id]))


@require_GET
@logged_in
def state(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How it goes, from the database, for the lesson's page to show; only the attempt's own person gets it."""
    attempt = get_object_or_404(
        Attempt.objects.select_related("edition__course", "edition__package", "person"),
        public_id=public_id,
        person=reader_of(request),
        edition__course__kind=Course.Kind.PACKAGE,
    )
    values = {"attempt": attempt, "exercise": exercise_of(attempt), "contents": contents_of(attempt)}
    return render(request, "courses/lessons/exercise_state.html", values)


def _told(attempt: Attempt, window: str) -> JsonResponse:
    return JsonResponse(
        {
            "attempt": str(attempt.public_id),
            "move": reverse("courses:move", args=[attempt.public_id]),
            "status": reverse("courses:exercise_state", args=[attempt.public_id]),
            "window": window,
        }
    )
