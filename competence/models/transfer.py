"""What must be entered by hand in an ordering system that does not ask the API yet."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.authorisation import Authorisation
from competence.models.fact import DatedFact, Fact, ends_after_start
from competence.models.ordering_system import OrderingSystem


class SystemAdministrator(DatedFact):
    """A person administers an ordering system: sees the rights in it that are to be entered there, and marks them."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="administered_systems")
    system = models.ForeignKey(OrderingSystem, on_delete=models.PROTECT, related_name="administrators")

    class Meta:
        constraints: ClassVar = [ends_after_start("system_administrator_ends_after_start")]
        permissions: ClassVar = [
            ("assign_system_administrators", "May say who administers an ordering system"),
            ("transfer_rights", "May enter rights in the ordering systems that they administer"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.system}"


class TransferDone(Fact):
    """Somebody entered the beginning, or the stop, of an ordering right in the ordering system on `carried_out_on`.

    What is to be entered is not kept here: it follows from the facts (`competence.queries.transfers`), so nothing can
    be forgotten. `TransferUndone` takes a mark back.
    """

    class Step(models.TextChoices):
        START = "start", _("Enter")
        STOP = "stop", _("Remove")

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="transfers")
    step = models.CharField(max_length=5, choices=Step.choices)
    carried_out_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.authorisation}"


class TransferUndone(Fact):
    """The mark was set in error, for `reason`: the entry is to be carried out again."""

    done = models.OneToOneField(TransferDone, on_delete=models.PROTECT, related_name="undone")
    reason = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"↶ {self.done}"


class LapseWarning(models.Model):
    """The person was told, `days_before` the instant, that the right lapses at `lapses_at` without a log-in: once.

    A log-in moves the lapse, so that the next one is told of anew.
    """

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="lapse_warnings")
    lapses_at = models.DateTimeField()
    days_before = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authorisation", "lapses_at", "days_before"], name="a_lapse_is_told_of_once_at_each_distance"
            )
        ]

    def __str__(self) -> str:
        return f"{self.authorisation} {self.days_before}"
