"""Every answer given to an ordering system, so that it can be shown and replayed."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from competence.given_answers import whole_text

# What a look-up is for when the caller does not say.
ORDERING_CHECK = "ordering-check"


class GivenAnswer(models.Model):
    """What is constant of an answer, kept once under the digest of its text: see `competence.given_answers`.

    Rows are added, never changed. Personal data: body, though it names nobody.
    """

    digest = models.UUIDField(primary_key=True, editable=False)
    body = models.TextField()

    def __str__(self) -> str:
        return str(self.digest)


class DecisionLog(models.Model):
    """An eligibility decision as it was given.

    `valid_at`, `known_at`, the question and the facts of `person` make the same decision again. Rows are added, never
    changed, by the thousand a second: so they are small, their ids rise with time, and their keys bear no constraint in
    the database, which would lock a row of the person for every answer. A person who was asked about is not deleted.
    Personal data: person, hsa_id, the answer.
    """

    decision_id = models.UUIDField(primary_key=True, editable=False)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.CharField(max_length=150)
    purpose = models.CharField(max_length=40, default=ORDERING_CHECK, db_default=ORDERING_CHECK)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="logged_decisions",
        db_constraint=False,
        db_index=False,  # the index below begins with it
    )
    hsa_id = models.CharField(max_length=64)
    right = models.CharField(max_length=60)
    question = models.JSONField(default=dict)
    valid_at = models.DateTimeField()
    known_at = models.DateTimeField()
    outcome = models.CharField(max_length=30)
    policy_version = models.PositiveIntegerField()
    revision = models.BigIntegerField()
    given = models.ForeignKey(
        GivenAnswer,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="digest",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        indexes = (models.Index(fields=["person", "asked_at"]),)
        permissions = (("view_any_history", _("May see anybody's eligibility at any time")),)

    def __str__(self) -> str:
        return f"{self.decision_id} {self.outcome}"

    @property
    def answer(self) -> dict[str, Any]:
        """The answer as it was given."""
        text = whole_text(
            self.given.body,
            hsa_id=self.hsa_id,
            revision=self.revision,
            valid_at=self.valid_at,
            known_at=self.known_at,
            decision_id=self.decision_id,
        )
        found: dict[str, Any] = json.loads(text)
        return found
