"""Deputies: who stands in for whom, and who can be asked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from competence.models.deputy import DeputyAct, DeputyAssignment
from competence.models.employment import Employment, ManagerAssignment
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from competence.permissions import current_assignments, current_deputies
from competence.queries.employments import current_employments
from lms.lib.clock import local_day
from lms.users.models import EmployeeIdentity, User, fold_identifier, fold_name

MOST_FOUND = 25
KEPT_FOR_DAYS = 366


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be made a deputy, with an employment that tells them apart."""

    person: User
    title: str
    workplace: str
    is_colleague: bool


@dataclass(frozen=True)
class ShownDeputy:
    """A deputy as the page shows it. `state`: `now`, `ahead`, `over` (its days are past) or `ended` (before them)."""

    deputy: DeputyAssignment
    state: str
    ended_at: datetime | None

    @property
    def can_end(self) -> bool:
        return self.state in {"now", "ahead"}


def own_assignments(person: User) -> list[ManagerAssignment]:
    """`person`'s own assignments as a manager today."""
    return list(current_assignments().filter(person=person).select_related("unit").order_by("unit__path", "pk"))


def units_to_hand_over(assignments: list[ManagerAssignment]) -> list[tuple[OrganisationUnit, ManagerAssignment]]:
    """Every unit that the assignments cover, each with the assignment that covers it, in the order of the tree."""
    below = Q(pk__in=[])
    for assignment in assignments:
        below |= Q(path__startswith=assignment.unit.path)
    found = []
    for unit in OrganisationUnit.objects.filter(below).order_by("path"):
        covering = [one for one in assignments if unit.path.startswith(one.unit.path)]
        found.append((unit, max(covering, key=lambda one: len(one.unit.path))))
    return found


def may_be_deputy(person: User, unit: OrganisationUnit) -> bool:
    """Whether `person` works for the principal that `unit` belongs to, and can log in."""
    return person.is_active and _employed_by_principal_of([unit]).filter(person=person).exists()


def candidates_for(assignments: list[ManagerAssignment], term: str, manager: User) -> list[Candidate]:
    """Whom a manager can choose from: colleagues at their own units with `term` in the name, and anybody else at the
    same principal whose whole name, e-mail or HSA-ID it is. Somebody with protected identity is found among the
    colleagues only."""
    words = fold_name(term).split()
    if not words or not assignments:
        return []
    units = [assignment.unit for assignment in assignments]
    own = Q(pk__in=[])
    for unit in units:
        own |= Q(unit__path__startswith=unit.path)
    by_name = Q()
    for word in words:
        by_name &= Q(person__search_name__contains=word)
    identities = EmployeeIdentity.objects.filter(
        kind=EmployeeIdentity.Kind.HSA_ID, folded_value=fold_identifier(term)
    ).values("person")
    exact = Q(person__search_name=fold_name(term)) | Q(person__email__iexact=term.strip()) | Q(person__in=identities)
    found = (
        _employed_by_principal_of(units)
        .filter((own & by_name) | (own & exact) | (exact & Q(person__is_protected=False)), person__is_active=True)
        .exclude(person=manager)
        .select_related("person", "unit")
        .order_by("person__last_name", "person__first_name", "starts_on", "pk")
    )
    people: dict[int, Candidate] = {}
    for employment in found[: MOST_FOUND * 2]:
        is_colleague = any(employment.unit.path.startswith(unit.path) for unit in units)
        earlier = people.get(employment.person_id)
        if earlier is None or (is_colleague and not earlier.is_colleague):
            people[employment.person_id] = Candidate(
                employment.person, employment.title, str(employment.unit), is_colleague
            )
    return list(people.values())[:MOST_FOUND]


def deputies_still_to_end(at: datetime) -> QuerySet[DeputyAssignment]:
    """Those that hold at `at` or will, as far as their own days and endings say."""
    return DeputyAssignment.objects.filter(~_ended(at), ends_on__gte=local_day(at))


def deputies_of(assignments: list[ManagerAssignment], at: datetime) -> list[ShownDeputy]:
    """The deputies under `assignments`, those of the last year among them, the latest first. Two queries."""
    day = local_day(at)
    found = (
        DeputyAssignment.objects.filter(manager_assignment__in=assignments)
        .select_related("person", "unit")
        .order_by("-starts_on", "-pk")
    )
    kept = [one for one in found if one.ends_on is None or (day - one.ends_on).days <= KEPT_FOR_DAYS]
    ends = dict(
        Ending.objects.filter(deputy_assignment__in=[one.pk for one in kept]).values_list(
            "deputy_assignment", "takes_effect_at"
        )
    )
    return [ShownDeputy(one, _state(one, ends.get(one.pk), day), ends.get(one.pk)) for one in kept]


def stands_in_for(person: User) -> list[DeputyAssignment]:
    """Where, and for whom, `person` is a deputy today."""
    return list(
        current_deputies()
        .filter(person=person)
        .select_related("unit", "manager_assignment__person")
        .order_by("ends_on", "pk")
    )


def deputised_changes(instants: list[datetime]) -> dict[datetime, str]:
    """Of changes by their instants: the name of the manager in whose place each was made. One query."""
    acts = DeputyAct.objects.filter(recorded_at__in=instants).select_related(
        "deputy_assignment__manager_assignment__person"
    )
    return {act.recorded_at: act.deputy_assignment.manager_assignment.person.full_name for act in acts}


def deputised_manager(assignment_id: int) -> str:
    """The name of the manager in whose place a deputy's assignment lets decide."""
    found = DeputyAssignment.objects.select_related("manager_assignment__person").get(pk=assignment_id)
    return found.manager_assignment.person.full_name


def _state(one: DeputyAssignment, ended_at: datetime | None, day: date) -> str:
    if ended_at is not None:
        return "ended"
    if one.ends_on is not None and one.ends_on < day:
        return "over"
    return "ahead" if one.starts_on > day else "now"


def _ended(at: datetime) -> Exists:
    return Exists(Ending.objects.filter(deputy_assignment=OuterRef("pk"), takes_effect_at__lte=at))


def _employed_by_principal_of(units: list[OrganisationUnit]) -> QuerySet[Employment]:
    """Who works for the principals that `units` belong to; above every principal: anybody below."""
    kinds = OrganisationUnit.Kind
    paths = {path for unit in units for path in _paths_to(unit)}
    principals = OrganisationUnit.objects.filter(path__in=paths, kind=kinds.PRINCIPAL).values_list("path", flat=True)
    known = set(principals)
    below = Q(pk__in=[])
    for unit in units:
        path = next((path for path in _paths_to(unit) if path in known), unit.path)
        below |= Q(unit__path__startswith=path)
    return current_employments(timezone.now()).filter(below)


def _paths_to(unit: OrganisationUnit) -> list[str]:
    return [unit.path[: end * unit.steplen] for end in range(1, unit.depth + 1)]
