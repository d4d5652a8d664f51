"""One's own occasions, and the calendar that they are in."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courses.actions.calendar_keys import calendar_token, close_calendar, owner_of, renew_calendar
from courses.calendars import CONTENT_TYPE, calendar_of
from courses.queries.occasions import own_occasions, taught_occasions
from courses.views.common import reader_of
from lms.lib.access import logged_in, signed_token
from lms.lib.mailing import address_of


@require_safe
@logged_in
def my_occasions(request: HttpRequest) -> HttpResponse:
    person = reader_of(request)
    mine, taught, token = own_occasions(person), taught_occasions(person), calendar_token(person)
    context = {
        "coming": [row for row in reversed(mine) if not row.is_over],
        "over": [row for row in mine if row.is_over],
        "taught_coming": [row for row in reversed(taught) if not row.is_over],
        "taught_over": [row for row in taught if row.is_over],
        "address": address_of("courses:calendar_feed", token) if token else "",
    }
    response = render(request, "courses/occasions/mine.html", context)
    response["Cache-Control"] = "private, no-store"  # the secret address is in it
    return response


@require_POST
@logged_in
def my_calendar(request: HttpRequest) -> HttpResponse:
    """`do`: renew (or make the first), or close."""
    person = reader_of(request)
    if request.POST.get("do") == "close":
        close_calendar(person=person, by=person)
        messages.success(request, _("The address is closed. Calendars that use it are no longer kept up to date."))
    else:
        had_one = bool(calendar_token(person))
        renew_calendar(person=person, by=person)
        if had_one:
            messages.success(request, _("The calendar has a new address. The earlier one no longer works."))
        else:
            messages.success(
                request, _("The calendar has an address. Copy it to the program where you have your calendar.")
            )
    return redirect("courses:my_occasions")


@require_safe
@signed_token
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever the secret belongs to, in their language. A wrong one is an address that is not there."""
    person = owner_of(token)
    if person is None:
        raise Http404
    with translation.override(person.language):
        response = HttpResponse(calendar_of(person), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="kurser.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
