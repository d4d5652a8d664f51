"""Reminders that a manager has had sent."""

from __future__ import annotations

from django.db import models

from competence.models.employment import Employment
from competence.models.fact import Fact


class Reminder(Fact):
    """Somebody asked that the person be reminded, by e-mail, of what they lack or what expires in `employment`.

    `message`: the sender's own words, plain text. What is lacking is not kept: it is worked out when the mail is sent.
    Decides nothing. Personal data: message.
    """

    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="reminders")
    message = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.recorded_at} {self.employment}"
