"""Admitting machine clients, and shutting them out."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.epoch import bump_clients
from competence.models.machine_client import MachineClient, Scope
from competence.models.ordering_system import OrderingSystem
from competence.models.organisation_unit import PrincipalKind
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal

# The client's name is part of a completion's source, which is no longer than this allows.
CLIENT_ID_LENGTH = 36


@dataclass(frozen=True)
class NewMachineClient:
    """A client with its secret, which is kept only as a hash: show it now or never."""

    client: MachineClient
    secret: str


@transaction.atomic
def create_machine_client(
    *,
    name: str,
    systems: Iterable[str],
    scopes: Iterable[str],
    principal_kinds: Iterable[str],
    by: Actor,
    client_id: str | None = None,
    secret: str | None = None,
) -> NewMachineClient:
    """Admit a machine client, bound to ordering systems (by key) and kinds of principal (none: all).

    `client_id` and `secret` are made up unless given. Raises Refusal for an unknown system, scope or principal, or an
    id that is taken; PermissionDenied unless `by` may manage the rules.
    """
    _require_admitter(by)
    wanted_scopes, kinds, keys = sorted(set(scopes)), sorted(set(principal_kinds)), sorted(set(systems))
    _check_known(_("scopes"), wanted_scopes, Scope.values)
    _check_known(_("principals"), kinds, PrincipalKind.values)
    found = list(OrderingSystem.objects.filter(key__in=keys))
    _check_known(_("ordering systems"), keys, [system.key for system in found])
    if not wanted_scopes:
        raise Refusal(_("Give the client at least one scope."))
    client_id = client_id or str(uuid.uuid4())
    if len(client_id) > CLIENT_ID_LENGTH:
        raise Refusal(_("The client's id is too long: at most %(length)d characters.") % {"length": CLIENT_ID_LENGTH})
    if Client.objects.filter(pk=client_id).exists() or MachineClient.objects.filter(client_id=client_id).exists():
        raise Refusal(_("There is already a client with the id %(id)s.") % {"id": client_id})
    secret = secret or secrets.token_urlsafe(32)
    oauth_client = Client(id=client_id, name=name, type=Client.Type.CONFIDENTIAL)
    oauth_client.grant_types = Client.GrantType.CLIENT_CREDENTIALS
    oauth_client.response_types = ""
    oauth_client.set_scopes(wanted_scopes)
    oauth_client.set_default_scopes(wanted_scopes)
    oauth_client.set_secret(secret)
    oauth_client.save(force_insert=True)
    client = MachineClient.objects.create(client_id=client_id, name=name, principal_kinds=kinds)
    client.systems.set(found)
    bump_clients()
    record_write(
        "create_machine_client",
        by=by,
        subject=f"machine_client:{client_id}",
        scopes=wanted_scopes,
        systems=keys,
        principal_kinds=kinds,
    )
    return NewMachineClient(client, secret)


@transaction.atomic
def deactivate_machine_client(*, client: MachineClient, by: Actor) -> MachineClient:
    """Shut the client out, at once: its tokens are worth nothing any more."""
    _require_admitter(by)
    client.is_active = False
    client.save(update_fields=["is_active"])
    Token.objects.filter(client_id=client.client_id).delete()
    bump_clients()
    record_write("deactivate_machine_client", by=by, subject=f"machine_client:{client.client_id}")
    return client


def _require_admitter(by: Actor) -> None:
    if not isinstance(by, Machine) and not by.has_perm("competence.manage_rules"):
        raise PermissionDenied("admit machine clients")


def _check_known(what: str, values: list[str], known: list[str]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise Refusal(_("Unknown %(what)s: %(values)s.") % {"what": what, "values": ", ".join(unknown)})
