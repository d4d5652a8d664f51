"""An editor's pages: courses, their packages and editions, and trying them out."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.actions import attempts, courses
from courses.forms import CourseDetailsForm, NewCourseForm, NewEditionForm, TrustForm
from courses.models import Attempt, Course, CourseEdition
from courses.queries.discretion import two_told
from courses.queries.editor import courses_with_figures
from courses.queries.exercise_faults import faults_in_use
from courses.scorm.errors import PackageRefused, StorageFull
from courses.views.editor_sections import SEES_PERSONS
from courses.views.learner import render_player
from courses.views.uploads import limits, receives_package
from lms.lib.access import requires
from lms.lib.errors import Refusal
from lms.users.models import User

EDIT = "courses.edit_courses"


@require_GET
@requires(EDIT)
def course_list(request: HttpRequest) -> HttpResponse:
    rows = list(courses_with_figures())
    faults = faults_in_use(rows)
    for course in rows:
        vars(course)["has_faults"] = course.pk in faults
    if not request.user.has_perm(SEES_PERSONS):
        for course in rows:
            told = vars(course)
            told["enrolled"], told["finished"] = two_told(told["enrolled"], told["finished"])
    hides = any(None in (vars(course)["enrolled"], vars(course)["finished"]) for course in rows)
    return render(request, "courses/editor/list.html", {"courses": rows, "hides": hides})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
@receives_package
def upload(request: HttpRequest) -> HttpResponse:
    form = NewCourseForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                course = courses.create_course(**_package(form), by=_editor(request), **_described(form))
            except Refusal as refusal:
                status = _add_refusal(form, refusal)
            else:
                messages.success(request, _("The course is uploaded. Try it out, and publish it when it is right."))
                return redirect("courses:editor_course", course.key)
    return render(request, "courses/editor/upload.html", {"form": form, **limits()}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
@receives_package
def new_edition(request: HttpRequest, key: str) -> HttpResponse:
    course = get_object_or_404(Course, key=key)
    form = NewEditionForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edition = courses.add_edition(course=course, **_package(form), by=_editor(request))
            except Refusal as refusal:
                status = _add_refusal(form, refusal)
            else:
                text = _("Edition %(number)s is uploaded. It is used when you publish it.")
                messages.success(request, text % {"number": edition.number})
                return redirect("courses:editor_course", key)
    return render(
        request, "courses/editor/new_edition.html", {"form": form, "course": course, **limits()}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def details(request: HttpRequest, key: str) -> HttpResponse:
    course = get_object_or_404(Course, key=key)
    form = CourseDetailsForm(request.POST or None, instance=course)
    if request.method == "POST" and form.is_valid():
        courses.edit_course(
            course=Course.objects.get(pk=course.pk),
            by=_editor(request),
            **{k: form.cleaned_data[k] for k in form.fields},
        )
        messages.success(request, _("Saved."))
        return redirect("courses:editor_settings", key)
    status = 422 if form.errors else 200
    return render(request, "courses/editor/details.html", {"form": form, "course": course}, status=status)


@require_POST
@requires(EDIT)
def publish(request: HttpRequest, key: str, number: int) -> HttpResponse:
    edition = _edition(key, number)
    return _do(
        request,
        key,
        lambda: courses.publish_edition(edition=edition, by=_editor(request)),
        _("The edition is published."),
    )


@require_POST
@requires(EDIT)
def withdraw(request: HttpRequest, key: str, number: int) -> HttpResponse:
    edition = _edition(key, number)
    return _do(
        request,
        key,
        lambda: courses.withdraw_edition(edition=edition, by=_editor(request)),
        _("The edition is withdrawn."),
    )


@require_POST
@requires(EDIT)
def unpublish(request: HttpRequest, key: str) -> HttpResponse:
    course = get_object_or_404(Course, key=key)
    return _do(
        request, key, lambda: courses.unpublish_course(course=course, by=_editor(request)), _("The course is hidden.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires("courses.decide_package_trust")
def trust(request: HttpRequest, key: str) -> HttpResponse:
    course = get_object_or_404(Course, key=key)
    form = TrustForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        courses.decide_package_trust(course=course, by=_editor(request), **form.cleaned_data)
        messages.success(request, _("The decision is recorded."))
        return redirect("courses:editor_settings", key)
    status = 422 if form.errors else 200
    return render(request, "courses/editor/trust.html", {"form": form, "course": course}, status=status)


@require_POST
@requires(EDIT)
def start_preview(request: HttpRequest, key: str, number: int) -> HttpResponse:
    attempt = attempts.start_preview(edition=_edition(key, number), by=_editor(request))
    return redirect("courses:editor_preview", key, attempt.public_id)


@require_GET
@requires(EDIT)
def preview(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    attempt = get_object_or_404(
        Attempt.objects.select_related("edition__course"),
        public_id=public_id,
        person=_editor(request),
        is_preview=True,
        edition__course__key=key,
    )
    if attempt.edition.course.kind == Course.Kind.LESSONS:
        return redirect("courses:preview_lessons", key, public_id)
    return render_player(request, attempt.edition.course, attempt)


def _editor(request: HttpRequest) -> User:
    return cast(User, request.user)


def _edition(key: str, number: int) -> CourseEdition:
    return get_object_or_404(CourseEdition.objects.select_related("course"), course__key=key, number=number)


def _package(form: forms.BaseForm) -> dict[str, Any]:
    file = form.cleaned_data["package"]
    return {"source": file, "file_name": file.name}


def _described(form: NewCourseForm) -> dict[str, Any]:
    names = ("key", "title", "minutes", "level", "language", "description")
    return {name: form.cleaned_data[name] for name in names}


def _add_refusal(form: forms.BaseForm, refusal: Refusal) -> int:
    """Put each sentence where it belongs in the form; returns the status of the answer."""
    if isinstance(refusal, PackageRefused):
        for problem in refusal.problems:
            form.add_error("package", problem)
    else:
        form.add_error(None, str(refusal))
    return 507 if isinstance(refusal, StorageFull) else 422


def _do(request: HttpRequest, key: str, action: Any, done: str) -> HttpResponse:
    try:
        action()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("courses:editor_course", key)
