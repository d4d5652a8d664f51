"""Published rule sets. The requirements themselves are in the document that a version holds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.fact import Fact


class RuleSetVersion(Fact):
    """A numbered, immutable version of the rules; `recorded_at` is when it was published.

    It takes effect by itself at `in_force_from`. `document` is what `competence.policy.document` compiles.
    """

    version = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    in_force_from = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("version",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(version__gte=1), name="rule_set_versions_count_from_one")
        ]
        permissions: ClassVar = [("manage_rules", _("May publish rules"))]

    def __str__(self) -> str:
        return f"{self.version}"
