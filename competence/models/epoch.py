"""By which a process tells whether what it remembers is still so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Epoch(models.Model):
    """The one row of counters that rise with every change of what processes remember by themselves.

    `clients`: machine clients, their bindings, secrets and tokens. `names`: titles, addresses and minutes of courses.
    Whoever remembers one of these reads the counter first, keeps it with what it read, and believes that only while
    the counter, read again, is the same. `competence.actions.epoch` raises them.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    clients = models.BigIntegerField(default=0)
    names = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_epoch_row")]

    def __str__(self) -> str:
        return f"{self.clients}, {self.names}"
