"""What is taught."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Course(models.Model):
    """A course that is held here. Its content comes in editions; competence knows it by its `key` alone.

    The key never changes once the course is published: completions are recorded under it. `minutes` is about how long
    it takes, and what time spent is held against. `is_open`: anybody who has logged in may enrol themselves.
    """

    class Kind(models.TextChoices):
        PACKAGE = "package", _("Web course (SCORM package)")
        LESSONS = "lessons", _("Web course (lessons)")
        OCCASION = "occasion", _("Course on site or by video")

    class Level(models.TextChoices):
        NATIONAL = "national", _("National")
        REGIONAL = "regional", _("Regional")
        LOCAL = "local", _("Local")
        SUPPLIER = "supplier", _("Supplier")

    key = models.SlugField(_("key"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    language = models.CharField(
        _("language"), max_length=5, default="sv", choices=[("sv", "Svenska"), ("en", "English")]
    )
    level = models.CharField(_("level"), max_length=20, choices=Level.choices, default=Level.REGIONAL)
    minutes = models.PositiveIntegerField(_("minutes"))
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PACKAGE)
    is_open = models.BooleanField(_("open to everybody"), default=True)
    is_published = models.BooleanField(_("published"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("title", "key")
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        permissions: ClassVar = [
            ("edit_courses", "Can edit courses and their packages"),
            ("view_participants", "Can see who takes a course and how it goes for them"),
            ("decide_package_trust", "Can decide that a package's own result counts"),
        ]

    def __str__(self) -> str:
        return self.title
