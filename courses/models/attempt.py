"""A run through a package."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.course_edition import CourseEdition
from courses.models.enrolment import Enrolment


class Attempt(models.Model):
    """A person's run through one edition of a course, over as many sittings as it takes.

    Its status only rises: started, failed, completed, passed. `finished_at` is set once, when it first counts as done;
    `closed_at` when nothing more may be written to it. `launch_id` names the sitting that may write: opening the course
    anew, in another tab or another day, gives a new one and fences the one before. A preview belongs to an editor, has
    no enrolment, and never yields a result.
    Personal data: person, and what the package wrote about them (`ScoRuntime`).
    """

    class Status(models.TextChoices):
        STARTED = "started", _("Started")
        FAILED = "failed", _("Not passed")
        COMPLETED = "completed", _("Completed")
        PASSED = "passed", _("Passed")

    class Outcome(models.TextChoices):
        NONE = "", _("No result yet")
        COMPLETION = "completion", _("Recorded as a completion")
        CLAIM = "claim", _("Waiting for the manager's word")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attempts")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.PROTECT, related_name="attempts")
    edition = models.ForeignKey(CourseEdition, on_delete=models.PROTECT, related_name="attempts")
    is_preview = models.BooleanField(default=False)
    number = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.STARTED)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.NONE, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    current_item = models.CharField(max_length=255, blank=True)
    launch_id = models.UUIDField(null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    last_commit_at = models.DateTimeField(null=True, blank=True)
    earlier_seconds = models.PositiveIntegerField(default=0, help_text="Wall-clock time of the sittings before this.")

    class Meta:
        ordering = ("-started_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "number"], name="attempt_number_is_unique_in_its_enrolment"),
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(closed_at=None, is_preview=False), name="one_open_attempt_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(is_preview=True, enrolment=None, outcome="", finished_at=None)
                | Q(is_preview=False, enrolment__isnull=False),
                name="a_preview_has_no_enrolment_and_no_result",
            ),
        ]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.person} · {self.edition}"
