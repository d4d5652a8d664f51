"""Looking into somebody's attempt, for whoever helps them. Nothing can be changed here, and each look is noted."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from courses.models import Attempt
from courses.queries.support import attempt_view
from lms.audit.api import record_look_up
from lms.lib.access import requires
from lms.users.models import User


@require_GET
@requires("courses.view_participants")
def attempt(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    """An attempt's data, its commits and its log. One of a person with protected identity is not there."""
    found = get_object_or_404(
        Attempt.objects.select_related("person", "edition__course", "edition__package"),
        public_id=public_id,
        edition__course__key=key,
        edition__package__isnull=False,
        is_preview=False,
        person__is_protected=False,
    )
    record_look_up(
        "view_attempt",
        by=cast(User, request.user),
        person=found.person,
        subject=f"attempt:{found.public_id}",
        purpose="support",
    )
    view = attempt_view(found, timezone.now())
    return render(request, "courses/editor/attempt.html", {"course": found.edition.course, "view": view})
