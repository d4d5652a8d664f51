"""`manage.py rotate_statement_keys`: makes the next key that signs statements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from competence.actions.statement_keys import LEAD, rotate_statement_keys, withdraw_statement_keys
from competence.models.statement import StatementKey
from competence.queries.eligibility import current_moment
from lms.lib.actors import Machine
from lms.lib.clock import STOCKHOLM


class Command(BaseCommand):
    help = (
        "Make the next key that signs statements, publish it at /.well-known/jwks.json, and have it take over when "
        "those who verify have had time to fetch it. The key before verifies until its last statement has expired. "
        "Run it yearly, with --now after SECRET_KEY was changed, and with --leaked when a key is in wrong hands."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        when = parser.add_mutually_exclusive_group()
        when.add_argument(
            "--lead-hours",
            type=float,
            default=LEAD / timedelta(hours=1),
            metavar="HOURS",
            help=f"how long the key is published before it signs: {LEAD / timedelta(hours=1):.0f} unless said",
        )
        when.add_argument("--now", action="store_true", help="let it sign at once; earlier statements still verify")
        when.add_argument(
            "--leaked", action="store_true", help="let it sign at once, and withdraw all others and what they signed"
        )
        when.add_argument("--list", action="store_true", help="only list the keys")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")

    def handle(
        self,
        *args: Any,
        lead_hours: float,
        now: bool,
        leaked: bool,
        list: bool,  # noqa: A002
        dry_run: bool,
        **options: Any,
    ) -> None:
        if lead_hours < 0:
            raise CommandError("A key cannot have signed before it was made.")
        by = Machine("command:rotate_statement_keys")
        with transaction.atomic():
            if not list:
                lead = timedelta(0) if now else timedelta(hours=lead_hours)
                made = withdraw_statement_keys(by=by) if leaked else rotate_statement_keys(by=by, lead=lead)
                would = "would sign" if dry_run else "signs"
                self.stdout.write(f"A new key {would} from {_shown(made.signs_from)}:")
            self._list()
            transaction.set_rollback(dry_run)
        if dry_run:
            self.stdout.write("Nothing was changed.")

    def _list(self) -> None:
        moment = current_moment().now
        signing = StatementKey.objects.signing().first()
        for key in StatementKey.objects.published():
            if key == signing:
                state = "current"
            else:
                state = "next" if key.signs_from > moment else "retired"
            until = f", verifies until {_shown(key.published_until)}" if key.published_until else ""
            self.stdout.write(f"{key.kid}: {state}, signs from {_shown(key.signs_from)}{until}")


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
