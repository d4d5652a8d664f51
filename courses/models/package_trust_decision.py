"""Whether a package's own word is enough."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.course import Course


class PackageTrustDecision(models.Model):
    """An administrator has decided whether what a course's package reports counts by itself, from a certain day on.

    A learner with a browser's console can make any SCORM package report *passed*, and no server can see it. So without
    such a decision a finished course goes to the manager to attest. Added, never changed: of those that have begun to
    apply, the one decided last holds.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="trust_decisions")
    is_trusted = models.BooleanField()
    from_on = models.DateField(_("applies from"))
    reason = models.CharField(_("reason"), max_length=500)
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ("-decided_at", "-id")
        indexes: ClassVar = [models.Index(fields=["course", "-decided_at"])]
        verbose_name = _("decision on a package's own result")
        verbose_name_plural = _("decisions on packages' own results")

    def __str__(self) -> str:
        return f"{self.course}: {self.is_trusted} {self.from_on}"
