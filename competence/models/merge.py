"""Records that turned out to be of one and the same person, and identifiers that changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from competence.models.fact import Fact


class PersonMerge(Fact):
    """`person`, a record of its own until now, is the same human being as `into`, for `reason`.

    From `recorded_at` on, the facts of both are the facts of one person, whichever is asked about; an `Ending` splits
    them again, and each has what is theirs. As known before the merge they are two. `was_active`: whether `person`
    could log in, given back at a split.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merged_people")
    reason = models.CharField(max_length=500)
    was_active = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(person=F("into")), name="nobody_is_merged_into_themselves")
        ]
        permissions: ClassVar = [("merge_people", "May merge people's records, and split and rename them")]

    def __str__(self) -> str:
        return f"{self.person} → {self.into}"


class IdentityChange(Fact):
    """Something that was done to an identifier, for `reason`. The identifier itself says how things are now."""

    class Kind(models.TextChoices):
        REPLACED = "replaced", _("Replaced an earlier one")
        SEPARATED = "separated", _("No longer replaces an earlier one")
        MOVED = "moved", _("Moved to another person")

    identity = models.ForeignKey("users.EmployeeIdentity", on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="identity_changes")
    replaces = models.ForeignKey(
        "users.EmployeeIdentity", null=True, on_delete=models.PROTECT, related_name="replaced_by_changes"
    )
    moved_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="identities_received"
    )
    reason = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.identity} {self.kind}"
