"""What is derived from the facts and kept beside them, so that it need not be worked out at every question.

Nothing here is a fact. Everything can be thrown away and made again (`manage.py rebuild_state`), so the keys bear no
constraint in the database: it would be checked at a million rows for nothing.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models


def new_stamp() -> int:
    """A number that no earlier writing of the row bore, as good as certainly: 62 random bits."""
    return secrets.randbits(62)


class PreparedFacts(models.Model):
    """Everything recorded about one person, in one compact row: see `competence.prepared_facts`.

    Written in the transaction that changes a fact. `revision` is that of the change. A row with `stale_since` is not
    to be believed, nor is one that was written in another form: such a person's facts are read from their tables.

    `stamp`: another one at every writing. What was worked out from the row bears the stamp it had then, and is out of
    date as soon as it differs, whatever was written. Rows written by a version of before have 0, and another revision.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="prepared_facts",
        db_constraint=False,
    )
    revision = models.BigIntegerField()
    facts = models.TextField()
    stamp = models.BigIntegerField(default=new_stamp, db_default=0)
    stale_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=models.Q(stale_since__isnull=False), name="prepared_facts_stale")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} as of {self.revision}"


class StoredOutcome(models.Model):
    """The outcome of one right, in one employment, over one stretch of time: for lists, counts and forecasts.

    `start` included, `end` excluded (None: open); what goes on when it is written starts at some instant before that.
    `outcome` is the position in `competence.outcomes.OUTCOMES`, the best first; `missing` is what
    `competence.outcomes.missing_text` writes. `concerns_until`: from then on nobody waits for this right any more, for
    the appointment has run out (None: it goes on concerning the person).

    Only what ends after the moment of writing is kept. To be believed if the person's `OutcomesMade` is of the latest
    rules. Never the ground of a single answer.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stored_outcomes", db_constraint=False
    )
    employment = models.ForeignKey(
        "competence.Employment",
        on_delete=models.CASCADE,
        related_name="stored_outcomes",
        db_constraint=False,
        db_index=False,  # the index below begins with it
    )
    right = models.CharField(max_length=60)
    customer_number = models.CharField(max_length=6, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    outcome = models.PositiveSmallIntegerField()
    missing = models.TextField(blank=True)
    concerns_until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["employment", "right"], name="stored_outcome_of_employment")]

    def __str__(self) -> str:
        return f"{self.employment_id} {self.right} {self.start} {self.outcome}"


class OutcomesMade(models.Model):
    """Under which rules, and from which state of the facts, a person's stored outcomes were made.

    `rules_version`: the highest version published then (0: none). Another one than the highest now: not to be
    believed. No row: they were never made, or are known to be behind.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="outcomes_made",
        db_constraint=False,
    )
    rules_version = models.PositiveIntegerField()
    revision = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.person_id} under {self.rules_version}"
