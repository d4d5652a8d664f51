"""What the pages about occasions share."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest

from courses.models import Occasion
from courses.permissions import sees_participants
from courses.queries.occasions import ShownOccasion, shown_occasion
from lms.users.models import User


def reader_of(request: HttpRequest) -> User:
    """The logged-in person. Only in views that are declared `logged_in` or with a permission."""
    if not isinstance(request.user, User):
        raise TypeError("this view is for those who have logged in")
    return request.user


def occasion_or_404(request: HttpRequest, public_id: UUID) -> ShownOccasion:
    """The occasion as the reader may see it; one that is not for them is like one that is not there."""
    viewer = request.user
    found = shown_occasion(viewer, public_id)
    if found is None:
        raise Http404
    return found


def taught_occasion_or_404(request: HttpRequest, public_id: UUID) -> Occasion:
    """The occasion, for its teacher and for those who edit courses. Nobody else learns that it is there."""
    occasion = (
        Occasion.objects.select_related("course", "teacher", "web_part", "commissioned_by")
        .filter(public_id=public_id)
        .first()
    )
    if occasion is None or not sees_participants(reader_of(request), occasion):
        raise Http404
    return occasion
