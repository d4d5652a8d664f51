"""What we certify: that a person completed a course of ours."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Crockford's alphabet: no letter that is read as a digit, and none that is said like another.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20
"""Twenty of 32 letters are 100 bits: nobody finds a certificate by trying."""


class CertificateIsAppendOnly(Exception):
    """What has been certified is neither changed nor removed."""


def new_code() -> str:
    """An unguessable code for a certificate."""
    return "".join(secrets.choice(CODE_ALPHABET) for _letter in range(CODE_LENGTH))


class _Certified(models.Model):
    """Added, never changed."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise CertificateIsAppendOnly(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise CertificateIsAppendOnly(type(self).__name__)


class Certificate(_Certified):
    """The certificate of one completion (`completion`: its public id with competence): the facts as they were then.

    It says nothing of what the course gives a right to; that is for the rules to say. A later completion of the same
    course gives another certificate, and this one counts as replaced; both stay. `code` opens the public page that
    shows the facts. `minutes`: how long the course is. `edition`: which of the course's, where there are several.
    `status_index`: its place in the status list of badges, drawn by lot, so that the place tells nothing.
    Personal data: person, person_name.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    completion = models.UUIDField(unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    person_name = models.CharField(max_length=320)
    course_key = models.CharField(max_length=100)
    course_title = models.CharField(max_length=250)
    edition = models.PositiveIntegerField(null=True)
    minutes = models.PositiveIntegerField()
    completed_at = models.DateTimeField()
    issuer_name = models.CharField(max_length=200)
    issued_at = models.DateTimeField(default=timezone.now)
    status_index = models.PositiveIntegerField(unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "course_key", "completed_at"])]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")

    def __str__(self) -> str:
        return f"{self.person_name} · {self.course_title}"

    @property
    def shown_code(self) -> str:
        """The code in groups of five, as it is printed and typed."""
        return "-".join(self.code[at : at + 5] for at in range(0, CODE_LENGTH, 5))


class CertificateRevocation(_Certified):
    """The certificate holds no more: its completion was recorded in error. Why is not for the public to read."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="revocation")
    revoked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("revocation of a certificate")
        verbose_name_plural = _("revocations of certificates")

    def __str__(self) -> str:
        return f"{self.certificate} {self.revoked_at}"


class CertificateKey(models.Model):
    """A pair of keys (ES256) that signs badges. The newest signs; all are published, so that old badges verify.

    `sealed` is the private part (`lms.lib.sealing`), empty once another key signs. `withdrawn_at`: it leaked; what it
    signed no longer verifies, and badges are to be fetched anew.
    """

    kid = models.CharField(max_length=64, unique=True)
    jwk = models.JSONField()
    sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("key that signs badges")
        verbose_name_plural = _("keys that sign badges")

    def __str__(self) -> str:
        return self.kid
