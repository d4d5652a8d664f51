"""E-mail about an event, one to each recipient."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from lms.lib.mailing import QueuedMail


class Notice(QueuedMail):
    """An e-mail that is to be, or has been, sent to `recipient` about the event with `revision`: once.

    The words are made when it is sent, in the recipient's language. Dropped when it no longer concerns them, for
    instance because somebody else is the manager now. Personal data: recipient.
    """

    revision = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "recipient"], name="one_notice_of_an_event_to_a_recipient")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=models.Q(sent_at__isnull=True, dropped_at__isnull=True),
                name="notice_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision} {self.kind} {self.recipient}"
