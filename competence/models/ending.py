"""How a fact stops: it ends, is revoked, or turns out to have been recorded in error."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.appointment import Appointment, Attestation, Exemption, LevelDecision
from competence.models.authorisation import Authorisation
from competence.models.completion import Completion
from competence.models.deputy import DeputyAssignment
from competence.models.employment import Employment, ManagerAssignment, Suspension
from competence.models.fact import Fact
from competence.models.merge import PersonMerge
from competence.models.transfer import SystemAdministrator

ENDED_FACTS = (
    "employment",
    "manager_assignment",
    "deputy_assignment",
    "suspension",
    "appointment",
    "level_decision",
    "attestation",
    "exemption",
    "authorisation",
    "completion",
    "system_administrator",
    "person_merge",
)


def _exactly_one() -> models.Q:
    condition = models.Q()
    for name in ENDED_FACTS:
        others = {f"{other}__isnull": True for other in ENDED_FACTS if other != name}
        condition |= models.Q(**{f"{name}__isnull": False}, **others)
    return condition


class Ending(Fact):
    """A fact that ends exactly one other fact at `takes_effect_at`. The kinds are those of `policy.facts.EndingKind`.

    A revocation has a reason and takes effect at once. A correction says that the fact never held; what was decided
    before the correction was recorded stays explained.
    """

    class Kind(models.TextChoices):
        ENDED = "ended", _("Ended")
        REVOKED = "revoked", _("Revoked")
        CORRECTED = "corrected", _("Recorded in error")

    # The ended fact's person, so that all endings of somebody are found at once.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="endings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    takes_effect_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    employment = models.ForeignKey(Employment, null=True, on_delete=models.PROTECT, related_name="endings")
    manager_assignment = models.ForeignKey(
        ManagerAssignment, null=True, on_delete=models.PROTECT, related_name="endings"
    )
    deputy_assignment = models.ForeignKey(DeputyAssignment, null=True, on_delete=models.PROTECT, related_name="endings")
    suspension = models.ForeignKey(Suspension, null=True, on_delete=models.PROTECT, related_name="endings")
    appointment = models.ForeignKey(Appointment, null=True, on_delete=models.PROTECT, related_name="endings")
    level_decision = models.ForeignKey(LevelDecision, null=True, on_delete=models.PROTECT, related_name="endings")
    attestation = models.ForeignKey(Attestation, null=True, on_delete=models.PROTECT, related_name="endings")
    exemption = models.ForeignKey(Exemption, null=True, on_delete=models.PROTECT, related_name="endings")
    authorisation = models.ForeignKey(Authorisation, null=True, on_delete=models.PROTECT, related_name="endings")
    completion = models.ForeignKey(Completion, null=True, on_delete=models.PROTECT, related_name="endings")
    system_administrator = models.ForeignKey(
        SystemAdministrator, null=True, on_delete=models.PROTECT, related_name="endings"
    )
    person_merge = models.ForeignKey(PersonMerge, null=True, on_delete=models.PROTECT, related_name="endings")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=_exactly_one(), name="ending_ends_exactly_one_fact"),
            models.CheckConstraint(
                condition=~models.Q(kind="revoked") | ~models.Q(reason=""), name="revocation_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.takes_effect_at}"
