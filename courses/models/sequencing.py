"""Where a learner is in a package of several parts, and what such packages share."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.attempt import Attempt
from courses.models.course import Course


class SequencingState(models.Model):
    """The sequencing engine's session for one attempt, as `courses.scorm.sequencing.tracking.Session.to_json`.

    Written when the learner moves from one part to another, never by a mere commit. Kept as text, like run-time data.
    Personal data: all of it.
    """

    attempt = models.OneToOneField(Attempt, primary_key=True, on_delete=models.CASCADE, related_name="sequencing")
    state = models.TextField(default="{}")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("place in a package")
        verbose_name_plural = _("places in packages")

    def __str__(self) -> str:
        return str(self.attempt)


class SharedValue(models.Model):
    """What one package has put where others of the same learner may read it, as SCORM 2004 has it: the state of an
    objective that is global to the system (`value` is JSON), or a text in a store that is (`adl.data`).

    `course` wrote it last: when that course is begun anew, its own values go.
    Personal data: person and value; a stranger's text.
    """

    class Kind(models.TextChoices):
        OBJECTIVE = "objective", _("objective")
        DATA = "data", _("data")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    target = models.CharField(max_length=500)
    value = models.TextField()
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "target"], name="a_value_is_shared_once_by_its_name")
        ]
        verbose_name = _("shared value")
        verbose_name_plural = _("shared values")

    def __str__(self) -> str:
        return f"{self.person} · {self.target}"
