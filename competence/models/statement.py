"""Signed statements: the keys that sign them, and which were given."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from competence.models.machine_client import MachineClient


class StatementKeyQuerySet(models.QuerySet["StatementKey"]):
    def published(self) -> StatementKeyQuerySet:
        """Those that verify: the next, the current, and retired ones whose last statement has not expired."""
        return self.filter(models.Q(published_until__isnull=True) | models.Q(published_until__gt=Now()))

    def signing(self) -> StatementKeyQuerySet:
        """Those that may sign, the one that does first."""
        return self.published().filter(signs_from__lte=Now()).order_by("-signs_from", "-pk")


class StatementKey(models.Model):
    """A pair of keys (ES256). It is published when it is made and signs from `signs_from`, until a later one does.

    `sealed` is the private part (`lms.lib.sealing`), empty once the key no longer signs. `published_until`: set when
    another takes over; the past when it was withdrawn.
    """

    kid = models.CharField(max_length=64, unique=True)
    jwk = models.JSONField()
    sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    signs_from = models.DateTimeField()
    published_until = models.DateTimeField(null=True, blank=True)

    objects = StatementKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["signs_from", "pk"]

    def __str__(self) -> str:
        return self.kid


class IssuedStatement(models.Model):
    """That an answer was given as a signed statement, so that its status can be asked for. Names nobody."""

    decision_id = models.UUIDField(primary_key=True, editable=False)
    client = models.ForeignKey(MachineClient, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(StatementKey, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.decision_id)
