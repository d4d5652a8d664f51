"""How much each machine client asks, hour by hour, and the alarms when that is out of the ordinary."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.machine_client import MachineClient


class LookUpHour(models.Model):
    """What a client asked in the hour from `starts_at`: answers, different HSA-IDs, and those that nobody here has.

    `listed`: different people whom lists of holders named, or pages of the change feed that it had read before.
    `feed_number`: how far in the feed it came; 0: it read nothing of it. `last_at`: when it asked last.
    Counted from the look-up log, and counted anew while the hour lasts: no fact, and nothing is lost with it.
    """

    client = models.ForeignKey(MachineClient, on_delete=models.CASCADE, related_name="look_up_hours")
    starts_at = models.DateTimeField()
    answers = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()
    listed = models.PositiveIntegerField(default=0, db_default=0)
    feed_number = models.PositiveBigIntegerField(default=0, db_default=0)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "starts_at"], name="one_count_of_an_hour_for_a_client")
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.starts_at}: {self.answers}"


class HarvestAlarm(models.Model):
    """A client asked, in the hour from `starts_at`, about more (`counted`) than it may unremarked (`expected`).

    Raised once for a client, kind and hour. It stops nothing. `is_ordinary`: somebody has looked, and such an hour is
    what this client does from now on.
    """

    class Kind(models.TextChoices):
        PEOPLE = "people", _("Unusually many different people")
        UNKNOWN = "unknown", _("Many HSA-IDs that nobody here has")
        LISTED = "listed", _("Lists that name unusually many people")

    client = models.ForeignKey(MachineClient, on_delete=models.CASCADE, related_name="harvest_alarms")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    starts_at = models.DateTimeField()
    counted = models.PositiveIntegerField()
    expected = models.PositiveIntegerField()
    raised_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_ordinary = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-raised_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "kind", "starts_at"], name="one_alarm_of_a_kind_for_a_client_in_an_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.kind} {self.starts_at}"
