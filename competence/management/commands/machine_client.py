"""`manage.py machine_client`: admits machine clients to the REST API, renews their secrets, shuts them out."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from competence.actions.client_secrets import LONGEST_OVERLAP, OVERLAP, end_secret, rotate_secret
from competence.actions.machine_clients import (
    change_machine_client,
    create_machine_client,
    deactivate_machine_client,
    reactivate_machine_client,
    revoke_client_tokens,
)
from competence.models.machine_client import MachineClient, Scope
from competence.models.organisation_unit import PrincipalKind
from competence.queries.machine_clients import listed_clients
from lms.lib.actors import Machine
from lms.lib.clock import STOCKHOLM
from lms.lib.errors import Refusal


class Command(BaseCommand):
    help = (
        "Admit machine clients to the REST API and look after them. A secret is kept only as a hash and printed once. "
        "Clients get tokens at /identity/o/api/token. Each word has a --help of its own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
        create = words.add_parser("create", help="admit a client; prints its id and secret")
        create.add_argument("name", help="what people call it, such as webSesam")
        create.add_argument("--client-id", help="the id to use; made up when left out")
        _add_binding(create)
        change = words.add_parser("change", help="say anew what a client may do; holds from its next request on")
        change.add_argument("client_id")
        change.add_argument("--name", help="what people call it; as before when left out")
        _add_binding(change)
        rotate = words.add_parser("rotate_secret", help="give a client a new secret beside the one it has; prints it")
        rotate.add_argument("client_id")
        rotate.add_argument(
            "--overlap-days",
            type=float,
            default=OVERLAP / timedelta(days=1),
            metavar="DAYS",
            help=f"how long the earlier secret goes on working: {OVERLAP.days} days unless said, {LONGEST_OVERLAP.days}"
            " at most",
        )
        rotate.add_argument(
            "--leaked", action="store_true", help="end the earlier secrets and revoke all tokens at once, no overlap"
        )
        end = words.add_parser("end_secret", help="end a secret now and revoke all the client's tokens")
        end.add_argument("client_id")
        end.add_argument("beginning", help="the secret's first characters, as `list` shows them")
        for word, what in (
            ("revoke", "shut a client out at once: no tokens, old or new"),
            ("restore", "let a client that was shut out in again, with the secrets that are still valid"),
            ("revoke_tokens", "make a client's tokens worthless at once; it may get new ones"),
        ):
            words.add_parser(word, help=what).add_argument("client_id")
        for name, sub in words.choices.items():
            if name != "list":
                sub.add_argument("--dry-run", action="store_true", help="check everything, and change nothing")
        words.add_parser("list", help="all clients with what they may do, their secrets and when they last asked")

    def handle(self, *args: Any, word: str, **options: Any) -> None:
        if word == "list":
            self._list()
            return
        work: Callable[..., list[str]] = getattr(self, f"_{word}")
        try:
            with transaction.atomic():
                lines = work(by=Machine(f"command:machine_client {word}"), **options)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        # The secret of a dry run is nobody's: not shown.
        self.stdout.write("This could be done. Nothing was changed." if options["dry_run"] else "\n".join(lines))

    def _create(
        self,
        *,
        name: str,
        systems: list[str],
        scopes: list[str],
        principals: list[str],
        client_id: str | None,
        by: Machine,
        **_rest: Any,
    ) -> list[str]:
        made = create_machine_client(
            name=name, systems=systems, scopes=scopes, principal_kinds=principals, client_id=client_id, by=by
        )
        return [f"client_id: {made.client.client_id}", f"client_secret: {made.secret}"]

    def _change(
        self,
        *,
        client_id: str,
        name: str | None,
        systems: list[str],
        scopes: list[str],
        principals: list[str],
        by: Machine,
        **_rest: Any,
    ) -> list[str]:
        client = _client(client_id)
        changed = change_machine_client(
            client=client,
            name=name or client.name,
            systems=systems,
            scopes=scopes,
            principal_kinds=principals,
            by=by,
        )
        return [f"{changed.name} is changed."]

    def _rotate_secret(
        self, *, client_id: str, overlap_days: float, leaked: bool, by: Machine, **_rest: Any
    ) -> list[str]:
        overlap = timedelta(0) if leaked else timedelta(days=overlap_days)
        new = rotate_secret(client=_client(client_id), overlap=overlap, by=by)
        until = f"works until {_shown(new.earlier_ends_at)}" if new.earlier_ends_at else "has ended"
        return [f"client_secret: {new.secret}", f"The earlier secret {until}."]

    def _end_secret(self, *, client_id: str, beginning: str, by: Machine, **_rest: Any) -> list[str]:
        found = list(_client(client_id).secrets.valid().filter(beginning__startswith=beginning))
        if len(found) != 1:
            raise CommandError(f"{len(found)} valid secrets of {client_id} begin with {beginning}.")
        end_secret(secret=found[0], by=by)
        return [f"The secret {found[0].beginning}… has ended, and all tokens are revoked."]

    def _revoke(self, *, client_id: str, by: Machine, **_rest: Any) -> list[str]:
        deactivate_machine_client(client=_client(client_id), by=by)
        return [f"{client_id} is shut out."]

    def _restore(self, *, client_id: str, by: Machine, **_rest: Any) -> list[str]:
        reactivate_machine_client(client=_client(client_id), by=by)
        return [f"{client_id} is let in again."]

    def _revoke_tokens(self, *, client_id: str, by: Machine, **_rest: Any) -> list[str]:
        return [f"{revoke_client_tokens(client=_client(client_id), by=by)} tokens revoked."]

    def _list(self) -> None:
        for one in listed_clients():
            state = "" if one.client.is_active else " SHUT OUT"
            self.stdout.write(f"{one.client.client_id}: {one.client.name}{state}")
            self.stdout.write(f"  scopes: {', '.join(one.scopes)}")
            self.stdout.write(f"  systems: {', '.join(one.systems) or 'none'}")
            self.stdout.write(f"  principals: {', '.join(one.client.principal_kinds) or 'all'}")
            self.stdout.write(f"  last look-up: {_shown(one.last_look_up)}")
            for secret in one.valid_secrets:
                end = f", ends {_shown(secret.ends_at)}" if secret.ends_at else ""
                self.stdout.write(
                    f"  secret {secret.beginning or '(older)'}…: made {_shown(secret.created_at)}, last token "
                    f"{_shown(secret.last_used_at)}{end}"
                )


def _add_binding(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--system",
        action="append",
        default=[],
        dest="systems",
        metavar="KEY",
        help="an ordering system whose rights it may ask about, such as websesam; may be repeated",
    )
    parser.add_argument(
        "--scope",
        action="append",
        required=True,
        dest="scopes",
        choices=Scope.values,
        help="what it may do; may be repeated",
    )
    parser.add_argument(
        "--principal",
        action="append",
        default=[],
        dest="principals",
        choices=PrincipalKind.values,
        help="a kind of principal whose people it may see; may be repeated; all when left out",
    )


def _client(client_id: str) -> MachineClient:
    client = MachineClient.objects.filter(client_id=client_id).first()
    if client is None:
        raise CommandError(f"There is no client {client_id}.")
    return client


def _shown(instant: datetime | None) -> str:
    return "never" if instant is None else f"{instant.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
