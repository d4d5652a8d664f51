"""Who administers which ordering system. A fact, like who manages which unit."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from competence.models.ending import Ending
from competence.models.ordering_system import OrderingSystem
from competence.models.transfer import SystemAdministrator
from lms.lib.clock import local_day
from lms.users.models import User


def current_system_administrators(at: datetime) -> QuerySet[SystemAdministrator]:
    """Who administers which ordering system at `at`."""
    day = local_day(at)
    ended = Ending.objects.filter(system_administrator=OuterRef("pk"), takes_effect_at__lte=at)
    return SystemAdministrator.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day), ~Exists(ended), starts_on__lte=day
    )


def systems_administered_by(person: User) -> QuerySet[OrderingSystem]:
    """The ordering systems that `person` administers today."""
    if not person.is_active:
        return OrderingSystem.objects.none()
    own = current_system_administrators(timezone.now()).filter(person=person)
    return OrderingSystem.objects.filter(pk__in=own.values("system_id"))
