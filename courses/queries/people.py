"""Finding the one person that an organiser means."""

from __future__ import annotations

from django.db.models import Q

from lms.users.models import EmployeeIdentity, User, fold_identifier


def person_named(text: str) -> User | None:
    """The active person with the user name, HSA-ID or VGR-ID; None when there is nobody, or more than one."""
    text = text.strip()
    if not text:
        return None
    ids = EmployeeIdentity.objects.filter(folded_value=fold_identifier(text)).values("person")
    found = list(User.objects.filter(Q(username__iexact=text) | Q(pk__in=ids), is_active=True)[:2])
    return found[0] if len(found) == 1 else None
