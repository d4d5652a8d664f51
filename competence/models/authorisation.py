"""Ordering rights granted, the applications for them, and the log-ins that keep them alive."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.employment import Employment
from competence.models.fact import DatedFact, Fact, ends_after_start
from competence.models.ordering_system import OrderingRight, OrderingSystem


class Authorisation(DatedFact):
    """An ordering right granted to a person within one employment, with which it ends."""

    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="authorisations")
    right = models.ForeignKey(OrderingRight, on_delete=models.PROTECT, related_name="authorisations")
    customer_number = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints: ClassVar = [ends_after_start("authorisation_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.employment} · {self.right}"


class SystemLogin(Fact):
    """The person logged in to an ordering system at `logged_in_at`, as that system reported."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="system_logins")
    system = models.ForeignKey(OrderingSystem, on_delete=models.PROTECT, related_name="logins")
    logged_in_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "system", "logged_in_at"], name="login_is_reported_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.system}"


class AuthorisationApplication(models.Model):
    """An application for an ordering right (behörighetsansökan), with the fields of webSesam's form.

    A draft may lack anything; a submitted one is complete. A decided one does not change. `changes` is the right held
    that a change replaces, or that an end ends; several customer numbers are as many applications.
    Personal data: everything that the form asks for.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")

    class Concerns(models.TextChoices):
        NEW = "new", _("New right")
        CHANGE = "change", _("Change")
        END = "end", _("End")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_number = models.CharField(max_length=20, unique=True, editable=False)
    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="applications")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    concerns = models.CharField(_("application for"), max_length=10, choices=Concerns.choices, default=Concerns.NEW)
    right = models.ForeignKey(
        OrderingRight, null=True, blank=True, on_delete=models.PROTECT, related_name="applications"
    )
    changes = models.ForeignKey(
        Authorisation, null=True, blank=True, on_delete=models.PROTECT, related_name="applications_to_change"
    )
    customer_number = models.CharField(_("customer number"), max_length=6, blank=True)
    starts_on = models.DateField(_("start date"), null=True, blank=True)
    has_e_invoice = models.BooleanField(_("access to eFaktura"), default=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    vgr_id = models.CharField(_("VGR-ID"), max_length=64, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    system_user_id = models.CharField(_("existing user id in the ordering system"), max_length=64, blank=True)
    hsa_id = models.CharField(_("HSA-ID"), max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.CharField(max_length=500, blank=True)
    authorisation = models.OneToOneField(
        Authorisation, null=True, blank=True, on_delete=models.PROTECT, related_name="application"
    )

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("application for an ordering right")
        verbose_name_plural = _("applications for ordering rights")

    def __str__(self) -> str:
        return self.case_number


class CaseSeries(models.Model):
    """The latest case number of a year. A number is never given twice, also when the draft that had it is deleted."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    latest = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}-{self.latest:05d}"
