"""What is derived from the facts and kept beside them, so that it need not be worked out at every question.

Nothing here is a fact. Everything can be thrown away and made again (`manage.py rebuild_state`), so the keys bear no
constraint in the database: it would be checked at a million rows for nothing.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class PreparedFacts(models.Model):
    """Everything recorded about one person, in one compact row: see `competence.prepared_facts`.

    Written in the transaction that changes a fact. `revision` is that of the change. A row with `stale_since` is not
    to be believed, nor is one that was written in another form: such a person's facts are read from their tables.
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
    stale_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=models.Q(stale_since__isnull=False), name="prepared_facts_stale")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} as of {self.revision}"
