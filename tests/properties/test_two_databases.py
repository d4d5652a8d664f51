"""P18: the same history of events gets the same answers from PostgreSQL as from SQLite.

Each database is asked after each event of a seeded history. What it says is compared with the reference, and its digest
with the one below, which the reference gave: so two databases that both pass have said the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from django.apps import apps
from django.db import connection

from competence.policy.decision import Context
from tests.properties.deeds import Deeds
from tests.properties.test_machine import DAYS
from tests.properties.world import is_publishable
from tests.reference.days import ONE_DAY
from tests.reference.histories import Question
from tests.reference.rule_documents import (
    ATTESTATIONS,
    COURSES,
    REQUIREMENTS,
    RIGHTS,
    ROLES,
    SYSTEMS,
    changed_document,
    make_document,
)

pytestmark = [pytest.mark.django_db, pytest.mark.properties]
EVENTS = 40
DIGESTS = {0: "1c35bcb2167463bb", 1: "3fcf3885d20eeb36", 2: "bfbbfe1487e6378d", 3: "337e354876db519a"}


def number_from_one() -> None:
    """Let keys begin at one on both databases: of facts that are alike otherwise, the greater key is cited."""
    with connection.cursor() as cursor:
        for model in apps.get_app_config("competence").get_models():
            table, key = model._meta.db_table, model._meta.pk
            if key.get_internal_type() not in {"AutoField", "BigAutoField"} or model._default_manager.exists():
                continue
            if connection.vendor == "postgresql":
                sequence = f"pg_get_serial_sequence('{table}', '{key.column}')"
                cursor.execute(f"SELECT setval({sequence}, 1, false)")
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])


def something_happens(world: Deeds, random: Random) -> None:
    """One event, drawn at random."""
    who, which, day = random.randrange(2), random.randrange(4), random.choice(DAYS)
    last: date | None = random.choice([None, None, *[later for later in DAYS if later >= day]])
    facts = world.facts[who]
    deeds: list[Callable[[], None]] = [
        lambda: world.hire(who, random.choice(("ward", "home-care")), random.choice(("", "nurse")), False, day, last),
        lambda: world.part(who, which, day),
        lambda: world.send_on_leave(who, which, day, last),
        *[lambda: world.appoint(who, which, random.choice(ROLES), day, last)] * 4,
        *[lambda: world.grant(who, which, random.choice(RIGHTS), day, last)] * 3,
        lambda: world.decide_level(who, which, random.choice(("full", "basic")), None, day),
        lambda: world.attest(who, which, random.choice(ATTESTATIONS), random.random() < 0.5, day, last),
        lambda: world.exempt(who, which, random.choice(REQUIREMENTS), None),
        lambda: world.log_in(who, random.choice(SYSTEMS), random.choice((0, 5, 3000))),
        *[lambda: world.complete(who, random.choice(COURSES), random.choice((0, 3000, 9000)), str(random.random()))]
        * 5,
        lambda: world.publish(changed_document(random, DAYS, world.versions[-1].document), world.now + 40 * ONE_DAY),
        lambda: world.wait(timedelta(days=random.choice((1, 20, 100)))),
    ]
    if facts.appointments:
        deeds.append(lambda: world.revoke_appointment(who, which))
    if facts.authorisations:
        deeds.append(lambda: world.revoke_right(who, which))
        deeds.append(lambda: world.replace_right(who, which, random.choice(RIGHTS), day))
    if facts.completions:
        deeds.append(lambda: world.correct_completion(who, which))
    random.choice(deeds)()


@pytest.mark.parametrize("seed", range(4))
def test_p18_both_databases_say_the_same(seed: int) -> None:
    random = Random(seed)
    document = make_document(random, DAYS)
    while not is_publishable(document):
        document = make_document(random, DAYS)
    number_from_one()
    world = Deeds(document)
    for who in (0, 1):
        world.hire(who, "ward", "nurse", True, DAYS[0], None)
    digest = hashlib.sha256()
    for _event in range(EVENTS):
        something_happens(world, random)
        asked = Question(
            random.choice(RIGHTS),
            Context(customer_number="111111"),
            world.now + random.choice((0, 0, 100, -100)) * ONE_DAY,
            world.now,
        )
        for who in (0, 1):
            answer = world.check_answer(who, asked)
            digest.update(repr(sorted(answer.items())).encode())
    assert digest.hexdigest()[:16] == DIGESTS[seed]
