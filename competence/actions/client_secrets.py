"""The secrets of machine clients: a new one beside the old for a while, or in its place at once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from competence.actions.epoch import bump_clients
from competence.models.machine_client import ClientSecret, MachineClient
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine, name_of
from lms.lib.errors import Refusal

OVERLAP = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=90)
BEGINNING = 6  # characters kept to tell secrets apart; 37 of 43 remain unknown
AT_ONCE = 2  # secrets that are valid at the same time: each costs a slow hash at every token


@dataclass(frozen=True)
class NewSecret:
    """A secret that was just made, and until when the earlier one works (None: it does not). Show it now or never."""

    record: ClientSecret
    secret: str
    earlier_ends_at: datetime | None = None


@transaction.atomic
def rotate_secret(*, client: MachineClient, by: Actor, overlap: timedelta = OVERLAP) -> NewSecret:
    """Give the client a new secret. The one before is valid for `overlap` more; nought when it has leaked.

    Nought also revokes all the client's tokens, for whoever has the leaked secret may hold one. Raises Refusal for an
    overlap of more than 90 days, for a client that is shut out, and while two secrets are valid already.
    """
    require_admitter(by)
    client = locked(client)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Refusal(_("The earlier secret can work for at most %(days)d days more.") % {"days": LONGEST_OVERLAP.days})
    if not client.is_active:
        raise Refusal(_("The client is shut out. Let it in again first."))
    valid = client.secrets.valid()
    if overlap and valid.count() >= AT_ONCE:
        raise Refusal(_("Two secrets work already. End the older one first, or replace both at once."))
    ends_at = timezone.now() + overlap if overlap else None
    if overlap:
        valid.filter(ends_at__isnull=True).update(ends_at=ends_at)
    else:
        valid.update(ends_at=Now())
        revoke_tokens(client)
    new = add_secret(client, by=by)
    bump_clients()
    record_write(
        "rotate_secret",
        by=by,
        subject=f"machine_client:{client.client_id}",
        overlap_hours=round(overlap / timedelta(hours=1), 1),
        secret=new.record.beginning,
    )
    return NewSecret(new.record, new.secret, ends_at)


@transaction.atomic
def end_secret(*, secret: ClientSecret, by: Actor) -> ClientSecret:
    """End a secret now, and revoke all the client's tokens: nobody knows which secret each was given for.

    Raises Refusal when it is the only one: rotate it, or shut the client out.
    """
    require_admitter(by)
    client = locked(secret.client)
    if not client.secrets.valid().exclude(pk=secret.pk).exists():
        raise Refusal(_("It is the client’s only secret. Make a new one, or shut the client out."))
    # One that has ended already keeps its end.
    ClientSecret.objects.filter(pk=secret.pk).update(ends_at=Least(F("ends_at"), Now()))
    ClientSecret.objects.filter(pk=secret.pk, ends_at__isnull=True).update(ends_at=Now())
    client.secrets.valid().update(ends_at=None)  # the other one is the client's only one now
    revoke_tokens(client)
    bump_clients()
    record_write("end_secret", by=by, subject=f"machine_client:{client.client_id}", secret=secret.beginning)
    secret.refresh_from_db()
    return secret


def add_secret(client: MachineClient, *, by: Actor, secret: str = "") -> NewSecret:
    """Save a secret (made up unless given) of the client's. In the transaction of an action that notes it."""
    secret = secret or _new_secret()
    # A hash of before secrets were kept here: it would outlive its secret.
    Client.objects.filter(pk=client.client_id).update(secret=make_password(None))
    record = ClientSecret.objects.create(
        client=client, hash=make_password(secret), beginning=secret[:BEGINNING], created_by_name=name_of(by)
    )
    return NewSecret(record, secret)


def _new_secret() -> str:
    """43 characters, of which the first is no hyphen: a command would take what begins with one for an option."""
    while (made := secrets.token_urlsafe(32)).startswith("-"):
        pass
    return made


def locked(client: MachineClient) -> MachineClient:
    """The client as it is now, held against other changes and new tokens until the transaction ends."""
    return MachineClient.objects.select_for_update().get(pk=client.pk)


def revoke_tokens(client: MachineClient) -> int:
    """Make the client's tokens worthless; returns how many. Call `bump_clients` in the same transaction."""
    removed, _by_model = Token.objects.filter(client_id=client.client_id).delete()
    return int(removed)


def require_admitter(by: Actor) -> None:
    """Raises PermissionDenied unless `by` may manage machine clients."""
    if not isinstance(by, Machine) and not by.has_perm("competence.manage_machine_clients"):
        raise PermissionDenied("manage machine clients")
