"""How far the writing anew of what is derived has come."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class StateRebuild(models.Model):
    """Everybody's prepared facts and stored outcomes are being brought to the rules up to `rules_version`.

    A tally and no more: what is stale is known from the rows themselves, so a rebuild that is lost, doubled or broken
    off costs time and nothing else. `stopped_at`: an operator stopped it; it can go on.
    """

    rules_version = models.PositiveIntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules_version"],
                condition=models.Q(finished_at__isnull=True),
                name="one_unfinished_rebuild_for_a_version",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rules_version} since {self.started_at}"


class RebuildRange(models.Model):
    """The people with keys from `first` to `last` (both included), brought up to date by one worker at a time.

    `claimed_until`: a worker is at it, and is taken for lost after that. `people`: how many were written.
    """

    rebuild = models.ForeignKey(StateRebuild, on_delete=models.CASCADE, related_name="ranges")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    people = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rebuild", "first"], name="a_range_stands_once_in_a_rebuild")
        ]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"
