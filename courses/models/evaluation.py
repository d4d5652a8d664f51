"""What people thought of a course, in such a form that nobody can tell who thought what.

There is no answer sheet: what somebody answers is added to counts, and free texts stand each by itself. Who has
answered is kept apart (`EvaluationTurn`), so that nobody answers twice. Nothing joins the two: neither a key, nor a
time, nor a number that rises, nor the order or the transaction in which rows were written (every answer writes all rows
of its course and period anew, see `courses.actions.evaluations`). Never add a time, a key to a person or a rising key
to `EvaluationCount` and `EvaluationRemark`.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.course import Course


class EvaluationForm(models.Model):
    """The questions about a course, numbered anew whenever they are changed; the highest number is in use.

    `questions`: a list of objects with `key` (which stays with the question), `kind`, `text` and `options`. `owner`:
    who is told of free texts. `is_open`: answers are taken.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="evaluation_forms")
    number = models.PositiveIntegerField()
    questions = models.JSONField(default=list)
    is_open = models.BooleanField(default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "number"], name="evaluation_form_number_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.course} ({self.number})"


class EvaluationTurn(models.Model):
    """A person may answer about a course once for the period (its first day) in which they finished it.

    There is one for everybody who finished it then, made for all at once, used or not. Personal data: all of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    period = models.DateField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "period", "person"], name="one_turn_for_each_person_and_period")
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.period}"


class EvaluationCount(models.Model):
    """So many answered a question so. `pending` answers are shown to nobody; `released` ones came in with at least
    four others, and are counted in the results. The question "" counts those who answered at all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    period = models.DateField()
    question = models.CharField(max_length=40)
    option = models.CharField(max_length=200)
    pending = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["course", "period", "question", "option"], name="one_count_for_each_answer_and_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course} {self.period} {self.question} {self.option}"


class EvaluationRemark(models.Model):
    """A free text, and what became of it. Shown when it came in with at least four others' answers."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        DONE = "done", _("Done")
        CANNOT = "cannot", _("Cannot be done")
        NEXT = "next", _("Next review")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    period = models.DateField()
    question = models.CharField(max_length=40)
    text = models.TextField(max_length=2000)
    is_released = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    reply = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["course", "period"], name="remarks_of_course_and_period")]

    def __str__(self) -> str:
        return f"{self.course} {self.period}"
