"""Requests that a machine client may send again without anything being done twice."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now


class IdempotentRequest(models.Model):
    """A write with an `Idempotency-Key`, and its answer.

    `fingerprint` is of the method, the address and the body. `status` null: being carried out since `begun_at` by who
    made the `claim`. The answer is encrypted, since it may hold a secret that is shown once. Rows older than a day are
    deleted.
    """

    client_id = models.CharField(max_length=100)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    claim = models.UUIDField(default=uuid.uuid4)
    begun_at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)
    media_type = models.CharField(max_length=60, blank=True)
    answer = models.BinaryField(default=b"")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client_id", "key"], name="one_request_for_each_key"),)

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"
