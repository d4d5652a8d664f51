"""The feed of changes of eligibility, and what has been announced in it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class EligibilityChange(models.Model):
    """From `at` on, the answer for `hsa_id`, `right` and `customer_number` is another than it was.

    `number` is taken from the one row that numbers changes, under its lock, so numbers appear in the order of the
    commits, without gaps: whoever has read number 10 has seen everything up to 10. Rows are added, never changed.

    `before` and `after` are positions in `competence.outcomes.OUTCOMES`, over employments at all principals;
    `by_principal` says the same for each kind of principal, such as `municipality:20,vgr:22` (before and after), where
    it was or is better than denied. A caller who sees some principals only is told of the best of these. An empty
    `customer_number` of a right that is given per unit means any number.

    `cause`: somebody's facts changed, time passed, rules were published or took effect, or it was so when the feed
    began. Personal data: person, hsa_id.
    """

    class Cause(models.TextChoices):
        FACTS = "facts"
        TIME = "time"
        RULES = "rules"
        START = "start"

    number = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="eligibility_changes",
        db_constraint=False,
        db_index=False,  # found by hsa_id
    )
    hsa_id = models.CharField(max_length=64)
    right = models.CharField(max_length=60)
    customer_number = models.CharField(max_length=6, blank=True)
    before = models.PositiveSmallIntegerField()
    after = models.PositiveSmallIntegerField()
    by_principal = models.CharField(max_length=200)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    revision = models.BigIntegerField()
    policy_version = models.PositiveIntegerField()
    cause = models.CharField(max_length=5, choices=Cause.choices)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["hsa_id", "number"], name="changes_of_an_hsa_id")]

    def __str__(self) -> str:
        return f"{self.number} {self.hsa_id} {self.right}"


class AnnouncedOutcomes(models.Model):
    """What the feed has told so far about one person's HSA-IDs: `competence.feed.outcomes` reads and writes it.

    No event of the person's lies between `through` and the latest change that is prepared for them; `next_at` is when
    time will bring the next (None: never, as far as is known). `rules_version`: the highest published when it was
    written. `is_behind`: facts have changed that are still to be announced (`actions.prepared.mark_stale`).

    Written only under the revision's lock. It cannot be worked out from the facts, unlike everything else beside them:
    without it nobody would know what the readers of the feed believe.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="announced_outcomes",
        db_constraint=False,
    )
    outcomes = models.TextField()
    through = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    rules_version = models.PositiveIntegerField()
    is_behind = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="announced_until")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} through {self.through}"
