"""The competence roles by name. What a role demands is in the rule set."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CompetenceRole(models.Model):
    """A role such as *Förskrivare av förbrukningsartiklar*. Roles are renamed, merged and added over time; the days on
    which it is in use and `replaced_by` repeat what the rules in force say, for those who read lists."""

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta:
        ordering = ("position", "key")
        verbose_name = _("competence role")
        verbose_name_plural = _("competence roles")

    def __str__(self) -> str:
        return self.title
