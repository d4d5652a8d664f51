"""What the pages of this package share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from competence.models.organisation_unit import OrganisationUnit
from competence.permissions import Reach, reach_of
from competence.policy.rules import NoRules
from lms.users.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def reader_of(request: HttpRequest) -> User:
    """The logged-in person. Only in views that are declared `logged_in`."""
    if not isinstance(request.user, User):
        raise TypeError("this view is for those who have logged in")
    return request.user


def reach_or_404(request: HttpRequest) -> Reach:
    """How far the reader decides. Who decides about nobody gets the same page as for an address that is not there."""
    reach = reach_of(reader_of(request))
    if not reach:
        raise Http404
    return reach


def managed_units_or_404(request: HttpRequest) -> QuerySet[OrganisationUnit]:
    """The units that the reader manages, or stands in for the manager of."""
    return reach_or_404(request).units()


def needs_rules(view: View[P]) -> View[P]:
    """Without published rules nothing can be decided: the page says so instead of guessing."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NoRules:
            response: HttpResponse = render(request, "competence/no_rules.html", status=503)
            return response

    return guarded  # type: ignore[return-value]  # `wraps` names the request, which the type leaves unnamed
