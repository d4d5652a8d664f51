"""What anybody may ask of a certificate, when they have its code; and what a machine needs to check a badge."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from courses.certificates.badge import did_document, status_list
from courses.queries.certificates import certificate_with_code, read_code
from lms.lib.access import public
from lms.lib.pace import keeps_pace

LOOKS_PER_MINUTE = 60
MISSES, MISSES_SECONDS = 20, 600
"""A code cannot be found by trying; the limit keeps those who try anyway from being a burden."""
View = Callable[..., HttpResponseBase]
R = TypeVar("R", bound=HttpResponse)


def _paced(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not keeps_pace(request, "certificate", limit=LOOKS_PER_MINUTE, seconds=60):
            return _too_many(request, 60)
        return view(request, *args, **kwargs)

    return guarded


@public
@require_GET
@_paced
def ask_for_code(request: HttpRequest) -> HttpResponse:
    """The form where a code is typed. `kod`: what was typed; the page of that certificate answers."""
    typed = request.GET.get("kod", "").strip()
    if not typed:
        return _unlisted(render(request, "courses/verify.html", {}))
    code = read_code(typed)
    if not code:
        return _unlisted(render(request, "courses/verify.html", {"typed": typed[:80], "is_wrong": True}))
    return _unlisted(redirect("courses:verify_certificate", code))


@public
@require_GET
@_paced
def verify_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """Every fact that was certified, and whether it still holds. Nothing else about the person.

    404 with one and the same page for a code that nobody has and for what is no code.
    """
    shown = certificate_with_code(code)
    if shown is not None:
        return _unlisted(render(request, "courses/verified.html", {"shown": shown, "certificate": shown.certificate}))
    if not keeps_pace(request, "certificate-miss", limit=MISSES, seconds=MISSES_SECONDS):
        return _too_many(request, MISSES_SECONDS)
    return _unlisted(render(request, "courses/verify.html", {"is_unknown": True}, status=404))


@public
@require_GET
def issuer_document(request: HttpRequest) -> JsonResponse:
    """The issuer's public keys (did:web)."""
    return _for_machines(JsonResponse(did_document(), content_type="application/did+json"))


@public
@require_GET
@_paced
def badge_status(request: HttpRequest, number: int) -> HttpResponse:
    """Which badges were revoked: a signed list of bits, each of which means something to who holds the badge."""
    found = status_list(number)
    if found is None:
        raise Http404
    return _for_machines(HttpResponse(found, content_type="application/vc+jwt"))


def _for_machines(response: R) -> R:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Not for search engines, and not for anybody's cache: a revocation shows at once."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    return response


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "courses/verify.html", {"is_too_many": True}, status=429)
    response["Retry-After"] = str(seconds)
    return _unlisted(response)
