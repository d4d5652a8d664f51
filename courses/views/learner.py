"""A learner's pages: my courses, one course, and the player."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from competence import api as competence
from courses.actions import navigation
from courses.actions.attempts import enrol, may_be_written, start_attempt
from courses.models import Attempt, Course
from courses.queries.contents import contents_of
from courses.queries.evaluations import may_answer
from courses.queries.external import external_courses_of
from courses.queries.learner import MyCourse, course_for, courses_for
from courses.queries.occasions import own_occasions
from courses.scorm.launcher import launcher_url
from courses.views.parts import part_of
from lms.lib.access import logged_in
from lms.lib.errors import Refusal
from lms.users.models import User


@require_GET
@logged_in
def my_courses(request: HttpRequest) -> HttpResponse:
    person = _person(request)
    needed = competence.courses_needed_by(person)
    rows = courses_for(person, needed)
    elsewhere = external_courses_of(person, needed)
    occasions = [row for row in reversed(own_occasions(person)) if not row.is_over]
    return render(
        request,
        "courses/my_courses.html",
        {
            "occasions": occasions,
            "wanted": [row for row in rows if row.is_wanted],
            "wanted_elsewhere": [row for row in elsewhere if row.is_wanted],
            "more": [row for row in rows if not row.is_wanted and not row.is_over],
            "finished": [row for row in rows if row.is_over],
            "elsewhere": [row for row in elsewhere if not row.is_wanted],
        },
    )


@require_GET
@logged_in
def course(request: HttpRequest, key: str) -> HttpResponse:
    """What the course is and how the person stands with it; each kind of course has a part of its own."""
    mine = _mine(request, key)
    asked = mine.state in {"done", "waiting"} and may_answer(mine.course, _person(request))
    return render(request, "courses/course.html", {**part_of(mine, _person(request)), "may_evaluate": asked})


@require_POST
@logged_in
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Enrol where needed, and go on with the open attempt or begin one (`anew`: begin one in any case)."""
    mine = _mine(request, key)
    person = _person(request)
    try:
        enrolment = enrol(person=person, course=mine.course, by=person)
        start_attempt(enrolment=enrolment, by=person, anew="anew" in request.POST)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:course", key)
    return redirect("courses:play", key)


@require_GET
@logged_in
def play(request: HttpRequest, key: str) -> HttpResponse:
    mine = _mine(request, key)
    attempt = mine.open_attempt
    if attempt is None:
        return redirect("courses:course", key)
    if mine.course.kind == Course.Kind.LESSONS:
        return redirect("courses:lessons", key)
    return render_player(request, mine.course, attempt)


def render_player(request: HttpRequest, course: Course, attempt: Attempt) -> HttpResponse:
    """The page around the package. The package itself is fetched by the page's script, once the page is there."""
    attempt = Attempt.objects.select_related("edition__course", "edition__package", "person").get(pk=attempt.pk)
    return render(
        request,
        "courses/play.html",
        {
            "course": course,
            "attempt": attempt,
            "contents": contents_of(attempt),
            "mine": None if attempt.is_preview else course_for(attempt.person, course.key),
        },
    )


@require_POST
@logged_in
def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open the course in the player, or go somewhere in it: the address of the launcher, and what its messages carry.

    409 with a sentence when it cannot be done; `code` is `fenced` when the course is open somewhere else.
    """
    attempt = _own_attempt(request, public_id)
    try:
        moved = navigation.move(attempt=attempt, asked=_asked(request), by=_person(request))
    except navigation.Fenced as fenced:
        return JsonResponse({"message": str(fenced), "code": "fenced"}, status=409)
    except Refusal as refusal:
        return JsonResponse({"message": str(refusal), "code": "refused"}, status=409)
    answer: dict[str, object] = {"ended": moved.has_ended, "left": moved.is_left, "message": moved.message}
    if moved.sitting is not None:
        answer |= {
            "url": launcher_url(moved.sitting),
            "attempt": str(moved.sitting.attempt),
            "launch": str(moved.sitting.launch),
            "item": moved.sitting.item,
        }
    return JsonResponse(answer)


def _asked(request: HttpRequest) -> navigation.Move:
    verb = request.POST.get("verb", "open")
    if verb not in navigation.VERBS:
        raise Refusal(_("The course does not let you go there now."))
    try:
        launch = UUID(request.POST["launch"]) if request.POST.get("launch") else None
    except ValueError:
        launch = None
    return navigation.Move(cast(navigation.Verb, verb), request.POST.get("item", ""), launch)


@require_GET
@logged_in
def status(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the player shows of the attempt, from the database: the player never believes the package's messages."""
    attempt = _own_attempt(request, public_id)
    return render(
        request,
        "courses/player_status.html",
        {
            "course": attempt.edition.course,
            "attempt": attempt,
            "contents": contents_of(attempt),
            "mine": None if attempt.is_preview else course_for(attempt.person, attempt.edition.course.key),
            "may_be_written": may_be_written(attempt),
        },
    )


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _mine(request: HttpRequest, key: str) -> MyCourse:
    mine = course_for(_person(request), key)
    if mine is None:
        raise Http404
    return mine


def _own_attempt(request: HttpRequest, public_id: UUID) -> Attempt:
    return get_object_or_404(
        Attempt.objects.select_related("edition__course", "edition__package", "person"),
        public_id=public_id,
        person=_person(request),
    )
