"""Lists of completions on their way in: the file, its rows as they were understood, and what is wrong with them.

None of it is a fact. What is recorded from a list are completions, by the same rules as all others.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from competence.models.course_reference import CourseReference


def file_path(one: CompletionImport, filename: str) -> str:
    """Where the list is kept until its rows have been read: under a name of ours."""
    return f"imports/{one.public_id}/{uuid.uuid4().hex}.csv"


class CompletionImport(models.Model):
    """A list of completed courses that somebody takes in. It is read and checked first, and recorded when they say so.

    `columns`: which column, by position, holds what (`competence.imports.completions.columns`). `course`: that of every
    row, when the list has no column for it. `goes_on`: record without waiting for anybody after the check.

    `rows_read` is how far the file has been read; `staged` rows of it were understood, `faulty` were not. Foreseen is
    what the check says would happen, `foreseen_through` the last person it has come to. `done` staged rows have been
    dealt with since: `recorded`, or `known` before.

    One import is under way at a time, which a constraint holds. Whoever is at it has put a `claim` on it until
    `claimed_until`, and renews it; a claim that has run out is anybody's to take.
    """

    class Status(models.TextChoices):
        COLUMNS = "columns", _("Waits for you to say which column is which")
        CHECKING = "checking", _("Is being checked")
        CHECKED = "checked", _("Checked, nothing recorded yet")
        RECORDING = "recording", _("Is being recorded")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be read")
        DISCARDED = "discarded", _("Discarded")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to=file_path, blank=True)
    file_name = models.CharField(max_length=255)
    source = models.CharField(max_length=60)
    source_name = models.CharField(max_length=120)
    course = models.ForeignKey(CourseReference, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    header = models.JSONField(default=list)
    header_row = models.PositiveIntegerField(default=1)
    columns = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices)
    goes_on = models.BooleanField(default=False)
    is_to_stop = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    staged = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    is_read = models.BooleanField(default=False)
    foreseen_through = models.BigIntegerField(default=0)
    foreseen_new = models.PositiveIntegerField(default=0)
    foreseen_known = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    recorded = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    is_under_way = models.BooleanField(default=False)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_by_name = models.CharField(max_length=150)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_under_way"], condition=Q(is_under_way=True), name="one_import_is_under_way_at_a_time"
            )
        ]
        permissions = (("import_completions", _("May take in lists of completed courses")),)

    def __str__(self) -> str:
        return f"{self.file_name} · {self.get_status_display()}"

    @property
    def is_going_on(self) -> bool:
        """Whether work is being done, or waits to be."""
        return self.status in (self.Status.CHECKING, self.Status.RECORDING) and not self.is_to_stop

    @property
    def is_stopped(self) -> bool:
        """Somebody stopped it, and it can go on."""
        return self.status in (self.Status.CHECKING, self.Status.RECORDING) and self.is_to_stop


class StagedCompletion(models.Model):
    """A row of a list that was understood, waiting to be recorded; gone when it has been. Personal data: person."""

    completion_import = models.ForeignKey(
        CompletionImport, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    row = models.PositiveIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    course = models.ForeignKey(
        CourseReference, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    completed_at = models.DateTimeField()
    source_id = models.CharField(max_length=200)
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["completion_import", "person"], name="staged_by_person")]

    def __str__(self) -> str:
        return f"{self.completion_import_id}, row {self.row}"


class ImportFault(models.Model):
    """What is wrong with a row: in which column, with which value, and why (`code`, `words`; see `faults`).

    `cells`: the row as it stands in the file, so that it can be fetched, corrected and sent in again.
    Personal data: value, cells. A personal identity number is never kept.
    """

    completion_import = models.ForeignKey(
        CompletionImport, on_delete=models.CASCADE, related_name="faults", db_index=False
    )
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=30)
    words = models.JSONField(default=dict)
    cells = models.JSONField(default=list)

    class Meta:
        ordering = ("row", "pk")
        indexes: ClassVar = [models.Index(fields=["completion_import", "row"], name="faults_by_row")]

    def __str__(self) -> str:
        return f"{self.completion_import_id}, row {self.row}, {self.column}: {self.code}"
