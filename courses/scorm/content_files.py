"""A package's own files, under a signed prefix that relative addresses in the package keep."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound, StreamingHttpResponse

from courses.models import ScormPackage
from courses.scorm.tokens import InvalidToken, read_content

# Fixed here, since the machine's own table differs from place to place.
TYPES = {
    "css": "text/css",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "mjs": "text/javascript",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xhtml": "application/xhtml+xml",
    "xml": "text/xml",
    "xsd": "text/xml",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_BLOCK = 64 * 1024


@lru_cache(maxsize=256)
def _package(public_id: UUID) -> tuple[str, dict[str, str]] | None:
    """The package's folder, and its files' names by their names folded; None when there is no such package."""
    package = ScormPackage.objects.filter(public_id=public_id).only("public_id", "files").first()
    if package is None:
        return None
    return package.prefix, {folded(name): name for name in package.files}


def serve_file(request: HttpRequest, rest: str) -> HttpResponseBase:
    """The file that `<token>/<path>` names, or 404: only names that were in the zip file exist."""
    token, _slash, path = rest.partition("/")
    try:
        found = _package(read_content(token))
    except InvalidToken:
        return HttpResponseNotFound()
    name = found[1].get(folded(path)) if found else None
    if found is None or name is None:
        return HttpResponseNotFound()
    try:
        file = default_storage.open(f"{found[0]}/{name}")
    except FileNotFoundError:
        return HttpResponseNotFound()
    response = with_range(request, file, file.size)
    response.headers["Content-Type"] = content_type(name)
    response.headers["Content-Security-Policy"] = package_policy()
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def folded(name: str) -> str:
    """A name as it is looked up: in whatever case, and however its letters are put together."""
    return unicodedata.normalize("NFC", name).casefold()


def content_type(name: str) -> str:
    """The type by the name's ending; text without a charset, since a package declares its own."""
    ending = name.rpartition(".")[2].lower()
    return TYPES.get(ending, "application/octet-stream")


def package_policy() -> str:
    """What a package may do: run its own scripts, in whatever old way, and reach nothing but itself.

    PACKAGE_SOURCES may name other origins to fetch from; packages never talk to any (`connect-src`).
    """
    sources = " ".join(["'self'", *settings.PACKAGE_SOURCES])
    return (
        f"default-src {sources} 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' data: blob:; "
        "form-action 'self'; base-uri 'self'; object-src 'self'; "
        f"frame-ancestors 'self' {settings.BASE_URL}"
    )


def with_range(request: HttpRequest, file: IO[bytes], size: int) -> HttpResponseBase:
    """The whole file, or the one part of it that a media player asks for (RFC 9110, 14.2)."""
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    start, end, status = 0, size - 1, 200
    if wanted and (wanted[1] or wanted[2]):
        if wanted[1]:
            start, end = int(wanted[1]), min(int(wanted[2] or end), end)
        else:
            start = max(0, size - int(wanted[2]))
        if start > end:
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start + 1)}
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_blocks(file, start, end + 1 - start), status=status, headers=headers)


def _blocks(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (block := file.read(min(_BLOCK, length))):
            length -= len(block)
            yield block
