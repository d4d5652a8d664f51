"""Maskinklienter: the systems that ask by the API, what they may, their secrets, and whom they look up."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from competence.actions.client_secrets import NewSecret, rotate_secret
from competence.actions.machine_clients import change_machine_client, create_machine_client
from competence.forms.machine_clients import ClientForm, LookUpFilter, RotateForm
from competence.models.client_activity import LookUpHour
from competence.models.machine_client import ClientSecret, MachineClient
from competence.queries.machine_clients import listed_clients, look_ups_of, open_alarms, webhooks_of
from competence.views.common import reader_of
from lms.audit.api import record_look_ups
from lms.lib.access import requires
from lms.lib.clock import day_ends_at, day_starts_at, local_day
from lms.lib.errors import Refusal
from lms.users.models import User

PERMISSION = "competence.manage_machine_clients"
ROWS_ON_A_PAGE = 50
BUSY_HOURS = 24


def client_or_404(client_id: str) -> MachineClient:
    found: MachineClient = get_object_or_404(MachineClient, client_id=client_id)
    return found


@requires(PERMISSION)
@require_safe
def machine_clients(request: HttpRequest) -> HttpResponse:
    """All clients, and the alarms that nobody has handled."""
    context = {"clients": listed_clients(), "alarms": open_alarms()}
    return render(request, "competence/machine_clients/list.html", context)


@requires(PERMISSION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_machine_client(request: HttpRequest) -> HttpResponse:
    """Admit one. The answer to the form shows the secret, this once."""
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_machine_client(**form.binding(), by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            record = made.client.secrets.get()
            return _show_secret(request, made.client, NewSecret(record, made.secret), is_new=True)
    return render(request, "competence/machine_clients/form.html", {"form": form}, status=422 if form.errors else 200)


@requires(PERMISSION)
@require_safe
def machine_client(request: HttpRequest, client_id: str) -> HttpResponse:
    """One client: what it may do, its secrets with their ends, and how much it has asked lately."""
    found = client_or_404(client_id)
    [listed] = listed_clients(MachineClient.objects.filter(pk=found.pk))
    alarms = list(found.harvest_alarms.select_related("handled_by", "client")[:50])
    return render(
        request,
        "competence/machine_clients/client.html",
        {
            "listed": listed,
            "client": found,
            "secrets": ClientSecret.objects.filter(client=found).order_by("-created_at", "-pk"),
            "hours": LookUpHour.objects.filter(client=found).order_by("-starts_at")[:BUSY_HOURS],
            "webhooks": webhooks_of(found),
            "alarms": [alarm for alarm in alarms if alarm.handled_at is None],
            "handled_alarms": [alarm for alarm in alarms if alarm.handled_at is not None][:10],
        },
    )


@requires(PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def change_client(request: HttpRequest, client_id: str) -> HttpResponse:
    """What the client may do, said anew."""
    found = client_or_404(client_id)
    [listed] = listed_clients(MachineClient.objects.filter(pk=found.pk))
    initial = {
        "name": found.name,
        "scopes": listed.scopes,
        "systems": [system.key for system in found.systems.all()],
        "principal_kinds": found.principal_kinds,
    }
    form = ClientForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_machine_client(client=found, **form.binding(), by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Changed. It holds from the client’s next request on."))
            return redirect("competence:machine_client", found.client_id)
    context = {"form": form, "client": found}
    return render(request, "competence/machine_clients/form.html", context, status=422 if form.errors else 200)


@requires(PERMISSION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rotate_client_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """A new secret beside the old, or in its place. The answer to the form shows it, this once."""
    found = client_or_404(client_id)
    form = RotateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            new = rotate_secret(client=found, overlap=form.length(), by=reader_of(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show_secret(request, found, new, is_new=False)
    context = {"form": form, "client": found}
    return render(request, "competence/machine_clients/rotate.html", context, status=422 if form.errors else 200)


@requires(PERMISSION)
@require_safe
def client_look_ups(request: HttpRequest, client_id: str) -> HttpResponse:
    """Whom the client looked up on a day. Whoever reads it is noted as having looked those people up."""
    found = client_or_404(client_id)
    form = LookUpFilter({"dag": local_day(timezone.now()).isoformat(), **request.GET.dict()})
    day = form.day()
    rows = look_ups_of(found, since=day_starts_at(day), until=day_ends_at(day))
    if form.folded_hsa_id():
        rows = rows.filter(hsa_id__iexact=form.folded_hsa_id())
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    people: set[User] = {row.person for row in page if row.person is not None}
    record_look_ups(
        "view_client_look_ups",
        by=reader_of(request),
        people=people,
        subject=f"machine_client:{found.client_id}",
        purpose="oversight",
    )
    query = {name: value for name in ("dag", "hsa_id") if (value := request.GET.get(name, ""))}
    return render(
        request,
        "competence/machine_clients/look_ups.html",
        {
            "client": found,
            "form": form,
            "day": day,
            "page": page,
            "filter_query": urlencode(query),
            "before": day - timedelta(days=1),
        },
    )


def _show_secret(request: HttpRequest, client: MachineClient, new: NewSecret, *, is_new: bool) -> HttpResponse:
    """The page with a secret. It is nowhere else: not in a session, not in an address."""
    response: HttpResponse = render(
        request,
        "competence/machine_clients/secret.html",
        {"client": client, "new": new, "is_new": is_new},
    )
    response["Cache-Control"] = "no-store"
    return response
