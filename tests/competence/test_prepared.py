"""What is prepared follows the facts in the same transaction, and is never believed when it does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from competence.actions import prepared
from competence.actions.appointments import appoint, decide_level, grant_exemption, revoke_appointment
from competence.actions.authorisations import report_login, revoke_authorisation
from competence.actions.employments import end_employment, end_suspension, suspend
from competence.actions.wrong_completions import withdraw_completion
from competence.models.appointment import LevelDecision
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion
from competence.models.ordering_system import OrderingSystem
from competence.models.outbox import Revision
from competence.models.prepared import PreparedFacts
from competence.policy.decision import Outcome
from competence.prepared_facts import decode
from competence.queries.eligibility import current_moment, decide_for
from competence.queries.facts import facts_for, recorded_facts_for
from lms.lib.clock import local_day
from lms.users.models import User
from tests.factories.competence import (
    BUILDER,
    COMPLETED,
    CONSUMABLES,
    LONG_AGO,
    NATIONAL,
    ORDERER,
    World,
    complete,
    make_person,
    make_prescriber,
)

pytestmark = pytest.mark.django_db
RIGHT = "websesam.health-care"


def outcome(person: User) -> Outcome:
    return decide_for(person, RIGHT, moment=current_moment()).outcome


def kept(person: User) -> Any:
    return decode(PreparedFacts.objects.get(person=person, stale_since=None).facts)


def assert_abreast(person: User) -> None:
    """The row says what the tables say, and as of the latest change."""
    recorded = recorded_facts_for([person.pk])[person.pk]
    assert kept(person) == recorded == facts_for([person.pk])[person.pk]
    assert PreparedFacts.objects.get(person=person).revision == Revision.objects.get().number


def test_p07_after_every_kind_of_change_the_row_says_what_the_tables_say(world: World) -> None:
    one = make_prescriber(world.clinic)
    person, employment = one.person, one.employment
    assert one.appointment
    assert one.authorisation
    assert_abreast(person)
    today = local_day(current_moment().now)
    suspension = suspend(employment=employment, starts_on=LONG_AGO, ends_on=today, by=world.manager)
    assert_abreast(person)
    end_suspension(suspension=suspension, back_on=today, by=world.manager)
    assert_abreast(person)
    decide_level(employment=employment, level=LevelDecision.Level.BASIC, by=world.manager)
    assert_abreast(person)
    grant_exemption(employment=employment, requirement="any", reason="Så är det", by=world.manager)
    assert_abreast(person)
    system = OrderingSystem.objects.get(key="websesam")
    report_login(person=person, system=system, logged_in_at=COMPLETED, by=BUILDER)
    assert_abreast(person)
    withdraw_completion(completion=Completion.objects.filter(person=person)[0], reason="Fel", by=BUILDER)
    assert_abreast(person)
    revoke_appointment(appointment=one.appointment, reason="Ny tjänst", by=world.manager)
    assert_abreast(person)
    revoke_authorisation(authorisation=one.authorisation, reason="Ny tjänst", by=world.manager)
    assert_abreast(person)
    end_employment(employment=employment, last_day=today, by=BUILDER)
    assert_abreast(person)
    make_prescriber(world.home_care, person=person, role=CONSUMABLES)
    make_prescriber(world.private, person=person, role=ORDERER)
    assert_abreast(person)


def test_p13_a_change_of_one_person_leaves_the_rows_of_others(world: World) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    before = PreparedFacts.objects.get(person=one.person)
    complete(other.person, NATIONAL)
    after = PreparedFacts.objects.get(person=one.person)
    assert (after.revision, after.facts) == (before.revision, before.facts)


def test_every_writing_of_a_row_gives_it_another_stamp(world: World) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    row = PreparedFacts.objects.filter(person=one.person)
    before, others = row.get(), PreparedFacts.objects.get(person=other.person).stamp
    prepared.prepare_anew([one.person.pk])
    again = row.get()
    assert again.facts == before.facts
    complete(one.person, NATIONAL)
    assert len({before.stamp, again.stamp, row.get().stamp}) == 3
    assert PreparedFacts.objects.get(person=other.person).stamp == others


def test_a_change_that_is_rolled_back_leaves_the_row_as_it_was(world: World) -> None:
    one = make_prescriber(world.clinic)
    assert one.authorisation
    before = PreparedFacts.objects.get(person=one.person)
    with transaction.atomic():
        revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=world.manager)
        assert outcome(one.person) is Outcome.DENIED
        transaction.set_rollback(True)
    after = PreparedFacts.objects.get(person=one.person)
    assert (after.revision, after.facts) == (before.revision, before.facts)
    assert outcome(one.person) is Outcome.ALLOWED


def test_f01_a_row_that_cannot_be_written_takes_the_change_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make_prescriber(world.clinic)
    assert one.authorisation

    def fail(ids: list[int]) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(prepared, "_write", fail)
    with pytest.raises(OSError, match="disk full"):
        revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=world.manager)
    assert one.authorisation.endings.count() == 0
    assert outcome(one.person) is Outcome.ALLOWED


def test_one_query_reads_everything_that_is_known_about_three_people(
    world: World, django_assert_num_queries: Any
) -> None:
    people = [make_prescriber(world.clinic).person.pk for _ in range(3)]
    for some in (people[:1], people):
        with django_assert_num_queries(1):
            facts_for(some)


def test_p17_cached_is_uncached_also_for_those_who_have_no_row(world: World) -> None:
    people = [make_prescriber(world.clinic).person.pk, make_prescriber(world.home_care, role=ORDERER).person.pk]
    nobody = make_person().pk
    PreparedFacts.objects.filter(person_id=people[0]).delete()
    assert facts_for([*people, nobody]) == recorded_facts_for([*people, nobody])


@pytest.mark.parametrize("fault", ["stale", "form"])
def test_p14_a_row_that_is_behind_is_not_believed(world: World, fault: str) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic, courses=())
    wrong = PreparedFacts.objects.get(person=other.person).facts
    row = PreparedFacts.objects.filter(person=one.person)
    row.update(facts=wrong)
    assert outcome(one.person) is Outcome.DENIED, "a row that claims to be right is believed"
    if fault == "stale":
        prepared.mark_stale([one.person.pk])
    else:
        row.update(facts=wrong.replace("[", "[9", 1))
    assert outcome(one.person) is Outcome.ALLOWED
    complete(one.person, NATIONAL)
    assert_abreast(one.person)


def test_a_batch_writes_each_row_once_and_at_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = make_prescriber(world.clinic, courses=()), make_prescriber(world.clinic, courses=())
    written: list[list[int]] = []
    write = prepared._write

    def note(ids: list[int]) -> None:
        written.append(ids)
        write(ids)

    monkeypatch.setattr(prepared, "_write", note)
    with transaction.atomic(), prepared.batched(), prepared.batched():
        for course in (NATIONAL, "regional-forskrivare"):
            complete(one.person, course)
            complete(other.person, course)
        assert written == []
        assert outcome(one.person) is Outcome.ALLOWED, "what the batch has changed is seen within it"
    assert written == [sorted([one.person.pk, other.person.pk])]
    assert_abreast(one.person)
    assert_abreast(other.person)


def test_a_batch_that_fails_takes_back_what_it_changed(world: World) -> None:
    one = make_prescriber(world.clinic, courses=())

    def fail() -> None:
        with prepared.batched():
            complete(one.person, NATIONAL)
            raise LookupError

    with transaction.atomic():
        with pytest.raises(LookupError):
            fail()
        assert not Completion.objects.filter(person=one.person).exists()
    assert kept(one.person) == recorded_facts_for([one.person.pk])[one.person.pk]


def test_the_units_of_an_employment_are_its_own_and_all_above(world: World) -> None:
    one = make_prescriber(world.home_care, role=ORDERER)
    [employment] = facts_for([one.person.pk])[one.person.pk].employments
    assert employment.units == {"skovde-hemtjanst", "skovde", "skaraborg", "all"}


def test_whoever_records_facts_announces_them_afterwards(world: World) -> None:
    """Announcing writes the row, so what is recorded in the same change after it would be missing from it."""
    one = make_prescriber(world.clinic, is_appointed=False)
    appoint(employment=one.employment, role=CompetenceRole.objects.get(key=ORDERER), by=world.manager)
    assert_abreast(one.person)
