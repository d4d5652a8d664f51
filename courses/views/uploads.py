"""Receiving large files without holding them in memory, and turning away what is too large before it is read."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# A form's other fields and the boundaries between them come on top of the file.
_FORM_BYTES = 256 * 1024


class BoundedFileHandler(TemporaryFileUploadHandler):
    """Writes to a temporary file, and stops when more comes than was said."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.PACKAGE_MAX_BYTES:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)


def receives_package(view: View[P]) -> View[P]:
    """For a view that takes a package by POST: too large is 413 before the body is read, a full disk is 507.

    The check of the CSRF token reads the body, so it comes after these checks: `csrf_protect` stands inside.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST":
            if int(request.META.get("CONTENT_LENGTH") or 0) > settings.PACKAGE_MAX_BYTES + _FORM_BYTES:
                return _too_large(request)
            handler = BoundedFileHandler(request)
            request.upload_handlers = [handler]
            try:
                request._load_post_and_files()  # what the first look at POST does
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    return _no_room(request)
                raise
            if handler.received > settings.PACKAGE_MAX_BYTES:
                return _too_large(request)
        return _for_the_script(request, protected(request, *args, **kwargs))

    return cast("View[P]", guarded)


def _for_the_script(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page's script sends the form itself, to show how far it has come, and must go on to the next page itself: a
    redirect would be followed behind its back, and the message on the next page be read by nobody."""
    if request.headers.get("X-Upload") == "progress" and isinstance(response, HttpResponseRedirect):
        return HttpResponse(status=204, headers={"X-Upload-Done": response.url})
    return response


def _too_large(request: HttpRequest) -> HttpResponse:
    limit = filesizeformat(settings.PACKAGE_MAX_BYTES)
    return _error(request, _("The file is too large: a package may be at most %(limit)s.") % {"limit": limit}, 413)


def _no_room(request: HttpRequest) -> HttpResponse:
    text = _("The disk is full, so the package was not kept. Nothing is half done: try again when there is room.")
    return _error(request, text, 507)


def _error(request: HttpRequest, text: str, status: int) -> HttpResponse:
    response = render(request, "courses/editor/upload_error.html", {"text": text}, status=status)
    response.headers["Connection"] = "close"
    return response


def limits() -> dict[str, Any]:
    """What the upload pages say of the limits."""
    return {"max_bytes": settings.PACKAGE_MAX_BYTES}
