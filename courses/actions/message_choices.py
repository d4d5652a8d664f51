"""Choosing which reminders to have."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from courses.models import MessageChoice
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.users.models import User


@transaction.atomic
def choose_messages(*, person: User, wanted: Collection[str], offered: Collection[str], by: Actor) -> None:
    """`person` wants the topics `wanted` of those `offered`, and not the others of these. Only for oneself."""
    if by != person:
        raise PermissionDenied("choose for another person")
    MessageChoice.objects.bulk_create(
        [
            MessageChoice(person=person, topic=topic, is_wanted=topic in wanted, chosen_at=timezone.now())
            for topic in offered
        ],
        update_conflicts=True,
        unique_fields=["person", "topic"],
        update_fields=["is_wanted", "chosen_at"],
    )
    record_write("choose_messages", by=by, subject=f"person:{person.public_id}", person=person, wanted=sorted(wanted))
