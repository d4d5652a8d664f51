"""Which ordering systems a machine client may ask about, and for which principals."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.ordering_system import OrderingSystem


class Scope(models.TextChoices):
    """What a machine client may do; its token carries some of these."""

    ELIGIBILITY_READ = "eligibility:read", _("Ask who may order")
    COMPLETIONS_WRITE = "completions:write", _("Report completed courses")
    STATISTICS_READ = "statistics:read", _("Read figures")
    ORGANISATION_WRITE = "organisation:write", _("Report units and employments")


class MachineClient(models.Model):
    """The binding of an OAuth 2 client to ordering systems and principals.

    `client_id` is the client's at the token endpoint, where its secret is kept as a hash. `principal_kinds` empty: all.
    """

    client_id = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=120)
    systems = models.ManyToManyField(OrderingSystem, related_name="machine_clients", blank=True)
    principal_kinds = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
