"""Images and documents for readers, so served that nothing in them runs.

Of images only what we encoded ourselves leaves here, under the type that we gave it; documents leave as downloads.
"""

from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from wagtail.documents.views.serve import serve as wagtail_document

from lms.lib.access import public

INERT = "default-src 'none'; sandbox"
TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif"}


@public
@require_safe
def image(request: HttpRequest, filename: str) -> FileResponse:
    """A rendition. The name carries the size and a hash, so a copy may be kept for a year."""
    content_type = TYPES.get(PurePosixPath(filename).suffix.lower())
    name = f"images/{filename}"
    if content_type is None or not default_storage.exists(name):
        raise Http404
    response = FileResponse(default_storage.open(name), content_type=content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    return response


@public
@require_safe
def document(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponseBase:
    """A document, as Wagtail serves it (its restrictions hold), and without any right to run in our origin."""
    response: HttpResponseBase = wagtail_document(request, document_id, document_filename)
    response["Content-Security-Policy"] = INERT
    return response
