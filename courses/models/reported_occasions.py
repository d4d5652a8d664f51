"""Figures about occasions that somebody else counted, before they were held here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ReportedOccasionFigure(models.Model):
    """A count about the occasions of a period as somebody reported it, without persons. Added, never changed.

    Never added to what is counted from the occasions here: the report shows the two beside each other. Days are local,
    both included. `town` empty: the source's own figure for all towns, which need not be the sum of its parts.
    `is_approximate`: the source says "about".
    """

    class Measure(models.TextChoices):
        ANNOUNCED = "announced", _("Occasions announced")
        CANCELLED = "cancelled", _("Occasions cancelled")
        HELD = "held", _("Occasions held")
        HOURS = "hours", _("Hours offered")
        PARTICIPANTS = "participants", _("Participants")
        COMMISSIONED = "commissioned", _("Participants at commissioned occasions")
        STUDENTS = "students", _("Of these, students")

    period_from = models.DateField()
    period_to = models.DateField()
    measure = models.CharField(max_length=20, choices=Measure.choices)
    town = models.CharField(max_length=80, blank=True)
    count = models.PositiveIntegerField()
    is_approximate = models.BooleanField(default=False)
    source = models.CharField(max_length=250)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-period_to", "source", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period_from", "period_to", "measure", "town", "source"],
                name="an_occasion_figure_is_reported_once",
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="a_reported_period_ends_after_its_start"
            ),
        ]
        verbose_name = _("reported figure about occasions")
        verbose_name_plural = _("reported figures about occasions")

    def __str__(self) -> str:
        return f"{self.period_to} {self.measure} {self.town} {self.count}"
