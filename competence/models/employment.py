"""Who works where, who manages whom, and who is away."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.fact import DatedFact, ends_after_start
from competence.models.organisation_unit import OrganisationUnit


class Employment(DatedFact):
    """A person works at a unit. A person may have several; appointments and ordering rights belong to one of them.

    `identity` is the identifier under which this employer knows the person. Personal data: person, title, profession.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="employments")
    unit = models.ForeignKey(OrganisationUnit, on_delete=models.PROTECT, related_name="employments")
    identity = models.ForeignKey(
        "users.EmployeeIdentity", null=True, blank=True, on_delete=models.PROTECT, related_name="employments"
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    profession = models.SlugField(_("profession"), max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [ends_after_start("employment_ends_after_start")]
        verbose_name = _("employment")
        verbose_name_plural = _("employments")

    def __str__(self) -> str:
        return f"{self.person} · {self.unit}"


class ManagerAssignment(DatedFact):
    """A person manages a unit and all below it: appoints, decides levels, approves. Ends like any fact."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="manager_assignments")
    unit = models.ForeignKey(OrganisationUnit, on_delete=models.PROTECT, related_name="manager_assignments")

    class Meta:
        constraints: ClassVar = [ends_after_start("manager_assignment_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.person} → {self.unit}"


class Suspension(DatedFact):
    """The person is on leave from, or barred in, an employment. It beats every permit.

    Holds no cause beyond `kind`: why somebody is on leave is none of our business.
    """

    class Kind(models.TextChoices):
        LEAVE = "leave", _("Leave")
        BARRED = "barred", _("Barred")

    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="suspensions")
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints: ClassVar = [ends_after_start("suspension_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.employment} · {self.get_kind_display()}"
