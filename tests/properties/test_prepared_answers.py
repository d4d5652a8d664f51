"""A prepared answer is the policy's answer, at every moment at which it is believed.

First of the stretch alone: random rules and facts, and instants to the microsecond. Then of the whole, in the real
database: after every event of a random history, and at the very edges of each stretch, the path in front of Django says
what Django says when it works the answer out anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from competence.actions.identities import merge_people, move_identity, replace_identity, separate_identity, split_people
from competence.actions.rules import register_course_reference
from competence.explain import Names
from competence.given_answers import constant_text
from competence.models.outbox import Revision
from competence.models.prepared_answer import PreparedAnswer
from competence.policy.evaluate import UnanswerableQuestion, decide
from competence.queries.eligibility import Moment
from competence.rest_api.answers import answer_of, shown_facts
from competence.rest_api.prepared import moves_along, stretch_around
from competence.rest_api.questions import Question
from lms.lib.uuid7 import uuid7
from tests.competence.rest_api.front_caller import FrontCaller, front_caller
from tests.factories.competence import BUILDER, make_hsa_id, make_prescriber, make_world
from tests.factories.machine_clients import make_api_client
from tests.properties.deeds import Deeds
from tests.properties.strategies import Case, cases
from tests.properties.test_machine import DAYS
from tests.properties.test_two_databases import something_happens
from tests.properties.world import hsa_id_of, is_publishable
from tests.reference.rule_documents import COURSES, RIGHTS, SYSTEMS, make_document

TICK = timedelta(microseconds=1)
EVENTS = 25


def text_at(case: Case, at: datetime, *, to_keep: bool = False) -> str | None:
    """The constant text of the answer, worked out at `at`; None when it is `to_keep` and is not one to be kept."""
    context = case.context
    question = Question(
        hsa_id=context.identity or "SE1",
        right=case.right,
        customer_number=context.customer_number,
        principals=context.principals,
    )
    moment = Moment(1, case.known_at, at)
    decision = decide(
        shown_facts(question, case.facts, moment),
        case.book,
        case.right,
        valid_at=at,
        known_at=case.known_at,
        context=question.context,
    )
    if to_keep and moves_along(decision):
        return None
    names = Names(courses={}, book=case.book)
    return constant_text(answer_of(decision, question, moment, names, uuid7(at)))


@pytest.mark.pure
@pytest.mark.properties
@given(case=cases, part=st.floats(0, 1, exclude_max=True))
def test_p15_nothing_of_an_answer_changes_within_its_stretch(case: Case, part: float) -> None:
    question = Question(hsa_id=case.context.identity or "SE1", right=case.right, principals=case.context.principals)
    shown = shown_facts(question, case.facts, Moment(1, case.known_at, case.valid_at))
    try:
        said = text_at(case, case.valid_at, to_keep=True)
    except UnanswerableQuestion:
        said = None
    assume(said is not None)
    start, until = stretch_around(shown, case.book, case.right, case.valid_at, case.known_at)
    assert start <= case.valid_at
    assert until is None or case.valid_at < until
    end = until or start + timedelta(days=4000)
    for at in (start, start + TICK, min(start + (end - start) * part, end - TICK), end - TICK):
        assert text_at(case, at) == said, at


@contextmanager
def at_instant(instant: datetime) -> Iterator[None]:
    """The database's time as answers have it: no earlier than that of the latest change, which is ours to set."""
    before = Revision.objects.get().at
    Revision.objects.update(at=max(instant, before))
    yield
    Revision.objects.update(at=before)


def assert_both_say_the_same(caller: FrontCaller, hsa_id: str, right: str, number: str = "111111") -> None:
    by_front = caller.ask(hsa_id, right, customer_number=number)  # first: Django alone prepares it anew
    by_django = caller.ask_django(hsa_id, right, customer_number=number)
    assert by_front.status == by_django.status
    if by_front.status == 200:
        assert by_front.essence() == by_django.essence()
        assert by_front.json()["revision"] == by_django.json()["revision"]


@pytest.mark.postgres
@pytest.mark.properties
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_p17_after_every_event_and_at_every_edge_both_paths_say_the_same(seed: int) -> None:
    random = Random(seed)
    document = make_document(random, DAYS)
    while not is_publishable(document):
        document = make_document(random, DAYS)
    world = Deeds(document)
    for who in (0, 1):
        world.hire(who, "ward", "nurse", True, DAYS[0], None)
    api = make_api_client(systems=SYSTEMS, principal_kinds=random.choice(((), ("vgr",))))
    with front_caller(api) as caller:
        asked = 0
        for _event in range(EVENTS):
            something_happens(world, random)
            if random.random() < 0.2:
                course = random.choice(COURSES)
                register_course_reference(key=course, title=f"{course} {random.random()}", level="local", by=BUILDER)
            for who in (0, 1):
                for right in RIGHTS:
                    assert_both_say_the_same(caller, hsa_id_of(f"person-{who}"), right)
                    asked += 1
            kept = PreparedAnswer.objects.values_list("until", flat=True)
            edges = sorted({until for until in kept if until is not None})
            for edge in random.sample(edges, min(2, len(edges))):
                for instant in (edge - TICK, edge, edge + TICK):
                    with at_instant(instant):
                        right = random.choice(RIGHTS)
                        assert_both_say_the_same(caller, hsa_id_of(f"person-{random.randrange(2)}"), right)
                        asked += 1
        assert caller.passed_on < asked, "the front path has answered some"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_f22_identities_that_change_and_records_that_are_merged_and_split_are_followed_at_once() -> None:
    world = make_world()
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic, is_appointed=False)
    spare = make_hsa_id(one.person)
    with front_caller(make_api_client()) as caller:
        ids = [one.hsa_id, other.hsa_id, spare.value]

        def all_agree() -> None:
            for hsa_id in ids:
                assert_both_say_the_same(caller, hsa_id, "websesam.health-care", number="123456")
                before = caller.passed_on
                assert_both_say_the_same(caller, hsa_id, "websesam.health-care", number="123456")
                assert caller.passed_on == before, "prepared by now"

        all_agree()
        merge = merge_people(absorbed=other.person, into=one.person, reason="Prov", by=BUILDER)
        all_agree()
        split_people(merge=merge, reason="Prov", by=BUILDER)
        all_agree()
        move_identity(identity=spare, to=other.person, reason="Prov", by=BUILDER)
        all_agree()
        identity = one.person.identities.get(value=one.hsa_id)
        new = replace_identity(identity=identity, value="SE2321000131-NYTT1", reason="Prov", by=BUILDER)
        ids.append(new.value)
        all_agree()
        separate_identity(identity=new, reason="Prov", by=BUILDER)
        all_agree()
