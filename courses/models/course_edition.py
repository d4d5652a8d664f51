"""A version of a course's content."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.course import Course
from courses.models.scorm_package import ScormPackage


class CourseEdition(models.Model):
    """One version of a course, numbered from 1: a package, where the course is one of packages.

    New attempts get the newest published one that is not withdrawn.
    An attempt stays on the edition it began with: publishing a newer one does not disturb it, withdrawing does.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    package = models.ForeignKey(ScormPackage, null=True, blank=True, on_delete=models.PROTECT, related_name="editions")
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="Of frozen lessons; empty for a package.")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "number"], name="edition_number_is_unique_in_its_course"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(published_at=None), name="only_a_published_edition_is_withdrawn"
            ),
        ]
        verbose_name = _("course edition")
        verbose_name_plural = _("course editions")

    def __str__(self) -> str:
        return f"{self.course} ({self.number})"

    @property
    def scorm_package(self) -> ScormPackage:
        """The package of an edition that is known to have one. Raises ValueError for an edition of another kind."""
        if self.package is None:
            raise ValueError(f"{self} is no package")
        return self.package

    @property
    def is_live(self) -> bool:
        """Published and not withdrawn: attempts on it may go on."""
        return self.published_at is not None and self.withdrawn_at is None
