"""Webhooks: where a client wants changes sent. Each client has its own; another's is as missing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Body, Router

from competence.actions import webhooks as actions
from competence.models.machine_client import MachineClient, Scope
from competence.models.outbox import Revision
from competence.models.webhook import Webhook
from competence.queries.changes import cursor_at
from competence.rest_api.auth import OAuth2, caller_of
from competence.rest_api.idempotency import idempotently
from competence.rest_api.openapi.declared import tells
from competence.rest_api.problems import Problem
from competence.rest_api.rendering import json_response
from competence.rest_api.webhooks_schemas import (
    NewSecretOut,
    NewWebhookOut,
    SecretIn,
    TestIn,
    WebhookChange,
    WebhookIn,
    WebhookOut,
    WebhooksOut,
)
from lms.lib.clock import STOCKHOLM

# Who sends no body means these.
USUAL_SECRET, USUAL_TEST = SecretIn(), TestIn()
router = Router(tags=["webhooks"])


@router.post(
    "/webhooks",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=NewWebhookOut,
    operation_id="create_webhook",
    summary=_("Have changes sent to you"),
    description=_(
        "Each change of the feed that concerns you is sent as a message of its own, signed after the Standard Webhooks "
        "specification, in order, each at least once: tell them apart by webhook-id. Answer 2xx within seconds. What "
        "fails is tried again for days; nothing later is sent before it has arrived."
    ),
    openapi_extra=tells("refused", is_idempotent=True),
)
def create_webhook(request: HttpRequest, body: Body[WebhookIn]) -> HttpResponse:
    return idempotently(request, lambda: _create(request, body))


def _create(request: HttpRequest, body: WebhookIn) -> HttpResponse:
    caller = caller_of(request)
    made = actions.create_webhook(
        client=MachineClient.objects.get(client_id=caller.client_id),
        url=body.url,
        description=body.description,
        after=body.after,
        by=caller.actor,
    )
    response = json_response({**_out(made.webhook, _events()), "secret": made.secret})
    response["Location"] = f"/api/v1/webhooks/{made.webhook.public_id}"
    return response


@router.get(
    "/webhooks",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=WebhooksOut,
    operation_id="list_webhooks",
    summary=_("Your webhooks"),
    description=_("All of them, the oldest first. Secrets are not told again."),
)
def list_webhooks(request: HttpRequest) -> HttpResponse:
    found = Webhook.objects.filter(client__client_id=caller_of(request).client_id)
    events = _events()
    return json_response({"webhooks": [_out(webhook, events) for webhook in found]})


@router.get(
    "/webhooks/{uuid:webhook_id}",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=WebhookOut,
    operation_id="show_webhook",
    summary=_("One webhook, and how far it has come"),
    description=_("Its state, what went wrong last, and the cursor up to which everything has arrived."),
)
def show_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    return json_response(_out(_own(request, webhook_id), _events()))


@router.patch(
    "/webhooks/{uuid:webhook_id}",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=WebhookOut,
    operation_id="change_webhook",
    summary=_("Change, pause or resume a webhook"),
    description=_("What is left out stays. Resumed, it goes on where it stopped, or after the cursor that you give."),
    openapi_extra=tells("refused"),
)
def change_webhook(request: HttpRequest, webhook_id: uuid.UUID, body: Body[WebhookChange]) -> HttpResponse:
    by = caller_of(request).actor
    with transaction.atomic():
        webhook = _own(request, webhook_id)
        if body.url is not None or body.description is not None:
            webhook = actions.change_webhook(webhook=webhook, url=body.url, description=body.description, by=by)
        if body.is_active is False:
            webhook = actions.pause_webhook(webhook=webhook, by=by)
        elif body.is_active or body.after is not None:
            webhook = actions.resume_webhook(webhook=webhook, after=body.after, by=by)
    return json_response(_out(webhook, _events()))


@router.delete(
    "/webhooks/{uuid:webhook_id}",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=WebhookOut,
    operation_id="remove_webhook",
    summary=_("Remove a webhook"),
    description=_("Answers with what it was at the end."),
)
def remove_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    webhook = _own(request, webhook_id)
    last = _out(webhook, _events())
    actions.remove_webhook(webhook=webhook, by=caller_of(request).actor)
    return json_response(last)


@router.post(
    "/webhooks/{uuid:webhook_id}/secret",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=NewSecretOut,
    operation_id="rotate_webhook_secret",
    summary=_("A new secret for a webhook"),
    description=_("Messages bear a signature by each secret for a while, so that you can change over without a loss."),
    openapi_extra=tells("refused", is_idempotent=True),
)
def rotate_webhook_secret(
    request: HttpRequest, webhook_id: uuid.UUID, body: Body[SecretIn] = USUAL_SECRET
) -> HttpResponse:
    return idempotently(request, lambda: _rotate(request, webhook_id, body))


def _rotate(request: HttpRequest, webhook_id: uuid.UUID, body: SecretIn) -> HttpResponse:
    new = actions.rotate_webhook_secret(
        webhook=_own(request, webhook_id), overlap=timedelta(hours=body.overlap_hours), by=caller_of(request).actor
    )
    return json_response({"secret": new.secret, "earlier_ends_at": _instant(new.earlier_ends_at)})


@router.post(
    "/webhooks/{uuid:webhook_id}/test",
    auth=OAuth2(Scope.ELIGIBILITY_READ),
    response=WebhookOut,
    operation_id="test_webhook",
    summary=_("Have a test message sent"),
    description=_("Of type webhook.test, once, within seconds. The webhook's test_result says what came of it."),
)
def ask_for_test_message(request: HttpRequest, webhook_id: uuid.UUID, body: Body[TestIn] = USUAL_TEST) -> HttpResponse:
    webhook = actions.ask_for_test(webhook=_own(request, webhook_id), by=caller_of(request).actor)
    return json_response(_out(webhook, _events()))


def _own(request: HttpRequest, webhook_id: uuid.UUID) -> Webhook:
    found = Webhook.objects.select_related("client").filter(
        public_id=webhook_id, client__client_id=caller_of(request).client_id
    )
    webhook = found.first()
    if webhook is None:
        raise Problem("not_found")
    return webhook


def _events() -> int:
    return Revision.objects.filter(pk=1).values_list("events", flat=True).first() or 0


def _out(webhook: Webhook, events: int) -> dict[str, Any]:
    return {
        "id": str(webhook.public_id),
        "url": webhook.url,
        "description": webhook.description,
        "state": str(webhook.state),
        "cursor": cursor_at(webhook.feed, webhook.place),
        "waiting": max(0, events - webhook.place),
        "failing_since": _instant(webhook.failing_since),
        "attempts": webhook.attempts,
        "next_attempt_at": _instant(webhook.next_attempt_at),
        "last_error": webhook.last_error,
        "last_delivered_at": _instant(webhook.last_delivered_at),
        "test_result": webhook.test_result,
        "created_at": _instant(webhook.created_at),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(STOCKHOLM).isoformat()
