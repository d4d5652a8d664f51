"""What every fact has in common: it is recorded once and never changed."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from django.conf import settings
from django.db import models

M = TypeVar("M", bound=models.Model)


class FactIsAppendOnly(TypeError):
    """Somebody tried to change or delete a fact. Record an `Ending`, or a new fact, instead."""


class FactQuerySet(models.QuerySet[M]):
    def update(self, **kwargs: Any) -> int:
        raise FactIsAppendOnly(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise FactIsAppendOnly(self.model.__name__)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise FactIsAppendOnly(self.model.__name__)


class Fact(models.Model):
    """Something that was recorded at `recorded_at` by `recorded_by` and stands from then on.

    `recorded_at` is the instant of the change that it is part of (`competence.actions.change`), not the row's own: that
    keeps "as known at" exact under concurrent writers.

    Corrections, endings and revocations are further facts: see `Ending`. `recorded_by` is None for a machine, which
    `recorded_by_name` names.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recorded_at = models.DateTimeField(editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,  # nobody searches by it, and every index costs an import dearly
    )
    recorded_by_name = models.CharField(max_length=150, editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FactIsAppendOnly(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise FactIsAppendOnly(type(self).__name__)


class DatedFact(Fact):
    """A fact that holds from the day `starts_on` to the day `ends_on`, both included and local (None: open)."""

    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


def ends_after_start(name: str) -> models.CheckConstraint:
    """The constraint that a dated fact does not end before it starts."""
    return models.CheckConstraint(
        condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")), name=name
    )
