"""P8: the feed, replayed from nothing, says of every instant what the single check answered then.

Of every HSA-ID, right, customer number and sight, after any series of events: facts and endings, merges and splits,
HSA-IDs that change and move, imports that leave the rest to the background, rules published one after the other, and
time that passes while nothing runs. P7: what is announced is what is worked out anew. P18: on both databases.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from competence.actions import prepared
from competence.actions.change import begin_change
from competence.actions.completions import unrecorded_completion
from competence.actions.identities import merge_people, move_identity, replace_identity, separate_identity, split_people
from competence.actions.people import give_identity
from competence.feed.background import announce_due
from competence.models.course_reference import CourseReference
from competence.models.feed import EligibilityChange
from competence.models.merge import PersonMerge
from competence.policy.decision import Outcome
from competence.queries.eligibility import current_moment
from competence.rebuilding import bring_up_to_date, stale_people
from lms.lib.errors import Refusal
from lms.users.models import EmployeeIdentity, User
from tests.properties.deeds import Deeds
from tests.properties.feed import Answers, catch_up, check_replay, single_answers
from tests.properties.test_machine import DAYS
from tests.properties.world import BY, is_publishable
from tests.reference.days import ONE_DAY
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
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
EVENTS = 40
NUMBERS = ("", "111111", "222222")


class Lively(Deeds):
    """People who are allowed things most of the time, so that something is lost and won at nearly every event."""

    def __init__(self, random: Random) -> None:
        self.random = random
        document = make_document(random, DAYS)
        while not is_publishable(document):
            document = make_document(random, DAYS)
        super().__init__(document)
        self.samples: list[tuple[datetime, Answers]] = []
        for who in (0, 1):
            for by_identity in (True, False):
                unit = random.choice(("ward", "home-care"))
                self.hire(who, unit, random.choice(("", "nurse")), by_identity and random.random() < 0.8, DAYS[0], None)
            for which in (0, 1):
                for role in ROLES:
                    self.appoint(who, which, role, DAYS[0], self.some_end())
                for right in RIGHTS:
                    self.grant(who, which, right, DAYS[0], self.some_end())
                self.decide_level(who, which, random.choice(("full", "basic")), None, DAYS[0])
                for requirement in REQUIREMENTS:
                    if random.random() < 0.8:
                        self.exempt(who, which, requirement, self.some_end())
            for course in COURSES:
                self.complete(who, course, random.choice((0, 3000, 9000)), f"{who}-{course}")

    def act(self, number: int, action: Callable[[], Any], remember: Callable[[Any], None]) -> Any:
        """Merged people share facts, so what is done about one may be found about another here."""
        try:
            done = action()
        except Refusal:
            self.refusals += 1
            return None
        remember(done)
        return done

    def some_end(self) -> date | None:
        """None, or a day to come."""
        return self.random.choice([None, None, *[day for day in DAYS if day > self.today][:6]])

    def sample(self) -> None:
        """Keep what is answered now."""
        self.samples.append((current_moment().now, single_answers(RIGHTS, NUMBERS)))

    def something_happens(self) -> None:
        """One event, drawn at random."""
        random, who, which = self.random, self.random.randrange(2), self.random.randrange(4)
        known, day = self.facts[who], random.choice(DAYS)
        last: date | None = random.choice([None, *[later for later in DAYS if later >= day]])
        deeds: list[Callable[[], Any]] = [
            *[lambda: self.wait(timedelta(days=random.choice((0, 1, 20, 100)), seconds=1))] * 6,
            lambda: self.part(who, which, day),
            lambda: self.send_on_leave(who, which, day, last),
            *[
                lambda: self.appoint(
                    who,
                    which,
                    random.choice(ROLES),
                    day,
                    last,
                )
            ]
            * 2,
            *[
                lambda: self.grant(
                    who,
                    which,
                    random.choice(RIGHTS),
                    day,
                    last,
                )
            ]
            * 2,
            lambda: self.hire(who, random.choice(("ward", "home-care")), "nurse", random.random() < 0.5, day, None),
            lambda: self.attest(who, which, random.choice(ATTESTATIONS), True, day, None),
            lambda: self.log_in(who, random.choice(SYSTEMS), 5),
            lambda: self.complete(who, random.choice(COURSES), 5, str(random.random())),
            *[lambda: self.publish(changed_document(random, DAYS, self.versions[-1].document), self.some_start())] * 2,
            *[self.an_import_leaves_the_rest_to_the_background] * 2,
            lambda: announce_due(random.choice((1, 10))),
            self.a_rebuild_comes_by,
            self.records_turn_out_to_be_of_one_person,
            self.they_are_two_after_all,
            *[self.an_hsa_id_changes] * 2,
        ]
        if known.appointments:
            deeds.append(lambda: self.revoke_appointment(who, which))
        if known.authorisations:
            deeds += [lambda: self.revoke_right(who, which)] * 2
            deeds.append(lambda: self.end_right(who, which, day))
            deeds.append(lambda: self.replace_right(who, which, random.choice(RIGHTS), day))
        if known.completions:
            deeds.append(lambda: self.correct_completion(who, which))
        if known.suspensions:
            deeds.append(lambda: self.come_back(who, which, day))
        try:
            with transaction.atomic():
                self.deed = random.choice(deeds)
                self.deed()
        except Refusal:
            self.refusals += 1

    def some_start(self) -> datetime | None:
        return self.random.choice((None, self.now + 40 * ONE_DAY, self.now - 100 * ONE_DAY))

    def an_import_leaves_the_rest_to_the_background(self) -> None:
        course = CourseReference.objects.get(key=self.random.choice(COURSES))
        with transaction.atomic():
            change = begin_change(by=BY)
            for person in self.people[:2]:
                change.record(
                    unrecorded_completion(person, course, change.at, "import", f"{change.number}-{person.pk}", None)
                )
            change._concerned.clear()
            prepared.mark_stale([person.pk for person in self.people[:2]])
            change.announce("completions.imported", person=None)

    def a_rebuild_comes_by(self) -> None:
        bring_up_to_date(list(stale_people().values_list("pk", flat=True)[: self.random.randint(1, 3)]))

    def records_turn_out_to_be_of_one_person(self) -> None:
        absorbed, into = self.random.sample([User.objects.get(pk=person.pk) for person in self.people], 2)
        merge_people(absorbed=absorbed, into=into, reason="so", by=BY)

    def they_are_two_after_all(self) -> None:
        merge = PersonMerge.objects.order_by("-pk").first()
        if merge is not None:
            split_people(merge=merge, reason="so", by=BY)

    def an_hsa_id_changes(self) -> None:
        identity = self.random.choice(list(EmployeeIdentity.objects.order_by("pk")))
        value = f"SE2321000131-N{EmployeeIdentity.objects.count():05d}"
        what = self.random.randrange(4)
        if what == 0:
            replace_identity(identity=identity, value=value, reason="so", by=BY)
        elif what == 1:
            separate_identity(identity=identity, reason="so", by=BY)
        elif what == 2:
            move_identity(identity=identity, to=self.random.choice(self.people), reason="so", by=BY)
        else:
            kind = EmployeeIdentity.Kind.HSA_ID
            give_identity(person=self.random.choice(self.people), kind=kind, value=value, by=BY)


@settings(
    max_examples=400 if IS_LONG else 10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=not IS_LONG,
)
@given(seed=st.integers(0, 10**9))
def test_p07_p08_the_feed_says_of_every_instant_what_was_answered_then(seed: int) -> None:
    with transaction.atomic():
        world = Lively(Random(seed))
        world.sample()
        for _event in range(EVENTS):
            world.something_happens()
            world.sample()
        catch_up()
        world.samples.append((current_moment().now, single_answers(RIGHTS, NUMBERS, is_whole=True)))
        check_replay(SYSTEMS, world.samples)
        transaction.set_rollback(True)


def test_there_is_something_to_tell_of_in_such_a_world() -> None:
    """That the property above is about something: many changes, of every cause, and every outcome."""
    told = 0
    causes: set[str] = set()
    outcomes: set[Outcome] = set()
    for seed in range(3):
        with transaction.atomic():
            world = Lively(Random(seed))
            for _event in range(EVENTS):
                world.something_happens()
                outcomes.update(single_answers(RIGHTS, NUMBERS).values())
            catch_up()
            told += EligibilityChange.objects.count()
            causes.update(EligibilityChange.objects.values_list("cause", flat=True))
            transaction.set_rollback(True)
    assert told > 30
    assert causes >= {"facts", "time", "rules"}
    assert outcomes == set(Outcome)
