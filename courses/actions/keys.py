"""The names of courses in addresses and records."""

from __future__ import annotations

from django.utils.translation import gettext as _

from courses.models import Course
from lms.lib.errors import Refusal

RESERVED = frozenset({"film", "forsok", "kursbevis", "ny", "ny-med-lektioner", "tillfallen"})
"""What stands in addresses where the key of a course stands in others: a course of that name could not be reached."""


def require_free_key(key: str) -> None:
    """Raises Refusal when another course has `key`, or pages of other kinds have it in their addresses."""
    if Course.objects.filter(key=key).exists():
        raise Refusal(_("There is already a course with the key “%(key)s”. Choose another.") % {"key": key})
    if key in RESERVED:
        raise Refusal(_("The key “%(key)s” is taken by the service’s own pages. Choose another.") % {"key": key})
