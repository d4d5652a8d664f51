"""Publishing an edition that follows another: somebody says first whether it is the same course."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from competence import api as competence
from courses.actions.courses import publish_edition
from courses.actions.editions import make_own_course, needs_decision
from courses.forms import OwnCourseForm, SameCourseForm
from courses.models import CourseEdition
from lms.lib.access import requires
from lms.lib.errors import Refusal
from lms.users.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@requires("courses.edit_courses")
def publish_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Say why the edition is the same course, and publish it."""
    edition = _edition(key, number)
    if not needs_decision(edition):
        return redirect("courses:editor_course", key)
    form = SameCourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            publish_edition(edition=edition, same_because=form.cleaned_data["reason"], by=cast(User, request.user))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The edition is published."))
            return redirect("courses:editor_course", key)
    context = {
        "course": edition.course,
        "edition": edition,
        "form": form,
        "completed": competence.people_who_completed(edition.course.key),
    }
    return render(request, "courses/editor/publish.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("courses.edit_courses")
def own_course(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Make the edition a course of its own, with a key of its own."""
    edition = _edition(key, number)
    if not needs_decision(edition):
        return redirect("courses:editor_course", key)
    start = {"title": edition.scorm_package.title[:250], "minutes": edition.course.minutes}
    form = OwnCourseForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            course = make_own_course(edition=edition, by=cast(User, request.user), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The edition is now a course of its own. Publish it when it is right."))
            return redirect("courses:editor_course", course.key)
    context = {"course": edition.course, "edition": edition, "form": form}
    return render(request, "courses/editor/own_course.html", context, status=422 if form.errors else 200)


def _edition(key: str, number: int) -> CourseEdition:
    return get_object_or_404(
        CourseEdition.objects.select_related("course", "package"), course__key=key, number=number, withdrawn_at=None
    )
