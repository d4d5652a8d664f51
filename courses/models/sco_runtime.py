"""What a package has written about a learner."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.attempt import Attempt


class ScoRuntime(models.Model):
    """The run-time data of one part (SCO) of a package in one attempt.

    `data` is a JSON object of element names to strings, kept as text on purpose: it is written often and never
    searched, and pages of it are left half empty on PostgreSQL so that an update stays in place. Put no index on
    anything that a commit changes. `sequence` rises with each commit of the sitting `launch_id`. `recent` tells of the
    last commits (`courses.scorm.ordinary.noted`).
    Personal data: all of it; and it is a stranger's text, so show it as text only.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="runtimes", db_index=False)
    item = models.CharField(max_length=255)
    data = models.TextField(default="{}")
    completion = models.CharField(max_length=15, default="not attempted")
    success = models.CharField(max_length=10, default="unknown")
    score = models.FloatField(null=True, blank=True)
    has_ended = models.BooleanField(default=False)
    total_seconds = models.FloatField(default=0)
    session_seconds = models.FloatField(default=0)
    launch_id = models.UUIDField(null=True, blank=True)
    sequence = models.BigIntegerField(default=0)
    recent = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "item"], name="one_runtime_for_each_part_of_an_attempt")
        ]
        verbose_name = _("run-time data")
        verbose_name_plural = _("run-time data")

    def __str__(self) -> str:
        return f"{self.attempt} · {self.item}"
