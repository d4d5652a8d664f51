"""What people thought of a course: the questions to those who finished it, and the answers to those who edit it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.actions.evaluations import EDIT, SMALLEST_GROUP, answer_evaluation, handle_remark, set_questions
from courses.evaluation_forms import AnswerForm, EvaluationSettingsForm, QuestionFormSet, RemarkForm
from courses.evaluation_questions import read_questions, standard_questions, written_questions
from courses.models import Course, EvaluationRemark
from courses.queries.evaluations import (
    form_in_use,
    may_answer,
    period_end,
    periods_with_results,
    remarks_on,
    results_of,
)
from courses.queries.learner import course_for
from lms.lib.access import logged_in, requires
from lms.lib.errors import Refusal
from lms.users.models import User


@logged_in
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request: HttpRequest, key: str) -> HttpResponse:
    """The questions about a course that one has finished, and the answers. Nothing here may note who answered what."""
    person = cast(User, request.user)
    mine = course_for(person, key)
    if mine is None:
        raise Http404
    in_use = form_in_use(mine.course)
    if in_use is None or not may_answer(mine.course, person):
        messages.info(request, _("There is nothing to answer about this course now. One answers once."))
        return redirect("courses:course", key)
    form = AnswerForm(request.POST if request.method == "POST" else None, questions=read_questions(in_use.questions))
    if request.method == "POST" and form.is_valid():
        try:
            answer_evaluation(course=mine.course, person=person, answers=form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        except PermissionDenied as error:
            raise Http404 from error
        else:
            messages.success(request, _("Thank you. Your answers are in, and nobody can see that they are yours."))
            return redirect("courses:course", key)
    context = {"course": mine.course, "form": form, "smallest": SMALLEST_GROUP}
    return render(request, "courses/evaluate.html", context, status=422 if form.errors else 200)


@requires(EDIT)
@require_safe
def results(request: HttpRequest, key: str) -> HttpResponse:
    """The answers, as far as they may be told, and the remarks."""
    return _render_results(request, get_object_or_404(Course, key=key))


def _render_results(request: HttpRequest, course: Course, wrong: tuple[UUID, RemarkForm] | None = None) -> HttpResponse:
    periods = periods_with_results(course)
    period = _period(request.GET.get("period", ""), periods)
    status = request.GET.get("lage", "")
    remarks = [
        (remark, question, wrong[1] if wrong and wrong[0] == remark.pk else _remark_form(remark))
        for remark, question in remarks_on(course, period, status)
    ]
    return render(
        request,
        "courses/editor/evaluation.html",
        {
            "course": course,
            "form_in_use": form_in_use(course),
            "results": results_of(course, period),
            "periods": [(one.isoformat(), one, _last_day(one)) for one in periods],
            "period": period,
            "remarks": remarks,
            "statuses": EvaluationRemark.Status.choices,
            "status": status,
            "smallest": SMALLEST_GROUP,
        },
        status=422 if wrong else 200,
    )


@requires(EDIT)
@require_POST
def remark(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """What becomes of a remark."""
    course = get_object_or_404(Course, key=key)
    found = get_object_or_404(EvaluationRemark, pk=pk, course=course, is_released=True)
    form = RemarkForm(request.POST, prefix=found.pk.hex)
    if form.is_valid():
        try:
            handle_remark(remark=found, by=cast(User, request.user), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("reply", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("courses:evaluation_results", key)
    return _render_results(request, course, (found.pk, form))


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, key: str) -> HttpResponse:
    """Which questions are asked, and who is told of the remarks."""
    course = get_object_or_404(Course, key=key)
    in_use = form_in_use(course)
    asked = read_questions(in_use.questions) if in_use else standard_questions()
    initial = [{**one, "options": "\n".join(one["options"])} for one in written_questions(asked)]
    lines = QuestionFormSet(request.POST or None, initial=initial, prefix="fragor")
    settings = EvaluationSettingsForm(
        request.POST or None,
        initial={"is_open": in_use.is_open if in_use else True, "owner": in_use.owner_id if in_use else None},
    )
    fault = ""
    if request.method == "POST" and lines.is_valid() and settings.is_valid():
        written = [
            question for line in lines.forms if line.has_changed() or line.initial if (question := line.question())
        ]
        try:
            set_questions(course=course, questions=written, by=cast(User, request.user), **settings.cleaned_data)
        except Refusal as refusal:
            fault = str(refusal)
        else:
            messages.success(request, _("The questions are saved. They are asked from now on."))
            return redirect("courses:evaluation_results", key)
    context: dict[str, Any] = {"course": course, "lines": lines, "settings": settings, "fault": fault}
    return render(request, "courses/editor/evaluation_questions.html", context, status=422 if request.POST else 200)


def _remark_form(remark: EvaluationRemark) -> RemarkForm:
    return RemarkForm(initial={"status": remark.status, "reply": remark.reply}, prefix=remark.pk.hex)


def _period(text: str, periods: list[date]) -> date | None:
    return next((period for period in periods if period.isoformat() == text), None)


def _last_day(period: date) -> date:
    return date.fromordinal(period_end(period).toordinal() - 1)
