"""`manage.py assign_system_administrator`: who enters rights by hand in an ordering system."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from competence.actions.transfers import assign_system_administrator, end_system_administrator
from competence.models.ordering_system import OrderingSystem
from competence.queries.eligibility import current_moment, person_with_hsa_id
from competence.system_permissions import current_system_administrators
from lms.lib.actors import Machine
from lms.lib.errors import Refusal
from lms.users.models import User


class Command(BaseCommand):
    help = (
        "Say who administers an ordering system: sees the rights that are to be entered there by hand, and marks them. "
        "Lists who does when called without a person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--person", help="HSA-ID or user name")
        parser.add_argument("--system", help="key of the ordering system, such as websesam")
        parser.add_argument("--until", type=date.fromisoformat, help="last day, such as 2027-12-31; without: open")
        parser.add_argument("--end", action="store_true", help="the person no longer administers it, at once")

    def handle(
        self, *args: Any, person: str | None, system: str | None, until: date | None, end: bool, **options: Any
    ) -> None:
        current = current_system_administrators(current_moment().now).select_related("person", "system")
        if person is None:
            for one in current.order_by("system__key", "person__username"):
                self.stdout.write(
                    f"{one.system.key}: {one.person.username} {one.person.full_name} from {one.starts_on}"
                )
            return
        who = person_with_hsa_id(person) or User.objects.filter(username=person).first()
        what = OrderingSystem.objects.filter(key=system).first()
        if who is None:
            raise CommandError(f"There is nobody with the HSA-ID or user name {person}.")
        if what is None:
            known = ", ".join(OrderingSystem.objects.values_list("key", flat=True))
            raise CommandError(f"There is no ordering system {system}; there are {known}.")
        by = Machine("command:assign_system_administrator")
        try:
            if not end:
                assign_system_administrator(person=who, system=what, ends_on=until, by=by)
                self.stdout.write(f"{who.full_name} administers {what.key}.")
                return
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        held = list(current.filter(person=who, system=what))
        for assignment in held:
            end_system_administrator(assignment=assignment, by=by)
        self.stdout.write(f"{who.full_name} no longer administers {what.key}: {len(held)} ended.")
