"""Admit a machine client to the REST API."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from competence.actions.machine_clients import create_machine_client
from competence.models.machine_client import Scope
from competence.models.organisation_unit import PrincipalKind
from lms.lib.actors import Machine
from lms.lib.errors import Refusal


class Command(BaseCommand):
    help = (
        "Admit a machine client to the REST API, and print its id and secret. The secret is kept only as a hash: it is "
        "printed this once. The client gets tokens at /identity/o/api/token."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what people call it, such as webSesam")
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
        parser.add_argument("--client-id", help="the id to use; made up when left out")
        parser.add_argument("--dry-run", action="store_true", help="check everything, and admit nobody")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                made = create_machine_client(
                    name=options["name"],
                    systems=options["systems"],
                    scopes=options["scopes"],
                    principal_kinds=options["principals"],
                    client_id=options["client_id"],
                    by=Machine("command:create_machine_client"),
                )
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["dry_run"]:
            self.stdout.write(f"{made.client.name} could be admitted. Nothing was changed.")
            return
        self.stdout.write(f"client_id: {made.client.client_id}\nclient_secret: {made.secret}")
