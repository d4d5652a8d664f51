"""A person tells of a change of name, workplace or task."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.employment import Employment
from competence.models.fact import Fact


class ChangeReport(Fact):
    """The person reports, within an employment, that something changes from `starts_on` on.

    It changes nothing by itself: names, workplaces and titles come from personnel data, rights from decisions.
    Personal data: text.
    """

    class Kind(models.TextChoices):
        NAME = "name", _("New name")
        WORKPLACE = "workplace", _("New workplace")
        TASK = "task", _("New title or task")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="change_reports")
    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="change_reports")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=300)
    starts_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()}"


class ChangeHandled(Fact):
    """A manager has seen to it. `comment` is for the person to read."""

    report = models.OneToOneField(ChangeReport, on_delete=models.PROTECT, related_name="handled")
    comment = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"✓ {self.report}"
