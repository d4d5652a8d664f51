"""What an edition of a course of lessons holds, frozen."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField

from courses.lessons.blocks import LessonBlock
from courses.models.course_edition import CourseEdition


class EditionLesson(models.Model):
    """A lesson as it was when its edition was published. Never changed: an attempt finishes on what it began with.

    `key` names it in addresses. `body` refers to images and documents in the library; a block says so when an editor
    has removed one since.
    """

    edition = models.ForeignKey(CourseEdition, on_delete=models.PROTECT, related_name="lessons")
    position = models.PositiveIntegerField()
    key = models.SlugField(max_length=100)
    title = models.CharField(max_length=255)
    introduction = models.TextField(blank=True)
    minutes = models.PositiveIntegerField()
    body = StreamField(LessonBlock(), blank=True)

    class Meta:
        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "key"], name="lesson_key_is_unique_in_its_edition"),
            models.UniqueConstraint(fields=["edition", "position"], name="lesson_position_is_unique_in_its_edition"),
        ]
        verbose_name = _("lesson of an edition")
        verbose_name_plural = _("lessons of editions")

    def __str__(self) -> str:
        return self.title


class KnowledgeTestSettings(models.Model):
    """How a knowledge test is taken: shared by the page that an editor changes and the edition that is frozen."""

    class Feedback(models.TextChoices):
        NOTHING = "nothing", _("Only the result")
        MARKS = "marks", _("Which answers were right")
        EXPLANATIONS = "explanations", _("Which answers were right; once passed, also the right answers and why")

    draw_count = models.PositiveSmallIntegerField(
        _("questions in a test"),
        default=10,
        validators=[MaxValueValidator(100)],
        help_text=_("Drawn anew each time from the bank, spread over the lessons. 0: the course has no test."),
    )
    pass_percent = models.PositiveSmallIntegerField(
        _("right answers needed, per cent"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    tries_in_a_row = models.PositiveSmallIntegerField(
        _("tries before a wait"),
        null=True,
        blank=True,
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("After so many tests that were not passed one has to wait. Empty: no limit."),
    )
    wait_minutes = models.PositiveIntegerField(
        _("waiting time, minutes"), default=60, help_text=_("How long one has to wait then.")
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit, minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit. Those who read slowly or write by other means need plenty of time."),
    )
    feedback = models.CharField(_("feedback"), max_length=15, choices=Feedback.choices, default=Feedback.EXPLANATIONS)

    class Meta:
        abstract = True


class EditionTest(KnowledgeTestSettings):
    """The knowledge test of an edition, frozen: settings, and the bank with its right answers.

    `questions` are `courses.lessons.questions.to_json`. Nothing of them goes into a page but by
    `courses.lessons.answers.field_of`, and after the test by what `feedback` allows.
    """

    edition = models.OneToOneField(CourseEdition, on_delete=models.PROTECT, related_name="test")
    introduction = models.TextField(blank=True)
    questions = models.JSONField(default=list)

    class Meta:
        verbose_name = _("knowledge test of an edition")
        verbose_name_plural = _("knowledge tests of editions")

    def __str__(self) -> str:
        return f"{self.edition}"
