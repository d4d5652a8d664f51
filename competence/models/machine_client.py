"""Which ordering systems a machine client may ask about, and for which principals."""

from __future__ import annotations

from django.db import models

from competence.models.ordering_system import OrderingSystem


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
