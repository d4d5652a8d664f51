"""What a manager decides about a person, within one employment."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.fact import DatedFact, ends_after_start


class Appointment(DatedFact):
    """The manager appointed the person to a competence role. The care provider answers for it (HSLF-FS 2021:52)."""

    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="appointments")
    role = models.ForeignKey(CompetenceRole, on_delete=models.PROTECT, related_name="appointments")

    class Meta:
        constraints: ClassVar = [ends_after_start("appointment_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.employment} · {self.role}"


class LevelDecision(DatedFact):
    """The manager, or whoever answers for the medical care, decided how much of the national course is needed."""

    class Level(models.TextChoices):
        FULL = "full", _("Full course")
        BASIC = "basic", _("Basic level")

    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="level_decisions")
    role = models.ForeignKey(
        CompetenceRole, null=True, blank=True, on_delete=models.PROTECT, related_name="level_decisions"
    )
    level = models.CharField(max_length=10, choices=Level.choices)

    class Meta:
        constraints: ClassVar = [ends_after_start("level_decision_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.employment} · {self.get_level_display()}"


class Attestation(DatedFact):
    """A manager attests what no course shows: the basic level, self-study, the unit's own introduction.

    `attestation` is the name that the rule set uses. `employment` None: it follows the person to other employers.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attestations")
    employment = models.ForeignKey(
        Employment, null=True, blank=True, on_delete=models.PROTECT, related_name="attestations"
    )
    attestation = models.SlugField(max_length=100)

    class Meta:
        constraints: ClassVar = [ends_after_start("attestation_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.person} · {self.attestation}"


class Exemption(DatedFact):
    """The person need not meet one requirement (its key in the rule set), for a stated reason."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exemptions")
    employment = models.ForeignKey(
        Employment, null=True, blank=True, on_delete=models.PROTECT, related_name="exemptions"
    )
    requirement = models.SlugField(max_length=100)
    reason = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [ends_after_start("exemption_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.person} · {self.requirement}"
