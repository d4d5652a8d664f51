"""Telling every process that what it remembers is out of date.

Call these in the transaction that makes the change: at its commit, not before, whoever asks next reads anew. A process
that asked in between has read the old state with the old counter, and finds another counter the next time.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from competence.models.epoch import Epoch


@transaction.atomic
def bump_clients() -> None:
    """A machine client, its binding, one of its secrets or one of its tokens has changed, or is gone."""
    _bump("clients")


@transaction.atomic
def bump_names() -> None:
    """A course is called otherwise, is found elsewhere or takes another time."""
    _bump("names")


def _bump(counter: str) -> None:
    if not Epoch.objects.filter(pk=1).update(**{counter: F(counter) + 1}):  # a database emptied by hand or by a test
        Epoch.objects.get_or_create(pk=1)
        _bump(counter)
