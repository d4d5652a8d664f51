"""An organiser's pages: the occasions of all courses, making, changing, announcing, cancelling and copying one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.actions import occasions
from courses.actions.occasion_courses import create_occasion_course
from courses.models import Course, Occasion
from courses.occasion_forms import (
    CancelForm,
    CopyForm,
    NewOccasionCourseForm,
    OccasionForm,
    SessionForms,
    as_initial,
    sessions_as_initial,
)
from courses.permissions import EDIT
from courses.queries.occasions import shown, with_seats
from courses.queries.places import line_of
from courses.views.common import reader_of
from lms.lib.access import requires
from lms.lib.clock import local_day
from lms.lib.errors import Refusal

A_PAGE = 50


@require_safe
@requires(EDIT)
def editor_occasions(request: HttpRequest) -> HttpResponse:
    """All occasions: those that come, drafts among them, or (`when=over`) those that are over."""
    over, course = request.GET.get("when") == "over", request.GET.get("course", "")
    now = timezone.now()
    found = with_seats(Occasion.objects.select_related("course", "teacher", "commissioned_by", "web_part"))
    found = (
        found.filter(ends_at__lt=now).order_by("-starts_at", "-pk")
        if over
        else found.filter(ends_at__gte=now).order_by("starts_at", "pk")
    )
    if course:
        found = found.filter(course__key=course)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "rows": shown(page.object_list, request.user),
        "page": page,
        "query": query.urlencode(),
        "over": over,
        "course": Course.objects.filter(key=course).first() if course else None,
        "courses": Course.objects.filter(kind=Course.Kind.OCCASION),
    }
    return render(request, "courses/occasions/editor_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def new_occasion_course(request: HttpRequest) -> HttpResponse:
    form = NewOccasionCourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            course = create_occasion_course(by=reader_of(request), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The course is made. Now say when and where it is held."))
            return redirect("courses:editor_new_occasion", course.key)
    status = 422 if form.errors else 200
    return render(request, "courses/occasions/new_course.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def new_occasion(request: HttpRequest, key: str) -> HttpResponse:
    """A new draft. What the course's latest occasion said of room, seats and conditions is filled in."""
    course = get_object_or_404(Course, key=key, kind=Course.Kind.OCCASION)
    latest = course.occasions.select_related("teacher", "commissioned_by", "web_part").order_by("-created_at").first()
    initial = as_initial(latest) if latest else {"seats": 16}
    for name in ("register_by", "commissioned_by", "video_url"):
        initial.pop(name, None)
    return _edit(request, course, None, initial)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def edit_occasion(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = _occasion(public_id)
    return _edit(request, occasion.course, occasion, as_initial(occasion))


@require_POST
@requires(EDIT)
def announce(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = _occasion(public_id)
    try:
        occasions.announce_occasion(occasion=occasion, by=reader_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The occasion is announced. People can register now."))
    return redirect("courses:occasion", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = _occasion(public_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            occasions.cancel_occasion(occasion=occasion, reason=form.cleaned_data["reason"], by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The occasion is cancelled, and those who had registered are told."))
            return redirect("courses:occasion", public_id)
    row = shown(with_seats(Occasion.objects.filter(pk=occasion.pk)), reader_of(request))[0]
    context = {"form": form, "occasion": occasion, "row": row}
    return render(request, "courses/occasions/cancel.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def copy(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = _occasion(public_id)
    proposed = local_day(occasion.starts_at) + timedelta(weeks=4)
    form = CopyForm(request.POST or None, initial={"first_day": max(proposed, local_day(timezone.now()))})
    if request.method == "POST" and form.is_valid():
        try:
            made = occasions.copy_occasion(
                occasion=occasion, first_day=form.cleaned_data["first_day"], by=reader_of(request)
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("This is the copy, as a draft. Look it through, and announce it."))
            return redirect("courses:editor_occasion", made.public_id)
    context = {"form": form, "occasion": occasion}
    return render(request, "courses/occasions/copy.html", context, status=422 if form.errors else 200)


@require_POST
@requires(EDIT)
def remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = _occasion(public_id)
    try:
        occasions.remove_draft(occasion=occasion, by=reader_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:editor_occasion", public_id)
    messages.success(request, _("The draft is removed."))
    return redirect("courses:editor_occasions")


def _occasion(public_id: UUID) -> Occasion:
    found = Occasion.objects.select_related("course", "teacher", "web_part", "commissioned_by")
    return get_object_or_404(found, public_id=public_id)


def _edit(request: HttpRequest, course: Course, occasion: Occasion | None, initial: dict[str, Any]) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = OccasionForm(data, course=course, initial=initial)
    sessions = SessionForms(data, prefix="s", initial=sessions_as_initial(occasion) if occasion else None)
    if data is not None and form.is_valid() & sessions.is_valid():
        plan = form.plan([one.plan() for one in sessions if not one.is_empty])
        try:
            if occasion is None:
                saved = occasions.create_occasion(course=course, plan=plan, by=reader_of(request))
                messages.success(request, _("The occasion is saved as a draft. Announce it when it is right."))
            else:
                saved = occasions.change_occasion(occasion=occasion, plan=plan, by=reader_of(request))
                if saved.is_announced and saved.revision != occasion.revision:
                    messages.success(request, _("Saved. Those who had registered are told of the new time or place."))
                else:
                    messages.success(request, _("Saved."))
            return redirect("courses:editor_occasion", saved.public_id)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    status = 422 if form.errors or any(sessions.errors) or sessions.non_form_errors() else 200
    context = {
        "form": form,
        "sessions": sessions,
        "course": course,
        "occasion": occasion,
        "waiting": line_of(occasion).count() if occasion else 0,
    }
    return render(request, "courses/occasions/edit.html", context, status=status)
