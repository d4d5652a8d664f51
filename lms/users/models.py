"""People and the names that other systems know them by."""

from __future__ import annotations

import re
import unicodedata
import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

HSA_ID_PATTERN = re.compile(r"SE\d{10}-[A-Za-z0-9]{1,18}\Z")


def fold_name(text: str) -> str:
    """`text` as it is searched for: canonical form, no case, no accents' encoding, single spaces.

    NFC and NFD spellings of the same name fold alike.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class User(AbstractUser):
    """A person. History follows the person, not the employer's identifier for them.

    Holds no personal identity number and no patient data; do not add any. Names are kept as they were sent.
    Personal data: username, first_name, last_name, email.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    language = models.CharField(
        _("language"), max_length=5, default="sv", choices=[("sv", "Svenska"), ("en", "English")]
    )
    is_protected = models.BooleanField(
        _("protected identity"),
        default=False,
        help_text=_("Left out of searches and exports for anybody who does not manage this person."),
    )
    search_name = models.CharField(max_length=320, editable=False, db_index=True)
    # Follows from the merges (`competence.models.merge`), which are facts; kept here so that a log-in finds its way.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed", editable=False
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_name = fold_name(self.full_name)[:320]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def full_name(self) -> str:
        """Given name and surname, or the user name when neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.username

    @property
    def as_one_pk(self) -> int:
        """The primary key of the person that this record is part of: its own, unless it was merged into another."""
        return self.merged_into_id or self.pk

    def is_same_as(self, other: User) -> bool:
        """Whether both records are of one and the same person."""
        return self.as_one_pk == other.as_one_pk


def same_person(person: User, path: str = "person") -> Q:
    """The condition that `path` leads to `person`, or to a record that was merged with theirs."""
    return Q(**{f"{path}__in": records_of(person.as_one_pk)})


def records_of(pk: int) -> models.QuerySet[User, int]:
    """The primary keys of the records of the person with `pk`, for a subquery: an index finds either kind."""
    return User.objects.filter(Q(pk=pk) | Q(merged_into=pk)).values_list("pk", flat=True)


class EmployeeIdentity(models.Model):
    """An identifier that an employer has given a person; a person may hold many.

    HSA-ID: `SE`, ten digits, `-`, 1 to 18 letters or digits. Compared without case, stored as
    given. VGR-ID: free text, unique within VGR. An identifier belongs to one person at a time. `line`: the first of the
    identifiers under which the same employer has known the person, one after the other (folded; "": it is the first).
    """

    class Kind(models.TextChoices):
        HSA_ID = "hsa_id", "HSA-ID"
        VGR_ID = "vgr_id", "VGR-ID"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=64)
    folded_value = models.CharField(max_length=64, editable=False)
    line = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "folded_value"], name="identity_belongs_to_one_person"),
            models.CheckConstraint(condition=~Q(value=""), name="identity_is_not_empty"),
        ]
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self) -> str:
        return self.value

    def save(self, *args: object, **kwargs: object) -> None:
        self.folded_value = fold_identifier(self.value)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def known_as(self) -> str:
        """The identifier, folded, by which employments under this one are told from others."""
        return self.line or self.folded_value


def fold_identifier(value: str) -> str:
    """An identifier as it is compared: without surrounding space and without case."""
    return value.strip().upper()


validate_hsa_id = RegexValidator(
    HSA_ID_PATTERN,
    _("An HSA-ID looks like SE2321000131-E000000000001: SE, ten digits, a hyphen, then letters or digits."),
)
