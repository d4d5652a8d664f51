"""An editor's pages about courses of lessons: making one, and what its questions tell. Wagtail has the lessons."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from courses.actions.lesson_editions import create_lesson_course, reasons_not_to_publish
from courses.forms import NewLessonCourseForm
from courses.models import Course, CoursePage
from courses.queries.exercise_faults import faults_in_use
from courses.queries.question_statistics import statistics_of
from lms.lib.access import requires
from lms.lib.errors import Refusal
from lms.users.models import User

EDIT = "courses.edit_courses"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def new(request: HttpRequest) -> HttpResponse:
    form = NewLessonCourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.fields}
        try:
            course = create_lesson_course(by=cast(User, request.user), **values)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("courses:editor_course", course.key)
    status = 422 if form.errors else 200
    return render(request, "courses/editor/new_lessons.html", {"form": form}, status=status)


@require_GET
@requires(EDIT)
def questions(request: HttpRequest, key: str) -> HttpResponse:
    """Figures about each question of the edition in use. Nothing in them is about a person."""
    course = get_object_or_404(Course, key=key, kind=Course.Kind.LESSONS)
    return render(request, "courses/editor/questions.html", {"course": course, "statistics": statistics_of(course)})


def warnings_for(course: Course) -> list[str]:
    """What learners meet now and an editor ought to know of, though it keeps nobody."""
    return list(faults_in_use([course]).get(course.pk, []))


def reasons_for(course: Course) -> list[str]:
    """What an editor must mend before the course's page can be published; nothing for other kinds of courses."""
    page = CoursePage.objects.filter(course=course).first()
    return reasons_not_to_publish(page) if page else []
