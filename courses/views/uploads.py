"""Receiving packages, and telling the page's script when one has been taken in."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_noop as _

from lms.lib.uploads import P, View, receives_file


def receives_package(view: View[P]) -> View[P]:
    """For a view that takes a package by POST: see `lms.lib.uploads.receives_file`."""

    @wraps(view)
    def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return _for_the_script(request, view(request, *args, **kwargs))

    return receives_file(
        "PACKAGE_MAX_BYTES",
        template="courses/editor/upload_error.html",
        too_large=_("The file is too large: a package may be at most %(limit)s."),
        no_room=_("The disk is full, so the package was not kept. Nothing is half done: try again when there is room."),
    )(cast("View[P]", answered))


def _for_the_script(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page's script sends the form itself, to show how far it has come, and must go on to the next page itself: a
    redirect would be followed behind its back, and the message on the next page be read by nobody."""
    if request.headers.get("X-Upload") == "progress" and isinstance(response, HttpResponseRedirect):
        return HttpResponse(status=204, headers={"X-Upload-Done": response.url})
    return response


def limits() -> dict[str, Any]:
    """What the upload pages say of the limits."""
    return {"max_bytes": settings.PACKAGE_MAX_BYTES}
