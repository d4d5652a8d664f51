"""A learner takes the knowledge test."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.attempt import Attempt


class Examination(models.Model):
    """One time at the knowledge test, numbered from 1 in its attempt.

    The questions are drawn when it starts and stay here (`DrawnQuestion`). `deadline_at` is by our clock; what had
    been saved by then is what is marked. `submitted_at` is set once, together with the result, and nothing changes
    after that.
    Personal data: the result.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="examinations")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True, db_index=True)
    was_overdue = models.BooleanField(default=False)
    asked = models.PositiveIntegerField()
    needed = models.PositiveIntegerField()
    right = models.PositiveIntegerField(null=True, blank=True)
    is_passed = models.BooleanField(null=True)

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "number"], name="examination_number_is_unique_in_its_attempt"),
            models.UniqueConstraint(
                fields=["attempt"], condition=Q(submitted_at=None), name="one_open_examination_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, right=None, is_passed=None)
                | Q(submitted_at__isnull=False, right__isnull=False, is_passed__isnull=False),
                name="a_submitted_examination_has_its_result",
            ),
        ]
        verbose_name = _("knowledge test taken")
        verbose_name_plural = _("knowledge tests taken")

    def __str__(self) -> str:
        return f"{self.attempt} · {self.number}"


class DrawnQuestion(models.Model):
    """A question of an examination: which one, in what order its options are shown, and the answer.

    `order` is `{"options": […], "prompts": […]}`; `answer` is in the editor's order (`courses.lessons.answers`).
    `is_right` is set when the examination is marked.
    Personal data: answer, is_right.
    """

    examination = models.ForeignKey(Examination, on_delete=models.CASCADE, related_name="drawn")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=16)
    order = models.JSONField()
    answer = models.JSONField(null=True, blank=True)
    is_right = models.BooleanField(null=True)

    class Meta:
        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["examination", "position"], name="one_question_in_each_place"),
            models.UniqueConstraint(fields=["examination", "key"], name="a_question_is_drawn_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["key", "fingerprint"])]
        verbose_name = _("drawn question")
        verbose_name_plural = _("drawn questions")

    def __str__(self) -> str:
        return f"{self.examination} · {self.position}"
