"""Admitting machine clients, saying what they may do, and shutting them out."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allauth.idp.oidc.models import Client
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from competence.actions.client_secrets import add_secret, locked, require_admitter, revoke_tokens
from competence.actions.epoch import bump_clients
from competence.models.machine_client import MachineClient, Scope
from competence.models.ordering_system import OrderingSystem
from competence.models.organisation_unit import PrincipalKind
from lms.audit.api import record_write
from lms.lib.actors import Actor
from lms.lib.errors import Refusal

# The client's name is part of a completion's source, which is no longer than this allows.
CLIENT_ID_LENGTH = 36


@dataclass(frozen=True)
class NewMachineClient:
    """A client with its secret, which is kept only as a hash: show it now or never."""

    client: MachineClient
    secret: str


@dataclass(frozen=True)
class Binding:
    """What a client may do: scopes, ordering systems by key, and kinds of principal (none: all)."""

    scopes: list[str]
    systems: list[OrderingSystem]
    principal_kinds: list[str]

    def as_noted(self) -> dict[str, Any]:
        """For the audit record."""
        return {
            "scopes": self.scopes,
            "systems": sorted(system.key for system in self.systems),
            "principal_kinds": self.principal_kinds,
        }


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
    id that is taken; PermissionDenied unless `by` may manage machine clients.
    """
    require_admitter(by)
    binding = _binding(scopes, systems, principal_kinds)
    client_id = client_id or str(uuid.uuid4())
    if len(client_id) > CLIENT_ID_LENGTH:
        raise Refusal(_("The client's id is too long: at most %(length)d characters.") % {"length": CLIENT_ID_LENGTH})
    if Client.objects.filter(pk=client_id).exists() or MachineClient.objects.filter(client_id=client_id).exists():
        raise Refusal(_("There is already a client with the id %(id)s.") % {"id": client_id})
    oauth_client = Client(id=client_id, name=name[:100], type=Client.Type.CONFIDENTIAL)
    oauth_client.grant_types = Client.GrantType.CLIENT_CREDENTIALS
    oauth_client.response_types = ""
    # Secrets are ours (`ClientSecret`): whatever the library compares with this one is wrong.
    oauth_client.secret = make_password(None)
    _give_scopes(oauth_client, binding.scopes)
    oauth_client.save(force_insert=True)
    client = MachineClient.objects.create(client_id=client_id, name=name, principal_kinds=binding.principal_kinds)
    client.systems.set(binding.systems)
    new = add_secret(client, by=by, secret=secret or "")
    bump_clients()
    record_write("create_machine_client", by=by, subject=f"machine_client:{client_id}", **binding.as_noted())
    return NewMachineClient(client, new.secret)


@transaction.atomic
def change_machine_client(
    *,
    client: MachineClient,
    name: str,
    systems: Iterable[str],
    scopes: Iterable[str],
    principal_kinds: Iterable[str],
    by: Actor,
) -> MachineClient:
    """Say anew what the client may do. It holds from the next request on: its tokens are revoked when scopes change.

    Raises as `create_machine_client` does.
    """
    require_admitter(by)
    client = locked(client)
    binding = _binding(scopes, systems, principal_kinds)
    oauth_client = Client.objects.get(pk=client.client_id)
    if sorted(oauth_client.get_scopes()) != binding.scopes:
        revoke_tokens(client)
    oauth_client.name = name[:100]
    _give_scopes(oauth_client, binding.scopes)
    oauth_client.save(update_fields=["name", "scopes", "default_scopes"])
    client.name, client.principal_kinds = name, binding.principal_kinds
    client.save(update_fields=["name", "principal_kinds"])
    client.systems.set(binding.systems)
    bump_clients()
    record_write("change_machine_client", by=by, subject=f"machine_client:{client.client_id}", **binding.as_noted())
    return client


@transaction.atomic
def deactivate_machine_client(*, client: MachineClient, by: Actor) -> MachineClient:
    """Shut the client out, at once: its tokens are worth nothing any more, and it gets no new ones."""
    return _set_active(client, False, by)


@transaction.atomic
def reactivate_machine_client(*, client: MachineClient, by: Actor) -> MachineClient:
    """Let a client that was shut out in again, with the secrets that are still valid."""
    return _set_active(client, True, by)


@transaction.atomic
def revoke_client_tokens(*, client: MachineClient, by: Actor) -> int:
    """Make all tokens of the client worthless at once; returns how many. It may get new ones."""
    require_admitter(by)
    client = locked(client)
    removed = revoke_tokens(client)
    bump_clients()
    record_write("revoke_client_tokens", by=by, subject=f"machine_client:{client.client_id}", tokens=removed)
    return removed


def _set_active(client: MachineClient, is_active: bool, by: Actor) -> MachineClient:
    require_admitter(by)
    found = locked(client)
    found.is_active = client.is_active = is_active
    found.save(update_fields=["is_active"])
    revoke_tokens(found)
    bump_clients()
    word = "reactivate" if is_active else "deactivate"
    record_write(f"{word}_machine_client", by=by, subject=f"machine_client:{found.client_id}")
    return found


def _give_scopes(oauth_client: Client, scopes: list[str]) -> None:
    oauth_client.set_scopes(scopes)
    oauth_client.set_default_scopes(scopes)


def _binding(scopes: Iterable[str], systems: Iterable[str], principal_kinds: Iterable[str]) -> Binding:
    wanted_scopes, kinds, keys = sorted(set(scopes)), sorted(set(principal_kinds)), sorted(set(systems))
    _check_known(_("scopes"), wanted_scopes, Scope.values)
    _check_known(_("principals"), kinds, PrincipalKind.values)
    found = list(OrderingSystem.objects.filter(key__in=keys))
    _check_known(_("ordering systems"), keys, [system.key for system in found])
    if not wanted_scopes:
        raise Refusal(_("Give the client at least one scope."))
    return Binding(wanted_scopes, found, kinds)


def _check_known(what: str, values: list[str], known: list[str]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise Refusal(_("Unknown %(what)s: %(values)s.") % {"what": what, "values": ", ".join(unknown)})
