"""Forms without a token: what they change is taken from pages of this origin alone, as the browser itself says.

A token in a form makes the page that has it somebody's own, and no shared cache can keep it. The choices of language
and colours stand on every public page, and change nothing but how pages look.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def from_own_pages(view: View[P]) -> View[P]:
    """By POST from a page of ours, else 403. Every browser says with a POST where it comes from; one that does not, or
    that hides it, is refused."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        own = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
        if request.headers.get("Origin") not in own:
            raise PermissionDenied("a form of another origin")
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # `wraps` names the request, which the type leaves unnamed
