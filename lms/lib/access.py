"""Every route says who may use it. A view without such a word fails the tests (tests/architecture)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _declare(view: Any, who: str) -> Any:
    view.access = who
    return view


def public(view: View[P]) -> View[P]:
    """Anybody, without log-in."""
    return _declare(view, "public")  # type: ignore[no-any-return]


def logged_in(view: View[P]) -> View[P]:
    """Anybody who has logged in. What they may see of others is the query's business."""
    return _declare(login_required(view), "logged in")  # type: ignore[no-any-return]


def signed_token(view: View[P]) -> View[P]:
    """Whoever holds a token that this service signed for this one purpose; the view checks it. No cookies count."""
    return _declare(view, "signed token")  # type: ignore[no-any-return]


def requires(permission: str) -> Callable[[View[P]], View[P]]:
    """Those who hold `permission` (`app.codename`); others get 403, and who is not logged in gets the log-in page."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        return _declare(login_required(guarded), permission)  # type: ignore[no-any-return]

    return decorate
