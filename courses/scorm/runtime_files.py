"""The player's own scripts on the content origin: scorm-again, installed by npm, and the launcher around it."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound

_OURS = Path(__file__).parent / "runtime"
_SCORM_AGAIN = settings.BASE_DIR / "node_modules" / "scorm-again" / "dist"
FILES: dict[str, tuple[Path, str]] = {
    "launcher.css": (_OURS / "launcher.css", "text/css; charset=utf-8"),
    "launcher.js": (_OURS / "launcher.js", "text/javascript; charset=utf-8"),
    "saver.js": (_OURS / "saver.js", "text/javascript; charset=utf-8"),
    "answers.js": (_OURS / "answers.js", "text/javascript; charset=utf-8"),
    "book.js": (_OURS / "book.js", "text/javascript; charset=utf-8"),
    "guard.js": (_OURS / "guard.js", "text/javascript; charset=utf-8"),
    "scorm12.js": (_SCORM_AGAIN / "scorm12.min.js", "text/javascript; charset=utf-8"),
    "scorm2004.js": (_SCORM_AGAIN / "scorm2004.min.js", "text/javascript; charset=utf-8"),
}


@lru_cache(maxsize=1)
def version() -> str:
    """A digest of all the files, part of their addresses: browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path, _type in FILES.values():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def runtime_url(name: str) -> str:
    """The address of one of FILES on the content origin, as a path."""
    assert name in FILES
    return f"/runtime/{version()}/{name}"


@lru_cache(maxsize=32)
def _compressed(name: str) -> bytes:
    return gzip.compress(FILES[name][0].read_bytes(), 9, mtime=0)


def serve_runtime(request: HttpRequest, rest: str) -> HttpResponseBase:
    _version, _slash, name = rest.partition("/")
    if name not in FILES:
        return HttpResponseNotFound()
    path, content_type = FILES[name]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return HttpResponse(_compressed(name), content_type=content_type, headers=headers)
    return HttpResponse(path.read_bytes(), content_type=content_type, headers=headers)
