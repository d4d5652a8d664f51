"""Which ordering systems a machine client may ask about, for which principals, and the secrets it shows."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from competence.models.ordering_system import OrderingSystem
from competence.models.organisation_unit import PrincipalKind


class Scope(models.TextChoices):
    """What a machine client may do; its token carries some of these."""

    ELIGIBILITY_READ = "eligibility:read", _("Ask who may order")
    COMPLETIONS_WRITE = "completions:write", _("Report completed courses")
    STATISTICS_READ = "statistics:read", _("Read figures")
    ORGANISATION_WRITE = "organisation:write", _("Report units and employments")


class MachineClient(models.Model):
    """The binding of an OAuth 2 client to ordering systems and principals.

    `client_id` is the client's at the token endpoint. `principal_kinds` empty: all. Whoever changes what a client may
    do locks its row first, and so does the token endpoint: no token is given on grounds that have just ended.
    """

    client_id = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=120)
    systems = models.ManyToManyField(OrderingSystem, related_name="machine_clients", blank=True)
    principal_kinds = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        permissions = (("manage_machine_clients", _("May admit machine clients and see what they ask")),)

    def __str__(self) -> str:
        return self.name

    @property
    def principal_labels(self) -> list[str]:
        """The principals whose people it sees; none: all."""
        return [str(PrincipalKind(kind).label) for kind in self.principal_kinds if kind in PrincipalKind.values]

    @property
    def actor_name(self) -> str:
        """What the client is called in logs and in the audit record."""
        return f"client:{self.client_id}"


class ClientSecretQuerySet(models.QuerySet["ClientSecret"]):
    def valid(self) -> ClientSecretQuerySet:
        """Those that have not ended, by the database's clock."""
        return self.filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=Now()))


class ClientSecret(models.Model):
    """A secret that a client may show for a token until `ends_at` (None: until somebody ends it).

    `hash` is Django's of a password. `beginning` is its first characters, so that people can tell which one is meant;
    the secret itself is nowhere.
    """

    client = models.ForeignKey(MachineClient, on_delete=models.CASCADE, related_name="secrets")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hash = models.CharField(max_length=200)
    beginning = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_name = models.CharField(max_length=150, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ClientSecretQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.client_id} {self.beginning}…"
