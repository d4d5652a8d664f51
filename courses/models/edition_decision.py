"""Whether a new edition is the same course."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.course_edition import CourseEdition


class EditionDecision(models.Model):
    """Somebody has decided, on a certain day and for a reason, whether an edition that follows another is the same
    course: then whoever completed an earlier one need not take it again, and the rules see no difference.

    One that is not becomes a course with a key of its own (`was_of` then names the course it was uploaded to), and
    whether the old one counts for it is a dated equivalence in the rules. Added, never changed.
    """

    edition = models.ForeignKey(CourseEdition, on_delete=models.PROTECT, related_name="decisions")
    is_same_course = models.BooleanField()
    was_of = models.CharField(max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by_name = models.CharField(max_length=150)

    class Meta:
        ordering = ("-decided_at", "-id")
        verbose_name = _("decision on an edition")
        verbose_name_plural = _("decisions on editions")

    def __str__(self) -> str:
        return f"{self.edition}: {self.is_same_course}"
