"""Films and their captions in lessons, in parts as a media player asks for them, and so that nothing in them runs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from wagtail.documents import get_document_model

from courses.lessons.blocks import FILM_KINDS
from courses.scorm.content_files import TYPES, with_range
from lms.lib.access import logged_in


@require_safe
@logged_in
def film(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """The document, if it is a film or captions; any other leaves by the site's own way for documents."""
    document = get_object_or_404(get_document_model(), pk=document_id)
    kind = document.file_extension
    if kind not in {*FILM_KINDS, "vtt"}:
        raise Http404
    try:
        file = document.file.open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = with_range(request, file, document.file.size)
    response["Content-Type"] = f"{TYPES[kind]}; charset=utf-8" if kind == "vtt" else TYPES[kind]
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response
