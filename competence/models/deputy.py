"""Deputies: who may decide in a manager's place, where, and from which day to which."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from competence.models.employment import ManagerAssignment
from competence.models.fact import DatedFact, Fact, ends_after_start
from competence.models.organisation_unit import OrganisationUnit


class DeputyAssignment(DatedFact):
    """`person` may decide in the manager's place at `unit` and all below, from a day to a day. Ends like any fact.

    It rests on `manager_assignment`, the manager's own, and never reaches further: when that ends, so does this. A
    deputy appoints no deputy. What it gives at an instant is said by `competence.permissions` alone.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputy_assignments")
    manager_assignment = models.ForeignKey(ManagerAssignment, on_delete=models.PROTECT, related_name="deputies")
    unit = models.ForeignKey(OrganisationUnit, on_delete=models.PROTECT, related_name="deputy_assignments")

    class Meta:
        constraints: ClassVar = [
            ends_after_start("deputy_assignment_ends_after_start"),
            models.CheckConstraint(condition=models.Q(ends_on__isnull=False), name="deputy_assignment_has_a_last_day"),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.unit}"


class DeputyAct(Fact):
    """The change that was recorded at `recorded_at` was made by a deputy, by virtue of `deputy_assignment`.

    A change's instant is its own, so this tells of every fact and decision that bears the same instant. Kept apart from
    the facts because nearly none of them has one.
    """

    deputy_assignment = models.ForeignKey(DeputyAssignment, on_delete=models.PROTECT, related_name="acts")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["recorded_at"], name="one_deputy_act_of_a_change")]

    def __str__(self) -> str:
        return f"{self.recorded_at} {self.deputy_assignment}"
