"""What is done to a machine client from its page, by a button that is confirmed first."""

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
from django.views.decorators.http import require_http_methods, require_POST

from competence.actions.client_secrets import end_secret
from competence.actions.harvesting import handle_alarm
from competence.actions.machine_clients import (
    deactivate_machine_client,
    reactivate_machine_client,
    revoke_client_tokens,
)
from competence.models.client_activity import HarvestAlarm
from competence.models.machine_client import ClientSecret, MachineClient
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
    act: Callable[[MachineClient, User], object]


STEPS = {
    "stang-av": Step(
        _("Shut the client out"),
        _("It gets no answers from this moment on. You can let it in again."),
        _("The client is shut out."),
        lambda client, by: deactivate_machine_client(client=client, by=by),
    ),
    "slapp-in": Step(
        _("Let the client in again"),
        _("It can ask again with the secrets that still work."),
        _("The client is let in again."),
        lambda client, by: reactivate_machine_client(client=client, by=by),
    ),
    "aterkalla": Step(
        _("Revoke all access tokens"),
        _("The client must get a new one with its secret. For a system that works as it should, this takes a moment."),
        _("All access tokens are revoked."),
        lambda client, by: revoke_client_tokens(client=client, by=by),
    ),
}


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def client_step(request: HttpRequest, client_id: str, step: str) -> HttpResponse:
    """Shut out, let in, or revoke: asked first, done by POST."""
    if step not in STEPS:
        raise Http404
    chosen, client = STEPS[step], client_or_404(client_id)
    if request.method == "POST":
        chosen.act(client, reader_of(request))
        messages.success(request, str(chosen.done))
        return redirect("competence:machine_client", client.client_id)
    is_harmless = step == "slapp-in"
    return _confirm(request, client, chosen.title, chosen.text, "" if is_harmless else "danger")


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def end_client_secret(request: HttpRequest, client_id: str, public_id: uuid.UUID) -> HttpResponse:
    """End one secret now. Another client's is as missing."""
    client = client_or_404(client_id)
    secret: ClientSecret = get_object_or_404(
        ClientSecret.objects.valid().select_related("client"), client=client, public_id=public_id
    )
    if request.method == "POST":
        try:
            end_secret(secret=secret, by=reader_of(request))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(_("The secret has ended, and all access tokens are revoked.")))
        return redirect("competence:machine_client", client.client_id)
    text = _("Whoever still uses it gets no more access tokens, and those that were given are revoked.")
    return _confirm(request, client, _("End the secret now"), text, "danger", secret)


@requires(PERMISSION)
@require_POST
def handle_client_alarm(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Somebody has looked into an alarm (`ordinary`: such an hour is what the client does from now on)."""
    alarm: HarvestAlarm = get_object_or_404(HarvestAlarm, public_id=public_id)
    handle_alarm(alarm=alarm, is_ordinary=request.POST.get("ordinary") == "1", by=reader_of(request))
    messages.success(request, str(_("The alarm is handled.")))
    return redirect("competence:machine_clients")


def _confirm(
    request: HttpRequest,
    client: MachineClient,
    title: str | Promise,
    text: str | Promise,
    colour: str,
    secret: ClientSecret | None = None,
) -> HttpResponse:
    return render(
        request,
        "competence/machine_clients/confirm.html",
        {
            "client": client,
            "title": title,
            "text": text,
            "colour": colour,
            "secret": secret,
            "back": reverse("competence:machine_client", args=[client.client_id]),
        },
    )
