"""What happened in an attempt, for whoever is asked why it went as it did."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.attempt import Attempt


class AttemptEvent(models.Model):
    """A turn in an attempt that is worth knowing afterwards. Ordinary commits are none: `ScoRuntime.recent` has those.

    `details`: for a result `before` and `after`; for refused elements `elements`, name to reason; for a part that was
    opened, `is_afresh` when what it had written was put aside. It goes with its
    attempt.
    Personal data: by its attempt; and what a package wrote is a stranger's text, so show it as text only.
    """

    class Kind(models.TextChoices):
        SITTING = "sitting", _("The part was opened")
        ENDED = "ended", _("The part was closed by the package")
        RESULT = "result", _("The result changed")
        REFUSED = "refused", _("Some of what the package wrote could not be kept")
        FENCED = "fenced", _("Another tab or device tried to write, and was stopped")

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="events")
    item = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    launch_id = models.UUIDField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("at", "id")
        verbose_name = _("event in an attempt")
        verbose_name_plural = _("events in attempts")

    def __str__(self) -> str:
        return f"{self.attempt} · {self.kind}"
