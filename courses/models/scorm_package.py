"""A SCORM package as it was uploaded."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScormPackage(models.Model):
    """The unpacked files of one upload, and what its manifest says. Never changed; a new version is a new package.

    The files lie in the default storage under `prefix`; `files` maps each name to its size. `manifest` is
    `courses.scorm.manifest.to_json`. Serve the files from the content origin only.
    """

    class Version(models.TextChoices):
        SCORM_12 = "1.2", "SCORM 1.2"
        SCORM_2004 = "2004", "SCORM 2004"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True)
    version = models.CharField(max_length=10, choices=Version.choices)
    edition_name = models.CharField(max_length=40)
    title = models.CharField(max_length=500)
    manifest = models.JSONField()
    files = models.JSONField()
    file_name = models.CharField(max_length=255, blank=True)
    zip_bytes = models.PositiveBigIntegerField()
    unpacked_bytes = models.PositiveBigIntegerField()
    file_count = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("SCORM package")
        verbose_name_plural = _("SCORM packages")

    def __str__(self) -> str:
        return self.title

    @property
    def prefix(self) -> str:
        """The folder of its files in the default storage."""
        return f"packages/{self.public_id.hex}"
