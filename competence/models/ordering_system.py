"""The ordering systems and their rights by name. What a right demands is in the rule set."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderingSystem(models.Model):
    """A system in which people order: webSesam, SesamLMN, their replacements."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    url = models.URLField(blank=True)

    class Meta:
        ordering = ("key",)
        verbose_name = _("ordering system")
        verbose_name_plural = _("ordering systems")

    def __str__(self) -> str:
        return self.name


class OrderingRight(models.Model):
    """A right in an ordering system, under its stable key such as `websesam.health-care`."""

    key = models.CharField(max_length=60, unique=True)
    system = models.ForeignKey(OrderingSystem, on_delete=models.PROTECT, related_name="rights")
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    needs_customer_number = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "key")
        verbose_name = _("ordering right")
        verbose_name_plural = _("ordering rights")

    def __str__(self) -> str:
        return self.title
