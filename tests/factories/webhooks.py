"""Webhooks, changes for them, and what arrived."""

from __future__ import annotations

from typing import Any

from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.webhooks import (
    create_webhook,
)
from competence.models.ordering_system import OrderingRight
from competence.models.webhook import Webhook
from competence.queries.changes import Sight, changes_after
from competence.webhooks.delivery import deliver_to
from tests.factories.competence import BUILDER, Prescriber
from tests.factories.machine_clients import ApiClient
from tests.receiver import Receiver

RIGHT = "websesam.health-care"


def make_webhook(api: ApiClient, url: str, **values: Any) -> tuple[Webhook, str]:
    made = create_webhook(client=api.client, url=url, by=BUILDER, **values)
    return made.webhook, made.secret


def turn(one: Prescriber) -> None:
    """One change of the person's eligibility, there or back."""
    right = OrderingRight.objects.get(key=RIGHT)
    held = one.employment.authorisations.filter(right=right, endings__isnull=True).last()
    if held is None:
        grant_authorisation(employment=one.employment, right=right, by=BUILDER)
    else:
        revoke_authorisation(authorisation=held, reason="Prov", by=BUILDER)


def numbers(api: ApiClient, after: int = 0) -> list[int]:
    """The numbers of all changes that the client may see."""
    sight = Sight(frozenset(api.client.systems.values_list("key", flat=True)), None)
    return [change.number for change in changes_after(after, sight, 1000).changes]


def arrived(receiver: Receiver) -> list[int]:
    return [int(got.id.rsplit("_", 1)[1]) for got in receiver.got]


def deliver(webhook: Webhook) -> Webhook:
    """A run, whatever it waits for."""
    Webhook.objects.filter(pk=webhook.pk).update(next_attempt_at=None)
    deliver_to(webhook.pk)
    webhook.refresh_from_db()
    return webhook
