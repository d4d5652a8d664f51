"""A client's webhooks, as those who look after clients see them: on the client's page, and what is done to one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from competence.actions.webhooks import ask_for_test, pause_webhook, remove_webhook, resume_webhook
from competence.models.webhook import Webhook
from competence.views.common import reader_of
from competence.views.machine_clients import PERMISSION, client_or_404
from lms.lib.access import requires
from lms.lib.errors import Refusal
from lms.users.models import User


@dataclass(frozen=True)
class Step:
    """Something to confirm: what it is called, what it brings about, and what is said when it is done."""

    title: str | Promise
    text: str | Promise
    done: str | Promise
    act: Callable[[Webhook, User], object]
    colour: str = ""


STEPS = {
    "pausa": Step(
        _("Pause the webhook"),
        _("Nothing is sent until you resume it. It then goes on where it stopped."),
        _("The webhook is paused."),
        lambda webhook, by: pause_webhook(webhook=webhook, by=by),
    ),
    "ateruppta": Step(
        _("Resume the webhook"),
        _("It goes on where it stopped: everything that has changed since is sent, in order."),
        _("The webhook is resumed."),
        lambda webhook, by: resume_webhook(webhook=webhook, by=by),
    ),
    "prova": Step(
        _("Send a test message"),
        _("One message of the type webhook.test is sent within seconds. What came of it is shown beside the webhook."),
        _("The test message is on its way."),
        lambda webhook, by: ask_for_test(webhook=webhook, by=by),
    ),
    "ta-bort": Step(
        _("Remove the webhook"),
        _("Nothing is sent there any more. The system must make it anew by the API."),
        _("The webhook is removed."),
        lambda webhook, by: remove_webhook(webhook=webhook, by=by),
        "danger",
    ),
}


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_step(request: HttpRequest, client_id: str, public_id: uuid.UUID, step: str) -> HttpResponse:
    """Pause, resume, try or remove: asked first, done by POST. Another client's webhook is as missing."""
    if step not in STEPS:
        raise Http404
    chosen, client = STEPS[step], client_or_404(client_id)
    webhook: Webhook = get_object_or_404(Webhook.objects.select_related("client"), client=client, public_id=public_id)
    if request.method == "POST":
        try:
            chosen.act(webhook, reader_of(request))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(chosen.done))
        return redirect("competence:machine_client", client.client_id)
    return render(
        request,
        "competence/machine_clients/confirm.html",
        {
            "client": client,
            "webhook": webhook,
            "title": chosen.title,
            "text": chosen.text,
            "colour": chosen.colour,
            "back": reverse("competence:machine_client", args=[client.client_id]),
        },
    )
