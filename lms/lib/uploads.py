"""Receiving large files without holding them in memory, and turning away what is too large before it is read."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.csrf import csrf_exempt, csrf_protect

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# A form's other fields and the boundaries between them come on top of the file.
_FORM_BYTES = 256 * 1024


class BoundedFile(TemporaryFileUploadHandler):
    """Writes to a temporary file, and stops when more than `most` bytes come."""

    def __init__(self, request: HttpRequest, most: int) -> None:
        super().__init__(request)
        self.most = most
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.most:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)


def receives_file(
    setting: str,
    *,
    template: str = "upload_error.html",
    too_large: str = gettext_noop("The file is too large: it may be at most %(limit)s."),
    no_room: str = gettext_noop("The disk is full, so the file was not kept. Try again when there is room."),
) -> Callable[[View[P]], View[P]]:
    """For a view that takes a file by POST: larger than the setting says is 413 before the body is read, a full disk is
    507. The file is always one on disk. `template` shows the refusal, in the words (message ids) given.

    The check of the CSRF token reads the body, so it comes after these checks: `csrf_protect` stands inside.
    """

    def decorate(view: View[P]) -> View[P]:
        protected = csrf_protect(view)

        def say_too_large(request: HttpRequest, most: int) -> HttpResponse:
            return _error(request, template, gettext(too_large) % {"limit": filesizeformat(most)}, 413)

        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "POST":
                most = getattr(settings, setting)
                if int(request.META.get("CONTENT_LENGTH") or 0) > most + _FORM_BYTES:
                    return say_too_large(request, most)
                handler = BoundedFile(request, most)
                request.upload_handlers = [handler]
                try:
                    request._load_post_and_files()  # what the first look at POST does
                except OSError as error:
                    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                        return _error(request, template, gettext(no_room), 507)
                    raise
                if handler.received > most:
                    return say_too_large(request, most)
            return protected(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return decorate


def _error(request: HttpRequest, template: str, text: str, status: int) -> HttpResponse:
    response = render(request, template, {"text": text}, status=status)
    response.headers["Connection"] = "close"
    return response
