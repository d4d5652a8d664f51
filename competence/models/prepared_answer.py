"""Answers that were worked out before, and what must still be so for them to be given again."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class PreparedAnswer(models.Model):
    """The answer to one question, kept since it was given. A memo of the policy's answer, never a second rule.

    `key` names the question: HSA-ID, right, customer number, language, and the principals that the caller sees (see
    `competence.rest_api.prepared.key_of`). It is believed only while the HSA-ID belongs to `person` and is known as
    `known_as`; the person's prepared facts bear `stamp` and `facts_revision`; `rules_version` is the highest that is
    published; courses are called what they were (`names`: the counter of `Epoch`); this code is of the same `edition`;
    and the database's time lies from `start` until before `until` (None: without end): in that stretch outcome,
    reasons, missing steps and what comes next are exactly these. So nothing is ever taken back by hand: a change of
    any of these is a change for every answer at once.

    `given`: the answer's constant text. Everything here can be thrown away.
    """

    key = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prepared_answers", db_constraint=False
    )
    known_as = models.CharField(max_length=64)
    stamp = models.BigIntegerField()
    facts_revision = models.BigIntegerField()
    rules_version = models.PositiveIntegerField()
    names = models.BigIntegerField()
    edition = models.CharField(max_length=32)
    start = models.DateTimeField()
    until = models.DateTimeField(null=True)
    system = models.CharField(max_length=60)
    outcome = models.CharField(max_length=30)
    policy_version = models.PositiveIntegerField()
    given = models.ForeignKey(
        "competence.GivenAnswer",
        on_delete=models.CASCADE,
        related_name="+",
        db_column="digest",
        db_constraint=False,
        db_index=False,
    )

    def __str__(self) -> str:
        return f"{self.key} {self.outcome}"
