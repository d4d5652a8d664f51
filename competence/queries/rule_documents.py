"""Rule documents against what is registered here."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from competence.models.course_reference import CourseReference
from competence.models.employment import Employment
from competence.models.organisation_unit import OrganisationUnit, PrincipalKind
from competence.models.requirement import RuleSetVersion
from competence.rule_documents.checks.references import Known
from competence.rule_documents.writing import write_rules
from lms.lib.clock import STOCKHOLM


def known_here(*, courses: Iterable[str] | None = None) -> Known:
    """What rules may speak of: registered courses (or these), units, professions that somebody has, principals.

    Three queries.
    """
    professions = Employment.objects.exclude(profession="").order_by().values_list("profession", flat=True).distinct()
    return Known(
        courses=frozenset(CourseReference.objects.values_list("key", flat=True) if courses is None else courses),
        units=frozenset(OrganisationUnit.objects.values_list("key", flat=True)),
        professions=frozenset(professions),
        principals=frozenset(PrincipalKind.values),
    )


def schema_url() -> str:
    """Where the schema of rule documents is published."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse('competence:rules_schema')}"


def versions_in_order() -> QuerySet[RuleSetVersion]:
    """The published versions, the latest to take effect first."""
    return RuleSetVersion.objects.order_by("-in_force_from", "-version")


def exported(version: RuleSetVersion) -> str:
    """The document of `version` as a text to review. The comments say which it is, in Swedish and in local time."""
    since = version.in_force_from.astimezone(STOCKHOLM)
    published = version.recorded_at.astimezone(STOCKHOLM)
    header = [
        f"Regelverk version {version.version}. Gäller från {since:%Y-%m-%d %H:%M}.",
        f"Publicerat {published:%Y-%m-%d %H:%M} av {version.recorded_by_name}.",
    ]
    if version.reason:
        header.append(f"Skäl: {version.reason}")
    return write_rules(version.document, header=header, schema=schema_url())
