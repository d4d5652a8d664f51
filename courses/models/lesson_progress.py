"""How far a learner has come in the lessons."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.attempt import Attempt
from courses.models.lesson_content import EditionLesson


class LessonProgress(models.Model):
    """A lesson that a learner has opened in an attempt, and what they have written and ticked there.

    `notes` is, by a block's id, a text (reflection) or a list of positions (checklist). `done_at` is set once.
    Personal data: `notes`, which nobody but the learner sees.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="lesson_progress")
    lesson = models.ForeignKey(EditionLesson, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    notes = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "lesson"], name="one_progress_for_each_lesson_of_an_attempt")
        ]
        verbose_name = _("progress in a lesson")
        verbose_name_plural = _("progress in lessons")

    def __str__(self) -> str:
        return f"{self.attempt} · {self.lesson}"
