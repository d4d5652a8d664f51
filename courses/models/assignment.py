"""A place on a course that somebody else has decided upon, with a day by which it is to be finished."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.enrolment import Enrolment


class CourseAssignment(models.Model):
    """The person is to finish the course by `due_on` (None: no day was set). Decided anew it takes the new day.

    Personal data: that of the enrolment, assigned_by.
    """

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="assignment")
    due_on = models.DateField(null=True, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_on"], name="assignment_due_on")]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")

    def __str__(self) -> str:
        return f"{self.enrolment} {self.due_on}"
