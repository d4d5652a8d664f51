"""`manage.py merge_people`: two records are one person's, or are split again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from competence.actions.identities import merge_people, split_people
from competence.models.merge import PersonMerge
from competence.queries.eligibility import person_with_hsa_id
from lms.lib.actors import Machine
from lms.lib.errors import Refusal
from lms.users.models import User


class Command(BaseCommand):
    help = (
        "Merge the record ABSORBED into the record INTO, because they are one person's; --split makes them two again. "
        "Nothing is lost either way. A record is named by HSA-ID or user name."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("absorbed", help="the record that becomes part of the other")
        parser.add_argument("into", help="the record that stays")
        parser.add_argument("--reason", required=True, help="how you know; it is kept")
        parser.add_argument("--split", action="store_true", help="they are two after all")

    def handle(self, *args: Any, absorbed: str, into: str, reason: str, split: bool, **options: Any) -> None:
        first, second = _person(absorbed), _person(into)
        by = Machine("command:merge_people")
        try:
            if not split:
                merge_people(absorbed=first, into=second, reason=reason, by=by)
                self.stdout.write(f"{first.username} is part of {second.username}.")
                return
            found = PersonMerge.objects.filter(person=first, into=second, endings__isnull=True).first()
            if found is None:
                raise CommandError(f"{first.username} is not part of {second.username}.")
            split_people(merge=found, reason=reason, by=by)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{first.username} and {second.username} are two again.")


def _person(named: str) -> User:
    person = person_with_hsa_id(named) or User.objects.filter(username=named).first()
    if person is None:
        raise CommandError(f"There is nobody with the HSA-ID or user name {named}.")
    return person
