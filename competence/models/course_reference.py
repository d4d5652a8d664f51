"""Courses as competence knows them: a key and a title. What is taught, and how, is not known here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CourseReference(models.Model):
    """A course that requirements and completions name, whether it is held here, elsewhere, or no longer.

    `url` is where to take it (a path of ours, or an address outside); `minutes` about how long it takes. Never add a
    key into another app.
    """

    class Level(models.TextChoices):
        NATIONAL = "national", _("National")
        REGIONAL = "regional", _("Regional")
        LOCAL = "local", _("Local")
        SUPPLIER = "supplier", _("Supplier")

    key = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=250)
    level = models.CharField(max_length=20, choices=Level.choices)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    url = models.CharField(max_length=500, blank=True)
    is_external = models.BooleanField(
        default=False, help_text=_("Taken outside this service; the person shows a certificate.")
    )
    ended_on = models.DateField(null=True, blank=True, help_text=_("The last day on which it could be taken."))

    class Meta:
        ordering = ("key",)
        verbose_name = _("course reference")
        verbose_name_plural = _("course references")

    def __str__(self) -> str:
        return self.title
