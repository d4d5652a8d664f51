"""The fact that counts: somebody completed a course. And the claims that may become one."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competence.models.course_reference import CourseReference
from competence.models.fact import Fact
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind


class Completion(Fact):
    """A person completed a course at an instant. Created by `competence.api.record_completion` and nowhere else.

    Follows the person, whatever the employer. (`source`, `source_id`) names where it came from, once; `fingerprint` is
    a digest of its content, so that the same key with other content is noticed. `unit` and `principal_kind` are where
    the person worked when it was recorded: figures count it there, also after a reorganisation. `flags` warn a reader
    (such as `implausible_time`) and decide nothing.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="completions", db_index=False
    )
    course = models.ForeignKey(CourseReference, on_delete=models.PROTECT, related_name="completions", db_index=False)
    completed_at = models.DateTimeField()
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    unit = models.ForeignKey(OrganisationUnit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    principal_kind = models.CharField(max_length=20, choices=PrincipalKind.choices, blank=True)
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_id"], name="completion_comes_once_from_its_source")
        ]
        indexes: ClassVar = [models.Index(fields=["person", "course", "completed_at"])]
        verbose_name = _("completion")
        verbose_name_plural = _("completions")

    def __str__(self) -> str:
        return f"{self.person} · {self.course}"


def evidence_path(claim: CompletionClaim, filename: str) -> str:
    """Where an uploaded certificate is kept: under a name of ours, so that the sender's name decides nothing."""
    suffix = filename.rsplit(".", 1)[-1].lower()
    return f"evidence/{claim.public_id}/{uuid.uuid4().hex}.{suffix}"


class CompletionClaim(models.Model):
    """Somebody says that a course was completed, and a manager is to decide whether it counts.

    Either the person's own word with a certificate (`source` self-report), or a course of ours whose result the course
    alone cannot vouch for. Once decided it does not change; an approval records a `Completion`.
    Personal data: person, evidence, note.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for a decision")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="completion_claims")
    course = models.ForeignKey(CourseReference, on_delete=models.PROTECT, related_name="completion_claims")
    completed_at = models.DateTimeField()
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=200)
    evidence = models.FileField(upload_to=evidence_path, blank=True)
    evidence_name = models.CharField(max_length=255, blank=True)
    evidence_type = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=500, blank=True)
    flags = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_id"], name="claim_comes_once_from_its_source")
        ]
        verbose_name = _("claim of a completion")
        verbose_name_plural = _("claims of completions")

    def __str__(self) -> str:
        return f"{self.person} · {self.course}"
