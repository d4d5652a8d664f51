"""`manage.py change_certificate_key`: makes a new key that signs badges."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from courses.actions.certificate_keys import change_certificate_key
from courses.models import CertificateKey
from lms.lib.actors import Machine


class Command(BaseCommand):
    help = (
        "Make a new key that signs badges (Open Badges) from now on. The keys before stay published at "
        "/kursbevis/did.json, so that badges that were fetched verify. Run it yearly, and with --leaked when a key is "
        "in wrong hands: badges signed before then no longer verify, and are to be fetched anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--leaked", action="store_true", help="withdraw all keys before")
        what.add_argument("--list", action="store_true", help="only list the keys")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")

    def handle(self, *args: Any, leaked: bool, dry_run: bool, **options: Any) -> None:
        with transaction.atomic():
            if not options["list"]:
                change_certificate_key(by=Machine("command:change_certificate_key"), withdraw=leaked)
            for key in CertificateKey.objects.all():
                state = "withdrawn" if key.withdrawn_at else "signs" if key.sealed else "verifies only"
                self.stdout.write(f"{key.kid}: {state}, made {key.created_at:%Y-%m-%d}")
            transaction.set_rollback(dry_run)
        if dry_run:
            self.stdout.write("Nothing was changed.")
