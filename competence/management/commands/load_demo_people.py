"""`manage.py load_demo_people`: the demonstration's units, people and what has happened to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from competence.demo.cast import Character
from competence.demo.characters import CAST
from competence.demo.check import answers
from competence.demo.crowd import tell_of_colleagues, tell_of_reminders, tell_of_those_who_are_counted
from competence.demo.teller import PASSWORD, Teller
from lms import env
from lms.env import BASE_DIR
from lms.users.models import User

UNITS = BASE_DIR / "competence" / "demo" / "units.yaml"


class Command(BaseCommand):
    help = (
        "Load the demonstration's invented people, where the organisation and the rules are loaded. Whoever is there "
        "already is left alone. Afterwards every new one of the cast is asked about; a wrong answer fails the command. "
        "Refuses in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="write the cast to this JSON file: user names, passwords")
        parser.add_argument("--cast-only", action="store_true", help="leave out the people around the cast")
        parser.add_argument("--dry-run", action="store_true", help="load and check, and keep nothing")

    def handle(self, *args: Any, output: Path | None, cast_only: bool, dry_run: bool, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("Invented people do not belong in production.")
        with transaction.atomic():
            call_command("load_organisation", str(UNITS), stdout=self.stdout)
            t = Teller()
            told = [character for character in CAST if self._tell(t, character)]
            self.stdout.write(f"Cast: {len(told)} people new, {len(CAST) - len(told)} there before.")
            if not cast_only:
                self._crowd(t)
            self._check(told)
            transaction.set_rollback(dry_run)
        if output is not None and not dry_run:
            output.write_text(json.dumps(_users(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def _tell(self, t: Teller, character: Character) -> bool:
        if User.objects.filter(username=character.handle).exists():
            return False
        person = t.person(character.handle, character.name, hsa_id=character.hsa_id)
        for name in character.groups:
            person.groups.add(Group.objects.get(name=name))
        character.story(t, person)
        return True

    def _crowd(self, t: Teller) -> None:
        if User.objects.filter(username__startswith="kollega_").exists():
            self.stdout.write("Colleagues: there before.")
            return
        self.stdout.write(f"Colleagues: {sum(1 for _person in tell_of_colleagues(t))} people new.")
        self.stdout.write(f"Reminders: {tell_of_reminders(t)} people reminded by their manager.")
        self.stdout.write(f"Course participants: {sum(1 for _person in tell_of_those_who_are_counted(t))} people new.")

    def _check(self, told: list[Character]) -> None:
        """Ask about those whose stories were told just now; what has happened to the others since is their business."""
        wrong = 0
        for character in told:
            for expected, decision, faults in answers(character):
                codes = sorted({step.code for step in decision.missing})
                mark = "WRONG" if faults else "ok"
                about = " ".join(
                    part for part in (expected.right, expected.role, expected.hsa_id, expected.customer_number) if part
                )
                self.stdout.write(
                    f"  {mark:<5} {character.handle:<31} {about}: {decision.outcome}"
                    f"{' — ' + ', '.join(codes) if codes else ''}"
                )
                for fault in faults:
                    wrong += 1
                    self.stderr.write(f"        {character.handle} {fault}")
        if wrong:
            raise CommandError(f"{wrong} answers are not what the demonstration promises; nothing was kept.")


def _users() -> dict[str, dict[str, str]]:
    return {
        character.handle: {
            "username": character.handle,
            "password": PASSWORD,
            "hsa_id": character.hsa_id,
            "shows": character.shows,
        }
        for character in CAST
    }
