"""What others must hear of, written in the transaction that made it happen."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


def new_feed() -> str:
    """What tells one feed from another."""
    return secrets.token_hex(4)


class Revision(models.Model):
    """The one row that numbers changes and gives them their instant.

    Its lock is held from the numbering to the commit, so numbers and instants appear in commit order: whoever has read
    revision 10 has seen every change up to 10, and no later change will bear an instant up to 10's.

    `events` numbers the changes of eligibility in the same way (see `models.feed`); `feed` tells this feed from that of
    another database. `feed_began_at` None: not everybody's outcomes have been told yet, so nobody may read it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=datetime(2000, 1, 1, tzinfo=UTC))
    events = models.BigIntegerField(default=0)
    feed = models.CharField(max_length=8, default=new_feed)
    feed_began_at = models.DateTimeField(null=True, default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_revision_row")]

    def __str__(self) -> str:
        return str(self.number)


class OutboxEvent(models.Model):
    """An event to deliver, at least once and in order per person. `delivered_at` None: still to deliver."""

    revision = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=60)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="outbox_events"
    )
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["revision"],
                condition=models.Q(delivered_at__isnull=True, parked_at__isnull=True),
                name="outbox_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision} {self.kind}"
