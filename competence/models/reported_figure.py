"""Figures that arrive as sums, without persons."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from competence.models.course_reference import CourseReference
from competence.models.fact import Fact


class ReportedFigure(Fact):
    """A count of completions as somebody reported it. Never added to the completions of known persons.

    `principal_kind` `total`: the source's own total, which need not be the sum of its parts; keep both.
    `period_from` None: since the beginning. Days are local, both included.
    """

    course = models.ForeignKey(CourseReference, on_delete=models.PROTECT, related_name="reported_figures")
    principal_kind = models.CharField(
        max_length=20,
        choices=[("total", "total"), ("vgr", "vgr"), ("municipality", "municipality"), ("private", "private")],
    )
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField()
    count = models.PositiveIntegerField()
    source = models.CharField(max_length=250)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["course", "principal_kind", "period_from", "period_to", "source"],
                condition=models.Q(period_from__isnull=False),
                name="figure_of_a_period_is_reported_once",
            ),
            models.UniqueConstraint(
                fields=["course", "principal_kind", "period_to", "source"],
                condition=models.Q(period_from__isnull=True),
                name="figure_since_the_beginning_is_reported_once",
            ),
        ]
        permissions: ClassVar = [
            ("view_statistics", "May see statistics"),
            ("view_person_statistics", "May see persons in statistics"),
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.period_to} {self.count}"
