"""The machine clients as people look after them: what each may do, its secrets, and how much it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.idp.oidc.models import Client
from django.db.models import Count, F, Max, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from competence.models.client_activity import HarvestAlarm
from competence.models.decision_log import DecisionLog
from competence.models.machine_client import ClientSecret, MachineClient, Scope
from competence.models.outbox import Revision
from competence.models.webhook import Webhook
from lms.lib.uuid7 import first_of

LAST_DAYS = 7
# An id is made by a process's clock, the instant is the database's.
_MARGIN = timedelta(minutes=10)


@dataclass(frozen=True)
class ListedClient:
    """A client with what stands beside it. `look_ups`: answers during the last seven days, counted once a minute."""

    client: MachineClient
    scopes: list[str]
    systems: list[str]
    valid_secrets: list[ClientSecret]
    look_ups: int
    last_look_up: datetime | None
    alarms: int

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope.values]

    @property
    def last_token(self) -> datetime | None:
        """When a secret of the client's last gave a token."""
        return max((s.last_used_at for s in self.client.secrets.all() if s.last_used_at), default=None)

    @property
    def next_end(self) -> datetime | None:
        """When a secret that still works ends."""
        return min((s.ends_at for s in self.valid_secrets if s.ends_at), default=None)


def listed_clients(clients: QuerySet[MachineClient] | None = None) -> list[ListedClient]:
    """These clients (all), by name, in a fixed number of queries."""
    now = timezone.now()
    found = MachineClient.objects.all() if clients is None else clients
    rows = list(
        found.prefetch_related("systems", Prefetch("secrets", ClientSecret.objects.order_by("-created_at", "-pk")))
        .annotate(
            alarms=Count("harvest_alarms", filter=Q(harvest_alarms__handled_at__isnull=True), distinct=True),
        )
        .order_by("name", "pk")
    )
    lately = {
        pk: (answers or 0, last)
        for pk, answers, last in MachineClient.objects.filter(pk__in=[row.pk for row in rows])
        .annotate(
            answers=Sum(
                "look_up_hours__answers",
                filter=Q(look_up_hours__starts_at__gte=now - timedelta(days=LAST_DAYS)),
            ),
            last=Max(Coalesce("look_up_hours__last_at", "look_up_hours__starts_at")),
        )
        .values_list("pk", "answers", "last")
    }
    scopes = {client.pk: client.get_scopes() for client in Client.objects.filter(pk__in=[r.client_id for r in rows])}
    return [
        ListedClient(
            client=row,
            scopes=scopes.get(row.client_id, []),
            systems=[system.name for system in row.systems.all()],
            valid_secrets=[s for s in row.secrets.all() if s.ends_at is None or s.ends_at > now],
            look_ups=lately[row.pk][0],
            last_look_up=lately[row.pk][1],
            alarms=row.alarms,
        )
        for row in rows
    ]


def open_alarms() -> QuerySet[HarvestAlarm]:
    """The alarms that nobody has handled, the latest first."""
    return HarvestAlarm.objects.filter(handled_at__isnull=True).select_related("client")


def webhooks_of(client: MachineClient) -> QuerySet[Webhook]:
    """The client's webhooks, each with how much of the feed lies ahead of it (`waiting`)."""
    events = Coalesce(Subquery(Revision.objects.filter(pk=1).values("events")), 0)
    return Webhook.objects.filter(client=client).annotate(waiting=Greatest(events - F("place"), 0))


def logged_since(since: datetime) -> QuerySet[DecisionLog]:
    """The look-ups from `since` on, found by their ids, which rise with time: the log has no index of its instants."""
    return DecisionLog.objects.filter(asked_at__gte=since, pk__gte=first_of(since - _MARGIN))


def look_ups_of(client: MachineClient, *, since: datetime, until: datetime) -> QuerySet[DecisionLog]:
    """Whom the client asked about in this time, the latest first."""
    asked = logged_since(since).filter(asked_by=client.actor_name, asked_at__lt=until, pk__lt=first_of(until + _MARGIN))
    return asked.select_related("person").order_by("-asked_at", "-pk")
