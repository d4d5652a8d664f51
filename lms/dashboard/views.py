"""The pages where everybody begins, and the choice of colours."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from competence.api import overview_of
from lms.dashboard.navigation import COLOUR_SCHEMES
from lms.lib.access import logged_in, public
from lms.lib.same_origin import from_own_pages
from lms.users.models import User

YEAR = 365 * 24 * 60 * 60


@logged_in
def start(request: HttpRequest) -> HttpResponse:
    """What one meets after log-in: one's rights in a line each, the next step, and what waits for a manager."""
    overview = overview_of(request.user) if isinstance(request.user, User) else None
    return render(request, "dashboard/start.html", {"overview": overview})


@public
@from_own_pages
def set_colour_scheme(request: HttpRequest) -> HttpResponse:
    """Remembers light, dark or as the device has it, in a cookie that the server reads: the page never flashes."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("colour_scheme")
    if chosen == "auto":
        response.delete_cookie("colour_scheme", samesite="Lax")
    elif chosen in COLOUR_SCHEMES:
        response.set_cookie(
            "colour_scheme", chosen, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=False
        )
    return response
