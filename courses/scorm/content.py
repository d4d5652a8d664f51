"""The content origin: where course packages are served, apart from people's sessions.

Packages are programs by strangers. They get a host of their own, so that the browser keeps them away from cookies,
storage, pages and API of the service. Requests for that host are answered here and never reach the rest of the
middleware: no session, no log-in, no pages of ours. Only signed addresses open anything (`courses.scorm.tokens`).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound, HttpResponseRedirect

from courses.scorm.content_files import serve_file
from courses.scorm.launcher import serve_launcher
from courses.scorm.runtime_files import serve_runtime

_SERVERS: dict[str, Callable[[HttpRequest, str], HttpResponseBase]] = {
    "launch": serve_launcher,
    "p": serve_file,
    "runtime": serve_runtime,
}


class ContentOriginMiddleware:
    """Stands first in MIDDLEWARE. Answers for the content origin; every other host goes on to the service."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            host = request.get_host().lower()
        except DisallowedHost:
            return self.get_response(request)
        if host != urlsplit(settings.CONTENT_ORIGIN).netloc.lower():
            return self.get_response(request)
        return harden(answer(request))


def answer(request: HttpRequest) -> HttpResponseBase:
    """What the content origin says to `request`."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return HttpResponseRedirect(settings.CONTENT_ORIGIN + request.get_full_path())
    if request.path == "/":
        return HttpResponseRedirect(settings.BASE_URL + "/")
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if request.headers.get("Service-Worker"):
        # A package must not install itself between other packages and their learners.
        return HttpResponseNotFound()
    first, _slash, rest = request.path.removeprefix("/").partition("/")
    serve = _SERVERS.get(first)
    return serve(request, rest) if serve else HttpResponseNotFound()


def harden(response: HttpResponseBase) -> HttpResponseBase:
    """The headers that every answer of this origin carries. A policy that the server set is left as it is."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Origin-Agent-Cluster"] = "?1"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    headers.setdefault("Cache-Control", "no-store")
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return response
