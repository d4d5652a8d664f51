"""A course that is taken elsewhere: what it is, where to take it, and what to do when one has finished."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses.queries.external import external_course as find
from courses.queries.external import external_courses_of
from lms.lib.access import public
from lms.users.models import User


@public
@require_safe
def external_course(request: HttpRequest, key: str) -> HttpResponse:
    """For anybody to read; who has logged in sees how they stand, too."""
    described = find(key)
    if described is None:
        raise Http404
    mine = None
    if isinstance(request.user, User):
        mine = next((one for one in external_courses_of(request.user) if one.described.course.key == key), None)
    return render(request, "courses/external_course.html", {"described": described, "mine": mine})
