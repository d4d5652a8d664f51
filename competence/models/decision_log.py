"""Every answer given to an ordering system, so that it can be shown and replayed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DecisionLog(models.Model):
    """An eligibility decision as it was given.

    `valid_at`, `known_at`, the question and the facts of `person` make the same decision again. Rows are added, never
    changed. Personal data: person, hsa_id, answer.
    """

    decision_id = models.UUIDField(default=uuid.uuid4, primary_key=True, editable=False)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.CharField(max_length=150)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="logged_decisions"
    )
    hsa_id = models.CharField(max_length=64)
    right = models.CharField(max_length=60)
    question = models.JSONField(default=dict)
    valid_at = models.DateTimeField()
    known_at = models.DateTimeField()
    outcome = models.CharField(max_length=30)
    policy_version = models.PositiveIntegerField()
    revision = models.BigIntegerField()
    answer = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=["person", "asked_at"]),)
        permissions = (("view_any_history", _("May see anybody's eligibility at any time")),)

    def __str__(self) -> str:
        return f"{self.decision_id} {self.outcome}"
