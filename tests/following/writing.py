"""People whose facts change all the time: what a follower of the feed has to keep up with.

Usage: python -m tests.following.writing prepare --people N --output FILE
       python -m tests.following.writing write FILE --changes N --part I --parts N
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import django

    django.setup()

from django.db import transaction

from competence.actions.appointments import appoint, revoke_appointment
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.completions import record_completion
from competence.actions.prepared import batched
from competence.models.appointment import Appointment
from competence.models.authorisation import Authorisation
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.machine_client import Scope
from competence.models.ordering_system import OrderingRight
from tests.factories.competence import (
    BUILDER,
    CONSUMABLES,
    MOBILITY,
    NATIONAL,
    REGIONAL,
    SOCIAL_CARE_ORDERER,
    World,
    make_prescriber,
    make_world,
)
from tests.factories.machine_clients import make_api_client

ROLES = {
    MOBILITY: ("websesam.health-care", ""),
    CONSUMABLES: ("sesamlmn.order", "123456"),
    SOCIAL_CARE_ORDERER: ("websesam.social-care", ""),
}
COURSES = (NATIONAL, REGIONAL, "national-forbrukningsartiklar")
# Of the transactions so many are one change; the others make several, as an import does.
ALONE = 0.2
TOGETHER = 20


@dataclass
class Person:
    """Somebody who is given rights and loses them, as the writer knows them."""

    employment: Employment
    role: CompetenceRole
    right: OrderingRight
    customer_number: str
    appointment: Appointment | None
    authorisation: Authorisation | None
    completions: int = 0


def make_people(world: World, count: int) -> list[int]:
    """Employments of `count` people of all roles; every third lacks a course, every fourth the ordering right."""
    units = {MOBILITY: world.clinic, CONSUMABLES: world.clinic, SOCIAL_CARE_ORDERER: world.home_care}
    roles = list(units)
    found = []
    for number in range(count):
        role = roles[number % len(roles)]
        lacking: dict[str, Any] = {"courses": ()} if number % 3 == 2 else {}
        one = make_prescriber(units[role], role=role, is_authorised=number % 4 != 3, **lacking)
        found.append(one.employment.pk)
    return found


def people_of(employments: Iterable[int]) -> list[Person]:
    """The people as they stand now, nobody else writing about them."""
    rights = {right.key: right for right in OrderingRight.objects.all()}
    roles = {role.key: role for role in CompetenceRole.objects.all()}
    found = []
    for pk in employments:
        employment = Employment.objects.select_related("person").get(pk=pk)
        appointment = employment.appointments.filter(endings=None).select_related("role").latest("pk")
        right, number = ROLES[appointment.role.key]
        authorisation = employment.authorisations.filter(endings=None).last()
        found.append(Person(employment, roles[appointment.role.key], rights[right], number, appointment, authorisation))
    return found


def write_changes(
    people: list[Person],
    count: int,
    seed: int,
    done: Callable[[int], None] = lambda number: None,
    *,
    together: int = TOGETHER,
) -> int:
    """Make `count` changes of facts about `people`, in transactions of one or of up to `together`. Returns how many."""
    chance, made = random.Random(seed), 0
    while made < count:
        size = 1 if chance.random() < ALONE else chance.randint(2, together)
        several = min(size, count - made)
        with batched() if several > 1 else transaction.atomic():
            for _number in range(several):
                _change(chance.choice(people), chance)
        made += several
        done(made)
    return made


def _change(person: Person, chance: random.Random) -> None:
    """One change: the ordering right or the appointment given or taken, or one more course completed."""
    kind = chance.random()
    if kind < 0.6:
        if person.authorisation is None:
            person.authorisation = grant_authorisation(
                employment=person.employment, right=person.right, customer_number=person.customer_number, by=BUILDER
            )
        else:
            revoke_authorisation(authorisation=person.authorisation, reason="Prov", by=BUILDER)
            person.authorisation = None
    elif kind < 0.8:
        if person.appointment is None:
            person.appointment = appoint(employment=person.employment, role=person.role, by=BUILDER)
        else:
            revoke_appointment(appointment=person.appointment, reason="Prov", by=BUILDER)
            person.appointment = None
    else:
        person.completions += 1
        record_completion(
            person=person.employment.person,
            course_key=chance.choice(COURSES),
            completed_at=datetime(2025, 1, 1, tzinfo=UTC),
            source="following",
            source_id=f"{person.employment.pk}-{person.completions}",
            by=BUILDER,
        )


def _prepare(people: int, output: Path) -> None:
    with transaction.atomic():
        world = make_world()
    employments: list[int] = []
    for chunk in _chunks(people):
        with batched():
            employments += make_people(world, chunk)
    client = make_api_client(scopes=[Scope.ELIGIBILITY_READ])
    output.write_text(
        json.dumps({"employments": employments, "client_id": client.client.client_id, "secret": client.secret})
    )


def _chunks(count: int) -> Iterator[int]:
    while count > 0:
        yield min(count, 300)
        count -= 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    jobs = parser.add_subparsers(dest="job", required=True)
    prepare = jobs.add_parser("prepare")
    prepare.add_argument("--people", type=int, required=True)
    prepare.add_argument("--output", type=Path, required=True)
    write = jobs.add_parser("write")
    write.add_argument("file", type=Path)
    write.add_argument("--changes", type=int, required=True)
    write.add_argument("--together", type=int, default=TOGETHER)
    write.add_argument("--part", type=int, required=True)
    write.add_argument("--parts", type=int, required=True)
    options = parser.parse_args()
    if options.job == "prepare":
        _prepare(options.people, options.output)
        return
    employments = json.loads(options.file.read_text())["employments"][options.part :: options.parts]

    def tell(made: int) -> None:
        sys.stdout.write(f"{made}\n")
        sys.stdout.flush()

    write_changes(people_of(employments), options.changes, options.part, tell, together=options.together)


if __name__ == "__main__":
    main()
