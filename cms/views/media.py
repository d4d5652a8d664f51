"""Images for readers. Only what we encoded ourselves leaves here, under the type that we gave it."""

from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from lms.lib.access import public

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
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
