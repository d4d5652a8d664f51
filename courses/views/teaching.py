"""An occasion's participants: the list for the teacher, as a page to print and as a file, and who came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from competence import api as competence
from courses.actions.attendance import note_attendance
from courses.actions.places import cancel_place, register
from courses.models import Occasion, Place
from courses.occasion_forms import ParticipantForm
from courses.occasion_words import session_text
from courses.permissions import EDIT, is_editor
from courses.queries.participants import Mark, Participant, participants_of, read_marks
from courses.views.common import reader_of, taught_occasion_or_404
from lms.audit.api import record_look_ups
from lms.lib.access import logged_in, requires
from lms.lib.clock import local_day
from lms.lib.errors import Refusal


@require_safe
@logged_in
def occasion_participants(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everybody with a seat and everybody in the line. Who looks is noted."""
    occasion = taught_occasion_or_404(request, public_id)
    return _render(request, occasion, ParticipantForm())


@require_safe
@logged_in
def participants_export(request: HttpRequest, public_id: UUID, fmt: str) -> HttpResponse:
    if fmt not in competence.FORMATS:
        raise Http404
    occasion = taught_occasion_or_404(request, public_id)
    rows = participants_of(occasion, reader_of(request))
    _note_look_up(request, occasion, rows, "export_participants")
    sessions = list(occasion.sessions.all())
    there = {True: _("there"), False: _("not there"), None: ""}
    header = [_("Name"), _("Workplace"), _("E-mail"), _("State"), _("Registered at")]
    header += [_("Web part completed")] if occasion.web_part else []
    header += [session_text(session) for session in sessions]
    return competence.sheet_response(
        fmt,
        file_name=f"deltagare-{occasion.course.key}-{local_day(occasion.starts_at)}",
        title=_("Participants"),
        notes=[
            (occasion.course.title,),
            (_("Place"), occasion.where),
            (_("Seats"), occasion.seats),
        ],
        header=header,
        rows=[
            [
                row.name,
                row.workplace,
                row.email,
                str(row.place.get_status_display()),
                row.place.created_at,
                *([row.web_part_at] if occasion.web_part else []),
                *(there[mark.was_there] for mark in row.marks),
            ]
            for row in rows
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def occasion_attendance(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = taught_occasion_or_404(request, public_id)
    status, marks = 200, _posted_marks(request)
    if request.method == "POST":
        try:
            completed = note_attendance(occasion=occasion, marks=marks, by=reader_of(request))
        except Refusal as refusal:
            messages.error(request, str(refusal))
            status = 422
        else:
            messages.success(request, _("The attendance is saved."))
            if completed:
                text = ngettext(
                    "%(number)d person has completed the course by it.",
                    "%(number)d people have completed the course by it.",
                    len(completed),
                )
                messages.info(request, text % {"number": len(completed)})
            return redirect("courses:occasion_attendance", public_id)
    rows = [row for row in participants_of(occasion, reader_of(request)) if row.place.holds_a_seat]
    _note_look_up(request, occasion, rows, "see_attendance")
    if status == 422:  # what was marked is not lost
        rows = [replace(row, marks=[_as_posted(mark, row, marks) for mark in row.marks]) for row in rows]
    context = {"occasion": occasion, "rows": rows, "sessions": list(occasion.sessions.all())}
    return render(request, "courses/occasions/attendance.html", context, status=status)


@require_POST
@requires(EDIT)
def add_participant(request: HttpRequest, public_id: UUID) -> HttpResponse:
    occasion = taught_occasion_or_404(request, public_id)
    form = ParticipantForm(request.POST)
    if form.is_valid():
        try:
            place = register(occasion=occasion, person=form.cleaned_data["person"], by=reader_of(request))
        except Refusal as refusal:
            form.add_error("person", str(refusal))
        else:
            if place.status == Place.Status.WAITING:
                messages.info(request, _("The occasion is full: the person is on the waiting list."))
            else:
                messages.success(request, _("The person has a seat."))
            return redirect("courses:occasion_participants", public_id)
    return _render(request, occasion, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def remove_participant(request: HttpRequest, public_id: UUID, place_id: UUID) -> HttpResponse:
    occasion = taught_occasion_or_404(request, public_id)
    place = get_object_or_404(Place.objects.select_related("person", "occasion"), public_id=place_id, occasion=occasion)
    if request.method != "POST":
        return render(request, "courses/occasions/remove_participant.html", {"occasion": occasion, "place": place})
    try:
        cancel_place(place=place, by=reader_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The place is cancelled, and the person is told."))
    return redirect("courses:occasion_participants", public_id)


def _render(request: HttpRequest, occasion: Occasion, form: ParticipantForm, status: int = 200) -> HttpResponse:
    reader = reader_of(request)
    rows = participants_of(occasion, reader)
    _note_look_up(request, occasion, rows, "see_participants")
    context = {
        "occasion": occasion,
        "sessions": list(occasion.sessions.all()),
        "seated": [row for row in rows if row.place.holds_a_seat],
        "line": [row for row in rows if not row.place.holds_a_seat],
        "form": form,
        "edits": is_editor(reader),
    }
    return render(request, "courses/occasions/participants.html", context, status=status)


def _posted_marks(request: HttpRequest) -> dict[tuple[UUID, UUID], bool | None]:
    """The form's marks. With `rest` (a session), everybody at it of whom nothing is said was there."""
    marks, rest = read_marks(request.POST.dict()), request.POST.get("rest", "")
    if not rest:
        return marks
    return {key: True if mark is None and key[1].hex == rest else mark for key, mark in marks.items()}


def _as_posted(mark: Mark, row: Participant, marks: Mapping[tuple[UUID, UUID], bool | None]) -> Mark:
    key = (row.place.public_id, mark.session.public_id)
    return replace(mark, was_there=marks.get(key, mark.was_there))


def _note_look_up(request: HttpRequest, occasion: Occasion, rows: list[Participant], action: str) -> None:
    people = [row.place.person for row in rows]
    record_look_ups(action, by=reader_of(request), people=people, subject=f"occasion:{occasion.public_id}")
