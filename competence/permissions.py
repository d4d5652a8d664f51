"""Who may decide about whom. Managers and their deputies are facts, not groups."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Now
from django.utils import timezone

from competence.models.deputy import DeputyAssignment
from competence.models.employment import Employment, ManagerAssignment
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from lms.lib.actors import Actor, Machine
from lms.lib.clock import local_day
from lms.users.models import User, records_of, same_person


def current_assignments() -> QuerySet[ManagerAssignment]:
    """The manager assignments that hold today and have not ended."""
    today = local_day(timezone.now())
    ended = Ending.objects.filter(manager_assignment=OuterRef("pk"), takes_effect_at__lte=Now())
    return ManagerAssignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), ~Exists(ended), starts_on__lte=today
    )


def current_deputies() -> QuerySet[DeputyAssignment]:
    """The deputies' assignments that hold today: not ended, the manager's own holds, and the deputy works somewhere."""
    today = local_day(timezone.now())
    ended = Ending.objects.filter(deputy_assignment=OuterRef("pk"), takes_effect_at__lte=Now())
    left = Ending.objects.filter(employment=OuterRef("pk"), takes_effect_at__lte=Now())
    works = Employment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        ~Exists(left),
        person=OuterRef("person"),
        starts_on__lte=today,
    )
    return DeputyAssignment.objects.filter(
        ~Exists(ended),
        Exists(works),
        starts_on__lte=today,
        ends_on__gte=today,
        manager_assignment__in=current_assignments().values("pk"),
        manager_assignment__person__is_active=True,
    )


@dataclass(frozen=True)
class Reach:
    """How far somebody decides today, by the paths of units: as a manager (`own`), and as a deputy (`deputised`: path,
    the manager's person, the deputy's assignment). Everything below a path is within it."""

    person_id: int
    own: tuple[str, ...] = ()
    deputised: tuple[tuple[str, int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.deputised)

    def units(self) -> QuerySet[OrganisationUnit]:
        """The units within reach."""
        paths = {*self.own, *(path for path, _manager, _pk in self.deputised)}
        if not paths:
            return OrganisationUnit.objects.none()  # type: ignore[no-any-return]
        return OrganisationUnit.objects.filter(_below("path", paths))  # type: ignore[no-any-return]

    def covers(self, unit: OrganisationUnit) -> bool:
        """Whether `unit` is within reach."""
        return any(unit.path.startswith(path) for path in (*self.own, *(path for path, _m, _pk in self.deputised)))

    def decidable(self, prefix: str = "") -> Q:
        """The condition on employments (found by `prefix`) that one may decide about: never one's own, and as a deputy
        never the manager's."""
        path = f"{prefix}unit__path"
        within = _below(path, self.own)
        for deputised, manager, _pk in self.deputised:
            within |= Q(**{f"{path}__startswith": deputised}) & ~Q(**{f"{prefix}person__in": records_of(manager)})
        return within & ~Q(**{f"{prefix}person__in": records_of(self.person_id)})

    def decides_about(self, employment: Employment) -> bool:
        """Whether one may decide about `employment`."""
        if self._is_own(employment):
            return False
        return self._as_manager(employment) or self.deputy_for(employment) is not None

    def deputy_for(self, employment: Employment) -> int | None:
        """The deputy's assignment by which one decides about `employment`; None when one's own does, or none."""
        if self._is_own(employment) or self._as_manager(employment):
            return None
        found = (
            (len(path), pk)
            for path, manager, pk in self.deputised
            if employment.unit.path.startswith(path) and manager != employment.person.as_one_pk
        )
        return max(found, default=(0, None))[1]

    def _is_own(self, employment: Employment) -> bool:
        """Whether it is one's own, also under a record that was merged into one's own."""
        return self.person_id in (employment.person_id, employment.person.as_one_pk)

    def _as_manager(self, employment: Employment) -> bool:
        return any(employment.unit.path.startswith(path) for path in self.own)


def _below(field: str, paths: tuple[str, ...] | set[str]) -> Q:
    """Within any of `paths`; of none of them: nothing."""
    below = Q()
    for path in sorted(paths):
        below |= Q(**{f"{field}__startswith": path})
    return below or Q(pk__in=[])


def reach_of(person: User) -> Reach:
    """How far `person` decides today. One query; none for who has not logged in, or may not."""
    if not (person.is_authenticated and person.is_active):
        return Reach(0)
    nobody = Value(0, output_field=IntegerField())
    own = current_assignments().filter(same_person(person)).values_list("unit__path", nobody, nobody)
    deputised = (
        current_deputies().filter(person=person).values_list("unit__path", "manager_assignment__person_id", "pk")
    )
    rows = sorted(own.union(deputised, all=True))
    return Reach(
        person_id=person.pk,
        own=tuple(path for path, _manager, pk in rows if not pk),
        deputised=tuple((path, manager, pk) for path, manager, pk in rows if pk),
    )


def units_managed_by(person: User) -> QuerySet[OrganisationUnit]:
    """The units that `person` manages today, or stands in for the manager of, with all units below them."""
    return reach_of(person).units()


def manages_anybody(person: User) -> bool:
    """Whether `person` is a manager or a deputy today."""
    return bool(reach_of(person))


def can_manage(actor: Actor, unit: OrganisationUnit) -> bool:
    """Whether `actor` sees those who work at `unit` as a manager does. Machines (commands, imports) may."""
    if isinstance(actor, Machine):
        return True
    return isinstance(actor, User) and reach_of(actor).covers(unit)


def can_decide_about(actor: Actor, employment: Employment) -> bool:
    """Whether `actor` may decide about `employment`. Nobody decides about themselves, no deputy about the manager."""
    if isinstance(actor, Machine):
        return True
    return isinstance(actor, User) and reach_of(actor).decides_about(employment)


def require_decider(actor: Actor, employment: Employment) -> int | None:
    """Raises PermissionDenied unless `actor` may decide about `employment`.

    Returns the deputy's assignment by virtue of which they may, for `begin_change(as_deputy=…)`; None: in their own
    right.
    """
    if isinstance(actor, Machine):
        return None
    reach = reach_of(actor) if isinstance(actor, User) else Reach(0)
    if not reach.decides_about(employment):
        raise PermissionDenied("decide about this employment")
    return reach.deputy_for(employment)


def nearest_managers_of(unit: OrganisationUnit, *, besides: User) -> list[User]:
    """Whom a decision at `unit` waits for first: those who manage it from nearest above, `besides` left out, and those
    who stand in for one of them there."""
    ancestors = _ancestors(unit)
    assignments = current_assignments().filter(unit__path__in=ancestors, person__is_active=True).exclude(person=besides)
    found = list(assignments.select_related("person", "unit"))
    nearest = max((assignment.unit.depth for assignment in found), default=0)
    those = [assignment for assignment in found if assignment.unit.depth == nearest]
    people = {assignment.person_id: assignment.person for assignment in those}
    deputies = current_deputies().filter(
        manager_assignment__in=[assignment.pk for assignment in those],
        unit__path__in=ancestors,
        person__is_active=True,
    )
    for deputy in deputies.exclude(person=besides).select_related("person"):
        people.setdefault(deputy.person_id, deputy.person)
    return list(people.values())


def _ancestors(unit: OrganisationUnit) -> list[str]:
    """The paths of `unit` and all above it."""
    return [unit.path[: end * unit.steplen] for end in range(1, unit.depth + 1)]
