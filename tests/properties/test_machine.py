"""Every event, in any order, against the real database: with crashes, restarts, late and repeated deliveries.

What the actions acknowledged is told to the reference (tests/reference), which shares no code with the decision. After
each event both are asked, and what is stored is compared with what is recorded.

P6 a logged decision replays identically. P7 stored state is what is worked out anew. P9 the same event twice is once.
P10 any order. P13 facts about one person never touch another. P14 no answer is older than what was acknowledged. P17
cached answers are those without a cache. P18 PostgreSQL says what SQLite says.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from competence.actions import prepared
from competence.feed.background import announce_due
from competence.models.outbox import OutboxEvent
from competence.models.prepared import OutcomesMade, PreparedFacts, StoredOutcome
from competence.outbox import deliver_waiting
from competence.policy.decision import Context
from competence.queries.eligibility import current_moment
from competence.rebuilding import bring_up_to_date, stale_people
from lms.users.models import fold_identifier
from tests.properties.deeds import Deeds
from tests.properties.feed import Answers, catch_up, check_replay, single_answers
from tests.properties.world import BEGINNING, Crash, crash_at_write, forget_everything, hsa_id_of, is_publishable
from tests.reference.comparison import Said
from tests.reference.days import ONE_DAY, local_day
from tests.reference.histories import Question
from tests.reference.rule_documents import (
    ATTESTATIONS,
    COURSES,
    FORMER_ROLES,
    PROFESSIONS,
    REQUIREMENTS,
    RIGHTS,
    ROLES,
    SYSTEMS,
    changed_document,
    make_document,
)

pytestmark = [pytest.mark.django_db, pytest.mark.properties]
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
DAYS = [local_day(BEGINNING) + timedelta(days=30 * n) for n in range(-14, 14)]
days = st.sampled_from(DAYS)
ends = st.one_of(st.none(), days)
Period = tuple[date, date | None]
periods = st.tuples(days, ends).map(lambda p: p if p[1] is None or p[0] <= p[1] else (p[1], p[0]))
who = st.integers(0, 1)
which = st.integers(0, 3)
roles = st.sampled_from((*ROLES, *FORMER_ROLES))
documents = st.integers(0, 10**6).map(lambda seed: make_document(Random(seed), DAYS)).filter(is_publishable)
contexts = st.builds(
    Context,
    customer_number=st.sampled_from((None, "111111")),
    identity=st.sampled_from((None, fold_identifier(hsa_id_of("person-0")), "other")),
    principals=st.sampled_from((None, frozenset({"vgr"}))),
)
about_now = st.sampled_from((0, 0, 0, 1, -1, 30, -30, 200, -200, 400))


def somebody_has(*names: str) -> Callable[[Any], bool]:
    """Both people have at least one of each."""
    return lambda machine: all(getattr(facts, name) for name in names for facts in machine.world.facts[:2])


class EveryEvent(RuleBasedStateMachine):
    """The world, and whatever can happen in it."""

    world: Deeds

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.logged: list[tuple[int, Question, Said]] = []
        self.samples: list[tuple[datetime, Answers]] = []
        self.crash_at: int | None = None

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.the_feed_has_told_of_everything()
        transaction.set_rollback(True)
        self.stack.close()

    @initialize(document=documents)
    def begin(self, document: Any) -> None:
        self.world = Deeds(document)
        for person in (0, 1):
            self.world.hire(person, "ward", "nurse", person == 0, DAYS[0], None)

    # --- Everything that changes facts ------------------------------------------------------------------------------
    def do(self, deed: Callable[..., None], *words: Any) -> None:
        """Do it; or, if a crash is due, see it die half-way and leave nothing behind."""
        if self.crash_at is None:
            deed(*words)
            return
        number, self.crash_at = self.crash_at, None
        known, versions = list(self.world.facts), list(self.world.versions)
        with contextlib.suppress(Crash), crash_at_write(number):
            deed(*words)
        self.world.facts, self.world.versions = known, versions
        # Time goes on: what comes next is never done at the same instant.
        self.world.wait(timedelta(seconds=1))

    @rule(number=st.integers(1, 14))
    def a_crash_is_due(self, number: int) -> None:
        self.crash_at = number

    @rule(
        who=who,
        unit=st.sampled_from(("ward", "home-care")),
        profession=st.sampled_from(("", *PROFESSIONS)),
        identity=st.booleans(),
        period=periods,
    )
    def hire(self, who: int, unit: str, profession: str, identity: bool, period: Period) -> None:
        self.do(self.world.hire, who, unit, profession, identity, *period)

    @rule(who=who, which=which, last=days)
    def part(self, who: int, which: int, last: Any) -> None:
        self.do(self.world.part, who, which, last)

    @rule(who=who, which=which, period=periods)
    def leave(self, who: int, which: int, period: Period) -> None:
        self.do(self.world.send_on_leave, who, which, *period)

    @precondition(somebody_has("suspensions"))
    @rule(who=who, which=which, day=days)
    def come_back(self, who: int, which: int, day: Any) -> None:
        self.do(self.world.come_back, who, which, day)

    @rule(who=who, which=which, role=roles, period=periods)
    def appoint(self, who: int, which: int, role: str, period: Period) -> None:
        self.do(self.world.appoint, who, which, role, *period)

    @precondition(somebody_has("appointments"))
    @rule(who=who, which=which)
    def revoke_appointment(self, who: int, which: int) -> None:
        self.do(self.world.revoke_appointment, who, which)

    @rule(who=who, which=which, level=st.sampled_from(("full", "basic")), role=st.one_of(st.none(), roles), first=days)
    def decide_level(self, who: int, which: int, level: str, role: str | None, first: Any) -> None:
        self.do(self.world.decide_level, who, which, level, role, first)

    @rule(who=who, which=which, name=st.sampled_from(ATTESTATIONS), for_all=st.booleans(), period=periods)
    def attest(self, who: int, which: int, name: str, for_all: bool, period: Period) -> None:
        self.do(self.world.attest, who, which, name, for_all, *period)

    @rule(who=who, which=which, requirement=st.sampled_from(REQUIREMENTS), last=ends)
    def exempt(self, who: int, which: int, requirement: str, last: Any) -> None:
        if last is None or last >= self.world.today:
            self.do(self.world.exempt, who, which, requirement, last)

    @rule(who=who, which=which, right=st.sampled_from(RIGHTS), period=periods)
    def grant(self, who: int, which: int, right: str, period: Period) -> None:
        self.do(self.world.grant, who, which, right, *period)

    @precondition(somebody_has("authorisations"))
    @rule(who=who, which=which)
    def revoke_right(self, who: int, which: int) -> None:
        self.do(self.world.revoke_right, who, which)

    @precondition(somebody_has("authorisations"))
    @rule(who=who, which=which, day=days)
    def end_right(self, who: int, which: int, day: Any) -> None:
        self.do(self.world.end_right, who, which, day)

    @precondition(somebody_has("authorisations"))
    @rule(who=who, which=which, right=st.sampled_from(RIGHTS), day=days)
    def replace_right(self, who: int, which: int, right: str, day: Any) -> None:
        self.do(self.world.replace_right, who, which, right, day)

    @rule(who=who, system=st.sampled_from(SYSTEMS), hours_ago=st.sampled_from((0, 5, 3000)))
    def log_in(self, who: int, system: str, hours_ago: int) -> None:
        self.do(self.world.log_in, who, system, hours_ago)

    @rule(
        who=who, course=st.sampled_from(COURSES), hours_ago=st.sampled_from((0, 5, 3000, 9000)), id_=st.integers(0, 9)
    )
    def complete(self, who: int, course: str, hours_ago: int, id_: int) -> None:
        self.do(self.world.complete, who, course, hours_ago, str(id_))

    @precondition(somebody_has("completions"))
    @rule(who=who, which=which)
    def correct_completion(self, who: int, which: int) -> None:
        self.do(self.world.correct_completion, who, which)

    @rule(seed=st.integers(0, 10**6), ahead=st.sampled_from((None, 40, 200, -100)))
    def publish(self, seed: int, ahead: int | None) -> None:
        if self.world.versions:
            document = changed_document(Random(seed), DAYS, self.world.versions[-1].document)
            starts = None if ahead is None else self.world.now + timedelta(days=ahead)
            self.do(self.world.publish, document, starts)

    @rule(days=st.sampled_from((1, 20, 100)))
    def time_passes(self, days: int) -> None:
        self.world.wait(timedelta(days=days))

    # --- What goes wrong --------------------------------------------------------------------------------------------
    @rule()
    def restart(self) -> None:
        forget_everything()

    @rule(times=st.integers(2, 3))
    def the_outbox_is_delivered_again(self, times: int) -> None:
        for _time in range(times):
            deliver_waiting()
            OutboxEvent.objects.update(delivered_at=None)

    @rule(who=who, number=st.integers(1, 6))
    def a_rebuild_is_interrupted(self, who: int, number: int) -> None:
        prepared.mark_stale([person.pk for person in self.world.people])
        with contextlib.suppress(Crash), crash_at_write(number):
            prepared.refresh([person.pk for person in self.world.people])
        if number % 2:
            prepared.refresh([self.world.people[who].pk])

    @rule(number=st.integers(1, 8))
    def the_rebuild_after_new_rules_is_interrupted_and_goes_on(self, number: int) -> None:
        people = list(stale_people().values_list("pk", flat=True))
        with contextlib.suppress(Crash), crash_at_write(number):
            bring_up_to_date(people)
        if number % 2:
            bring_up_to_date(people)

    @rule()
    def the_stored_state_is_lost(self) -> None:
        for model in (PreparedFacts, OutcomesMade, StoredOutcome):
            model.objects.all().delete()

    @rule()
    def the_announcer_runs(self) -> None:
        while announce_due():
            pass

    @rule(number=st.integers(1, 6))
    def the_announcer_is_interrupted(self, number: int) -> None:
        with contextlib.suppress(Crash), crash_at_write(number):
            announce_due()

    @rule()
    def the_feed_has_told_of_everything(self) -> None:
        catch_up()
        check_replay(SYSTEMS, self.samples)

    # --- What is asked, and what holds ------------------------------------------------------------------------------
    @rule(who=who, right=st.sampled_from(RIGHTS), context=contexts, days_from_now=about_now)
    def somebody_asks(self, who: int, right: str, context: Context, days_from_now: int) -> None:
        now = self.world.now
        question = Question(right, context, now + days_from_now * ONE_DAY, now)
        self.logged.append((who, question, self.world.check_answer(who, question)))

    @invariant()
    def both_answer_the_same_now(self) -> None:
        for question in self.world.questions():
            for person in (0, 1):
                self.logged.append((person, question, self.world.check_answer(person, question)))

    @invariant()
    def what_is_answered_now_is_kept_for_the_feed(self) -> None:
        self.samples.append((current_moment().now, single_answers(RIGHTS, ("", "111111"))))

    @invariant()
    def what_is_stored_is_what_is_recorded(self) -> None:
        self.world.check_facts()
        self.world.check_stored_outcomes()

    @invariant()
    def what_was_answered_is_answered_again(self) -> None:
        for person, question, said in self.logged[:: max(1, len(self.logged) // 6)]:
            assert self.world.product_says(person, question) == said


def test_p06_p07_p09_p13_p14_p17_every_event_in_any_order() -> None:
    run_state_machine_as_test(
        EveryEvent,
        settings=settings(
            settings.get_profile("long" if IS_LONG else "ordinary"),
            max_examples=300 if IS_LONG else 12,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],  # a failing run is told as it was: making it small takes very long
        ),
    )
