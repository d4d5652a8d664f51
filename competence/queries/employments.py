"""Who works where at an instant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from competence.models.employment import Employment
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.queries.merges import merged_records
from lms.lib.clock import local_day
from lms.users.models import User, same_person


def current_employments(at: datetime) -> QuerySet[Employment]:
    """The employments that hold at `at`."""
    day = local_day(at)
    over = Ending.objects.filter(employment=OuterRef("pk")).filter(
        Q(takes_effect_at__lte=at) | Q(kind=Ending.Kind.CORRECTED)
    )
    return Employment.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), ~Exists(over), starts_on__lte=day)


def employments_held_at(person: User, at: datetime) -> QuerySet[Employment]:
    """`person`'s employments at `at`, of longest standing first."""
    own = current_employments(at).filter(same_person(person))
    return own.select_related("person", "unit", "identity").order_by("starts_on", "pk")


def employments_in(units: QuerySet[OrganisationUnit], at: datetime) -> QuerySet[Employment]:
    """The employments at `units` at `at`, by the people's names."""
    return (
        current_employments(at)
        .filter(unit__in=units)
        .select_related("person", "unit", "identity")
        .order_by("person__last_name", "person__first_name", "pk")
    )


def former_employments(units: QuerySet[OrganisationUnit], at: datetime, since: datetime) -> QuerySet[Employment]:
    """The employments at `units` that came to an end between `since` and `at`, by the people's names."""
    endings = Ending.objects.filter(employment=OuterRef("pk"))
    ended = Exists(
        endings.filter(takes_effect_at__lte=at, takes_effect_at__gt=since).exclude(kind=Ending.Kind.CORRECTED)
    )
    in_error = Exists(endings.filter(kind=Ending.Kind.CORRECTED))
    ran_out = Q(ends_on__lt=local_day(at), ends_on__gte=local_day(since))
    return (
        Employment.objects.filter(ran_out | Q(ended), ~in_error, unit__in=units)
        .select_related("person", "unit", "identity")
        .order_by("person__last_name", "person__first_name", "pk")
    )


def units_worked_within(person: User, at: datetime) -> set[int]:
    """The keys of the units that `person` works at at `at`, and of all above them: whose employee they are. Two
    queries."""
    units = list(
        OrganisationUnit.objects.filter(pk__in=current_employments(at).filter(same_person(person)).values("unit"))
    )
    paths = {unit.path[: end * unit.steplen] for unit in units for end in range(1, unit.depth + 1)}
    return set(OrganisationUnit.objects.filter(path__in=paths).values_list("pk", flat=True))


def workplaces_of(people: Collection[int], at: datetime) -> Mapping[int, list[str]]:
    """The names of the units where each of `people` works at `at`, of longest standing first. One query."""
    found: dict[int, list[str]] = {}
    rows = current_employments(at).filter(person__in=people).order_by("starts_on", "pk")
    for person, name in rows.values_list("person", "unit__name"):
        found.setdefault(person, []).append(name)
    return found


def units_where_counted(people: Iterable[int], at: datetime) -> dict[int, tuple[int, str]]:
    """Where figures count a completion of each of the people: unit and kind of principal of the employment of longest
    standing, also under a record that is one with theirs. Two queries, three where records are merged."""
    ids = set(people)
    hubs = merged_records(ids)
    rows = current_employments(at).filter(person__among=ids | hubs.keys()).order_by("starts_on", "pk")
    first: dict[int, tuple[int, str]] = {}
    for person, unit, kind in rows.values_list("person_id", "unit_id", "unit__principal_kind"):
        first.setdefault(hubs.get(person, person), (unit, kind))
    return {person: first[hub] for person in ids if (hub := hubs.get(person, person)) in first}
