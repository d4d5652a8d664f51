"""Who has finished a course, and who works where as what: for those who write to people about courses."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from competence.models.appointment import Appointment
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion, CompletionClaim
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.queries.eligibility import current_moment
from competence.queries.employments import current_employments
from lms.lib.clock import day_starts_at, local_day


def people_who_finished(course_key: str, first_day: date, until: date) -> set[int]:
    """The people (by primary key; of merged records the one) who finished the course from `first_day` until, but not
    on, `until`: it is recorded, or waits for the manager to attest it. Two queries."""
    within = {"completed_at__gte": day_starts_at(first_day), "completed_at__lt": day_starts_at(until)}
    withdrawn = Ending.objects.filter(completion=OuterRef("pk"), kind=Ending.Kind.CORRECTED)
    completed = Completion.objects.filter(~Exists(withdrawn), course__key=course_key, **within)
    waiting = CompletionClaim.objects.filter(course__key=course_key, status=CompletionClaim.Status.WAITING, **within)
    columns = ("person_id", "person__merged_into_id")
    return {into or pk for rows in (completed, waiting) for pk, into in rows.values_list(*columns)}


def people_working(*, unit_key: str = "", role_key: str = "") -> set[int]:
    """The people (by primary key) who work today at the unit or below it, and have been appointed to the role there;
    empty keys: anywhere, as anything. Those who cannot log in, and merged records, are left out.

    A unit or a role that is not there has nobody.
    """
    now = current_moment().now
    found = current_employments(now).filter(person__is_active=True, person__merged_into=None)
    if unit_key:
        path = OrganisationUnit.objects.filter(key=unit_key).values_list("path", flat=True).first()
        found = found.filter(unit__path__startswith=path) if path else found.none()
    if role_key:
        day = local_day(now)
        over = Ending.objects.filter(appointment=OuterRef("pk")).filter(
            Q(takes_effect_at__lte=now) | Q(kind=Ending.Kind.CORRECTED)
        )
        appointed = Appointment.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
            ~Exists(over),
            employment=OuterRef("pk"),
            role__key=role_key,
            starts_on__lte=day,
        )
        found = found.filter(Exists(appointed))
    return set(found.values_list("person_id", flat=True))


def roles_to_choose_from() -> list[tuple[str, str]]:
    """Key and title of every competence role, by title."""
    return list(CompetenceRole.objects.order_by("title").values_list("key", "title"))


def every_unit() -> list[tuple[str, str, int]]:
    """Key, name and depth of every unit, in the order of the tree."""
    return list(OrganisationUnit.objects.order_by("path").values_list("key", "name", "depth"))
