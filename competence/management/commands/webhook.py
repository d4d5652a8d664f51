"""`manage.py webhook`: how far each webhook has come; pauses, resumes and tries them."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from competence.actions.webhooks import ask_for_test, pause_webhook, remove_webhook, resume_webhook
from competence.models.outbox import Revision
from competence.models.webhook import Webhook
from lms.lib.actors import Machine
from lms.lib.clock import STOCKHOLM
from lms.lib.errors import Refusal

WORDS = {
    "pause": "send nothing to it until it is resumed",
    "resume": "send to it again, from where it stopped or from a cursor",
    "test": "have a test message sent to it; `list` says what came of it",
    "remove": "send nothing to it any more, and forget it",
}


class Command(BaseCommand):
    help = (
        "Look after the webhooks of machine clients. Clients make them and renew their secrets by the API "
        "(/api/v1/webhooks). `list` shows where each is sent to, its state, and how far it has come."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
        words.add_parser("list", help="all webhooks, those in trouble with what went wrong")
        for word, what in WORDS.items():
            sub = words.add_parser(word, help=what)
            sub.add_argument("id", type=uuid.UUID, help="as `list` shows it")
            sub.add_argument("--dry-run", action="store_true", help="check everything, and change nothing")
            if word == "resume":
                sub.add_argument("--after", help="a cursor of the feed, latest, or start")

    def handle(self, *args: Any, word: str, **options: Any) -> None:
        if word == "list":
            self._list()
            return
        webhook = Webhook.objects.select_related("client").filter(public_id=options["id"]).first()
        if webhook is None:
            raise CommandError(f"There is no webhook {options['id']}.")
        by = Machine(f"command:webhook {word}")
        try:
            with transaction.atomic():
                match word:
                    case "pause":
                        pause_webhook(webhook=webhook, by=by)
                    case "resume":
                        resume_webhook(webhook=webhook, after=options["after"], by=by)
                    case "test":
                        ask_for_test(webhook=webhook, by=by)
                    case _:
                        remove_webhook(webhook=webhook, by=by)
                transaction.set_rollback(options["dry_run"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("This could be done. Nothing was changed." if options["dry_run"] else "Done.")

    def _list(self) -> None:
        events = Revision.objects.filter(pk=1).values_list("events", flat=True).first() or 0
        for webhook in Webhook.objects.select_related("client"):
            self.stdout.write(f"{webhook.public_id}: {webhook.client.name}, {webhook.url}, {webhook.state}")
            self.stdout.write(f"  waiting: {max(0, events - webhook.place)}, last: {_shown(webhook.last_delivered_at)}")
            if webhook.last_error:
                since = f", failing since {_shown(webhook.failing_since)}" if webhook.failing_since else ""
                self.stdout.write(f"  error: {webhook.last_error} (tried {webhook.attempts} times{since})")
            if webhook.test_result:
                self.stdout.write(f"  test: {webhook.test_result}")


def _shown(instant: datetime | None) -> str:
    return "never" if instant is None else f"{instant.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
