"""Who may decide about whom. Managers are facts, not groups."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from competence.models.employment import Employment, ManagerAssignment
from competence.models.ending import Ending
from competence.models.organisation_unit import OrganisationUnit
from lms.lib.actors import Actor, Machine
from lms.lib.clock import local_day
from lms.users.models import User


def current_assignments() -> QuerySet[ManagerAssignment]:
    """The manager assignments that hold today and have not ended."""
    today = local_day(timezone.now())
    ended = Ending.objects.filter(manager_assignment=OuterRef("pk"), takes_effect_at__lte=Now())
    return ManagerAssignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), ~Exists(ended), starts_on__lte=today
    )


def units_managed_by(person: User) -> QuerySet[OrganisationUnit]:
    """The units that `person` manages today, with all units below them."""
    paths = list(current_assignments().filter(person=person).values_list("unit__path", flat=True))
    if not paths:
        return OrganisationUnit.objects.none()  # type: ignore[no-any-return]
    below = Q()
    for path in paths:
        below |= Q(path__startswith=path)
    return OrganisationUnit.objects.filter(below)  # type: ignore[no-any-return]


def manages_anybody(person: User) -> bool:
    """Whether `person` is a manager today."""
    return person.is_authenticated and person.is_active and current_assignments().filter(person=person).exists()


def can_manage(actor: Actor, unit: OrganisationUnit) -> bool:
    """Whether `actor` decides about those who work at `unit`. Machines (commands, imports) may."""
    if isinstance(actor, Machine):
        return True
    ancestors = [unit.path[: end * unit.steplen] for end in range(1, unit.depth + 1)]
    return actor.is_active and current_assignments().filter(person_id=actor.pk, unit__path__in=ancestors).exists()


def can_decide_about(actor: Actor, employment: Employment) -> bool:
    """Whether `actor` may decide about `employment`. Nobody decides about themselves."""
    if isinstance(actor, Machine):
        return True
    return employment.person_id != actor.pk and can_manage(actor, employment.unit)


def require_decider(actor: Actor, employment: Employment) -> None:
    """Raises PermissionDenied unless `actor` may decide about `employment`."""
    if not can_decide_about(actor, employment):
        raise PermissionDenied("decide about this employment")


def managers_of(unit: OrganisationUnit) -> QuerySet[User]:
    """Those who manage `unit` today, at it or above it."""
    ancestors = [unit.path[: end * unit.steplen] for end in range(1, unit.depth + 1)]
    assignments = current_assignments().filter(unit__path__in=ancestors)
    return User.objects.filter(pk__in=assignments.values("person_id"), is_active=True)


def nearest_managers_of(unit: OrganisationUnit, *, besides: User) -> list[User]:
    """Those who manage `unit` today from nearest above it, `besides` left out: whom a decision waits for first."""
    ancestors = [unit.path[: end * unit.steplen] for end in range(1, unit.depth + 1)]
    assignments = current_assignments().filter(unit__path__in=ancestors, person__is_active=True).exclude(person=besides)
    found = list(assignments.select_related("person", "unit"))
    nearest = max((assignment.unit.depth for assignment in found), default=0)
    return list({a.person_id: a.person for a in found if a.unit.depth == nearest}.values())
