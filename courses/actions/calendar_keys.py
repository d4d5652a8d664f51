"""The secret address of a person's calendar: making a new one, which ends the old, and taking it away."""

from __future__ import annotations

import hashlib
import secrets

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from courses.models import CalendarKey
from lms.audit.api import record_write
from lms.lib.sealing import Unreadable, seal, unseal
from lms.users.models import User

_USE = "courses.calendar"


@transaction.atomic
def renew_calendar(*, person: User, by: User) -> str:
    """A new secret for `person`'s calendar; the address with the old one stops at once."""
    _own(person, by)
    token = secrets.token_urlsafe(32)
    CalendarKey.objects.update_or_create(
        person=person,
        defaults={
            "digest": _digest(token),
            "sealed": seal(token.encode(), use=_USE, owner=str(person.pk)),
            "made_at": timezone.now(),
        },
    )
    record_write("renew_calendar", by=by, person=person, subject=f"calendar:{person.public_id}")
    return token


@transaction.atomic
def close_calendar(*, person: User, by: User) -> None:
    """No address opens the calendar any more. Again changes nothing."""
    _own(person, by)
    if CalendarKey.objects.filter(person=person).delete()[0]:
        record_write("close_calendar", by=by, person=person, subject=f"calendar:{person.public_id}")


def calendar_token(person: User) -> str:
    """The secret of the person's calendar; empty when there is none, or it can no longer be read."""
    key = CalendarKey.objects.filter(person=person).first()
    if key is None:
        return ""
    try:
        return unseal(key.sealed, use=_USE, owner=str(person.pk)).decode()
    except Unreadable:
        return ""


def owner_of(token: str) -> User | None:
    """Whose calendar the secret opens. Nobody's, once they may no longer log in."""
    key = CalendarKey.objects.select_related("person").filter(digest=_digest(token), person__is_active=True).first()
    return key.person if key else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _own(person: User, by: User) -> None:
    if by != person:
        raise PermissionDenied("another person's calendar")
