"""The organisation: principals, their associations, and the units below."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node


class PrincipalKind(models.TextChoices):
    """The kinds of principal (huvudman). Statistics count them apart."""

    VGR = "vgr", _("VGR")
    MUNICIPALITY = "municipality", _("Municipality")
    PRIVATE = "private", _("Private provider")


class OrganisationUnit(MP_Node):  # type: ignore[misc]
    """A node of the organisation tree: a principal, a part of one, or a unit where people work.

    Every node below a principal has its `principal_kind`; the nodes above (the whole, the associations of
    municipalities) have none. Children stand in the order in which they were added, and a list sorts by name: an order
    kept in the tree would move the paths of other units at every addition, and permissions go by path.
    """

    class Kind(models.TextChoices):
        ROOT = "root", _("All")
        ASSOCIATION = "association", _("Association of municipalities")
        PRINCIPAL = "principal", _("Principal")
        PART = "part", _("Part of a principal")
        UNIT = "unit", _("Unit")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    principal_kind = models.CharField(max_length=20, choices=PrincipalKind.choices, blank=True)

    class Meta:
        verbose_name = _("organisational unit")
        verbose_name_plural = _("organisational units")

    def __str__(self) -> str:
        return str(self.name)


class CustomerNumber(models.Model):
    """The six digits under which a supplier's ordering system knows a unit."""

    unit = models.ForeignKey(OrganisationUnit, on_delete=models.PROTECT, related_name="customer_numbers")
    number = models.CharField(
        max_length=6, unique=True, validators=[RegexValidator(r"\A\d{6}\Z", _("A customer number has six digits."))]
    )

    class Meta:
        verbose_name = _("customer number")
        verbose_name_plural = _("customer numbers")

    def __str__(self) -> str:
        return self.number
