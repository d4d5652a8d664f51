"""Who did, and who looked up, what. Rows are added, never changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class AuditEvent(models.Model):
    """One thing that somebody did (`kind` write) or looked at (`kind` look-up).

    `actor` is a person, or None with `actor_name` for a machine client or a command. `person` is whom it concerns.
    Do not use it to decide anything: it is a record, the facts are in `competence`.
    Personal data: actor, actor_name, person, details. Do not put free text about health into details.
    """

    class Kind(models.TextChoices):
        WRITE = "write"
        LOOK_UP = "look_up"

    at = models.DateTimeField(db_default=Now(), editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    action = models.CharField(max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_events"
    )
    subject = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=120, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "at"]), models.Index(fields=["action", "at"])]

    def __str__(self) -> str:
        return f"{self.at} {self.actor_name} {self.action} {self.subject}"
