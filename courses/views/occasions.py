"""Finding an occasion, registering for it, and giving the place up."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence import api as competence
from courses.actions.places import cancel_place, register
from courses.calendars import CONTENT_TYPE, occasion_calendar
from courses.models import Place
from courses.occasion_forms import OccasionFilter
from courses.permissions import is_editor, sees_participants, teaches
from courses.queries.occasions import ShownOccasion, shown, wanted_occasions
from courses.queries.places import missing_prerequisites, number_in_line
from courses.views.common import occasion_or_404, reader_of
from lms.lib.access import logged_in, public
from lms.lib.errors import Refusal
from lms.lib.keeping import say_how_long_to_keep
from lms.users.models import User

A_PAGE = 20


@require_safe
@public
def occasion_list(request: HttpRequest) -> HttpResponse:
    """The occasions that one can come to, soonest first."""
    form = OccasionFilter(request.GET or None, viewer=request.user)
    status, rows, page = 200, [], None
    if form.is_bound and not form.is_valid():
        status = 400
    else:
        paginator = Paginator(wanted_occasions(request.user, form.wanted()), A_PAGE)
        page = paginator.get_page(request.GET.get("page"))
        rows = shown(page.object_list, request.user)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "rows": rows,
        "page": page,
        "query": query.urlencode(),
        "is_filtered": bool(query),
        "show_organiser": isinstance(request.user, User) and is_editor(request.user),
    }
    response = render(request, "courses/occasions/list.html", context, status=status)
    say_how_long_to_keep(request, response)
    return response


@require_safe
@public
def occasion(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One occasion: when, where, for whom; and the reader's own place."""
    row = occasion_or_404(request, public_id)
    person = request.user if isinstance(request.user, User) else None
    titles = dict(competence.course_titles()) if row.occasion.prerequisites else {}
    waiting = row.mine is not None and row.mine.status == Place.Status.WAITING
    context = {
        "row": row,
        "occasion": row.occasion,
        "prerequisites": [titles.get(key, key) for key in row.occasion.prerequisites],
        "missing": missing_prerequisites(row.occasion, person) if person and row.mine is None else [],
        "number": number_in_line(row.mine) if row.mine and waiting else None,
        "sees_link": _sees_link(person, row),
        "teacher": _teacher_told_to(person, row),
        "sees_participants": person is not None and sees_participants(person, row.occasion),
        "teaches": person is not None and teaches(person, row.occasion),
        "edits": person is not None and is_editor(person),
        "log_in": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    response = render(request, "courses/occasions/occasion.html", context)
    say_how_long_to_keep(request, response)
    return response


@require_safe
@public
def occasion_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The occasion for a calendar program."""
    row = occasion_or_404(request, public_id)
    person = request.user if isinstance(request.user, User) else None
    content = occasion_calendar(row.occasion, with_video_link=_sees_link(person, row))
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="kurstillfalle.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@logged_in
def occasion_register(request: HttpRequest, public_id: UUID) -> HttpResponse:
    row, person = occasion_or_404(request, public_id), reader_of(request)
    try:
        place = register(occasion=row.occasion, person=person, by=person)
    except PermissionDenied as denied:
        raise Http404 from denied
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if place.status == Place.Status.WAITING:
            messages.info(
                request, _("The occasion is full. You are on the waiting list, and get a seat as soon as one is free.")
            )
        else:
            messages.success(request, _("You are registered. Welcome!"))
    return redirect("courses:occasion", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def occasion_cancel_place(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks first: a seat that is given up may be somebody else's a second later."""
    row, person = occasion_or_404(request, public_id), reader_of(request)
    if row.mine is None:
        return redirect("courses:occasion", public_id)
    if request.method != "POST":
        return render(request, "courses/occasions/cancel_place.html", {"row": row, "occasion": row.occasion})
    had_seat = row.mine.holds_a_seat
    try:
        cancel_place(place=row.mine, by=person)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        gone = _("Your place is cancelled.") if had_seat else _("You have left the waiting list.")
        messages.success(request, gone)
    return redirect("courses:occasion", public_id)


def _teacher_told_to(person: User | None, row: ShownOccasion) -> str:
    """Who is responsible. One with protected identity is named to those with a seat only."""
    teacher = row.occasion.teacher
    if teacher is None or (teacher.is_protected and not _sees_link(person, row)):
        return ""
    return teacher.full_name


def _sees_link(person: User | None, row: ShownOccasion) -> bool:
    """Whether the video link and what is said to the participants are for this reader."""
    if person is None:
        return False
    has_a_seat = row.mine is not None and row.mine.holds_a_seat
    return has_a_seat or is_editor(person) or teaches(person, row.occasion)
