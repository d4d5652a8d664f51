"""Making a course that is held on site or by video."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from courses.actions.keys import require_free_key
from courses.models import Course
from courses.permissions import require_organiser
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal


@transaction.atomic
def create_occasion_course(
    *, key: str, title: str, minutes: int, by: Actor, description: str = "", level: str = Course.Level.SUPPLIER
) -> Course:
    """A course without content of its own; it is published with its first announced occasion.

    Raises Refusal when the key is taken or nothing is called.
    """
    require_organiser(by)
    require_free_key(key)
    if not title.strip():
        raise Refusal(_("Give the course a title."))
    course = Course.objects.create(
        key=key,
        title=title.strip(),
        minutes=minutes,
        description=description,
        level=level,
        kind=Course.Kind.OCCASION,
    )
    record_write("create_occasion_course", by=by, subject=f"course:{key}")
    return course
