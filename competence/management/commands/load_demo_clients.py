"""`manage.py load_demo_clients`: admits the ordering systems of the demonstration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from competence.actions.machine_clients import create_machine_client
from competence.models.machine_client import MachineClient, Scope
from lms import env
from lms.lib.actors import Machine

READER = (Scope.ELIGIBILITY_READ,)
# Whoever follows the API's guide from the top comes by every scope that an operation asks for.
EVERYTHING = (Scope.ELIGIBILITY_READ, Scope.COMPLETIONS_WRITE, Scope.STATISTICS_READ)
CLIENTS: dict[str, tuple[str, tuple[str, ...], tuple[Scope, ...]]] = {
    "websesam": ("webSesam (demonstration)", ("websesam",), READER),
    "sesamlmn": ("SesamLMN (demonstration)", ("sesamlmn",), READER),
    "larportal": ("En annan lärportal (demonstration)", (), (Scope.COMPLETIONS_WRITE,)),
    "utvecklare": ("Den som provar API:t (demonstration)", ("websesam", "sesamlmn"), EVERYTHING),
    "statistik": ("Statistikportal (demonstration)", (), (Scope.STATISTICS_READ,)),
}


class Command(BaseCommand):
    help = (
        "Admit the machine clients of the demonstration, with secrets that everybody knows. Those that are there are "
        "left alone. Refuses in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="write the clients and their secrets to this JSON file")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and keep nothing")

    def handle(self, *args: Any, output: Path | None, dry_run: bool, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("Clients with secrets that everybody knows do not belong in production.")
        admitted = 0
        with transaction.atomic():
            for key, (name, systems, scopes) in CLIENTS.items():
                if not MachineClient.objects.filter(client_id=_client_id(key)).exists():
                    create_machine_client(
                        name=name,
                        systems=systems,
                        scopes=scopes,
                        principal_kinds=(),
                        by=Machine("command:load_demo_clients"),
                        client_id=_client_id(key),
                        secret=_secret(key),
                    )
                    admitted += 1
            transaction.set_rollback(dry_run)
        self.stdout.write(f"{admitted} machine clients {'would be ' if dry_run else ''}admitted, of {len(CLIENTS)}.")
        if output is not None and not dry_run:
            output.write_text(json.dumps(_clients(), indent=2) + "\n", encoding="utf-8")


def _clients() -> dict[str, dict[str, Any]]:
    return {
        key: {
            "client_id": _client_id(key),
            "client_secret": _secret(key),
            "token_url": settings.BASE_URL + reverse("idp:oidc:token"),
            "scopes": [str(scope) for scope in scopes],
        }
        for key, (_name, _systems, scopes) in CLIENTS.items()
    }


def _client_id(key: str) -> str:
    return f"demo-{key}"


def _secret(key: str) -> str:
    return f"hjalpmedel-demo-2026-{key}"
