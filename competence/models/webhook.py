"""Where a machine client wants changes of eligibility sent, and how far that has come."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from competence.models.machine_client import MachineClient


class Webhook(models.Model):
    """An address of a client's, and its place in the feed: everything up to number `place` of `feed` has arrived.

    One worker at a time sends (`lease`, until `leased_until`). `failing_since`: the first of the failures that go on;
    nothing is tried again before `next_attempt_at`. `test_asked_at`: a test message is to be sent.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        PARKED = "parked", _("Parked: it failed for too long")
        GONE = "gone", _("Ended by the receiver (410)")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(MachineClient, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    feed = models.CharField(max_length=8)
    place = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)
    last_delivered_at = models.DateTimeField(null=True, blank=True)
    test_asked_at = models.DateTimeField(null=True, blank=True)
    test_result = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.url


class WebhookSecretQuerySet(models.QuerySet["WebhookSecret"]):
    def valid(self) -> WebhookSecretQuerySet:
        """Those that sign now, the latest first."""
        alive = models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=Now())
        return self.filter(alive).order_by("-created_at", "-pk")


class WebhookSecret(models.Model):
    """What messages to a webhook are signed with, until `ends_at`. Sealed (`lms.lib.sealing`): it is needed to sign."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="secrets")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookSecretQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.public_id}"
