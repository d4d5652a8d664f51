"""Lists say what single answers say, from stored outcomes and without them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from competence.actions import prepared
from competence.actions.appointments import appoint
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import end_employment, suspend
from competence.models.competence_role import CompetenceRole
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from competence.models.prepared import OutcomesMade, StoredOutcome
from competence.outcomes import POSITION, MissingStep
from competence.policy.decision import Context, Outcome
from competence.policy.reasons import Code
from competence.queries.eligibility import Moment, current_moment, decide_for
from competence.queries.standing import Standing, Wanted, employments_with, outcome_counts, standings_of
from lms.lib.clock import local_day
from tests.factories.competence import (
    CONSUMABLES,
    LONG_AGO,
    MOBILITY,
    NATIONAL,
    ORDERER,
    REGIONAL,
    SOCIAL_CARE_ORDERER,
    World,
    make_prescriber,
)

pytestmark = pytest.mark.django_db
HEALTH_CARE, UNIT, ORDER = "websesam.health-care", "websesam.unit", "sesamlmn.order"


@pytest.fixture
def many(world: World) -> list[Employment]:
    """Employments in every kind of situation."""
    today = local_day(current_moment().now)
    made = [
        make_prescriber(world.clinic),
        make_prescriber(world.clinic, courses=[NATIONAL]),
        make_prescriber(world.clinic, courses=[NATIONAL], level="basic"),
        make_prescriber(world.clinic, courses=[]),
        make_prescriber(world.clinic, is_appointed=False),
        make_prescriber(world.clinic, is_appointed=False, is_authorised=False),
        make_prescriber(world.clinic, is_authorised=False),
        make_prescriber(world.clinic, level=None),
        make_prescriber(world.clinic, ends_on=today + timedelta(days=20)),
        make_prescriber(world.clinic, role=CONSUMABLES),
        make_prescriber(world.home_care, role=ORDERER),
        make_prescriber(world.home_care, role=SOCIAL_CARE_ORDERER, courses=[]),
    ]
    away, revoked, gone, two = (make_prescriber(world.clinic) for _ in range(4))
    suspend(employment=away.employment, starts_on=LONG_AGO, ends_on=today + timedelta(days=9), by=world.manager)
    assert revoked.authorisation
    revoke_authorisation(authorisation=revoked.authorisation, reason="Prov", by=world.manager)
    end_employment(employment=gone.employment, last_day=today - timedelta(days=40), by=world.manager)
    second = make_prescriber(world.home_care, person=two.person, role=ORDERER, attestations=[])
    consumer = made[9]
    grant_authorisation(
        employment=consumer.employment,
        right=OrderingRight.objects.get(key=ORDER),
        customer_number="654321",
        starts_on=today + timedelta(days=3),
        by=world.manager,
    )
    return [one.employment for one in [*made, away, revoked, gone, two, second]]


def make_stale(how: str) -> None:
    """Let what is stored be behind, and wrong."""
    StoredOutcome.objects.update(outcome=POSITION[Outcome.ALLOWED], missing="", end=None)
    if how == "other rules":
        OutcomesMade.objects.update(rules_version=99)
    else:
        OutcomesMade.objects.all().delete()


def ids_of(employments: list[Employment]) -> list[int]:
    return [employment.pk for employment in employments]


def every_standing(employments: list[Employment], moment: Moment) -> list[Standing]:
    return [one for several in standings_of(ids_of(employments), moment).values() for one in several]


def test_p08_a_list_says_what_the_single_answers_say_now_and_later(many: list[Employment]) -> None:
    now = current_moment()
    people = {employment.pk: employment.person for employment in many}
    seen = set()
    for days in (0, 5, 10, 25, 400):
        moment = Moment(now.revision, now.known_at, now.now + timedelta(days=days))
        for one in every_standing(many, moment):
            answer = decide_for(
                people[one.employment_id],
                one.right,
                moment=moment,
                context=Context(
                    employment=f"employment:{one.employment_id}", customer_number=one.customer_number or None
                ),
            )
            assert (one.outcome, one.until) == (answer.outcome, answer.valid_until)
            assert [(s.code, s.requirement, s.is_blocking) for s in one.missing] == [
                (m.code.value, m.requirement, m.is_blocking) for m in answer.missing
            ]
            seen.add(one.outcome)
    assert seen == set(Outcome)


@pytest.mark.parametrize("how", ["other rules", "never made"])
def test_p17_stored_is_the_same_as_evaluated_anew(many: list[Employment], how: str) -> None:
    moment = current_moment()
    stored, counted = standings_of(ids_of(many), moment), outcome_counts(Employment.objects.all(), moment)
    make_stale(how)
    assert standings_of(ids_of(many), moment) == stored
    assert outcome_counts(Employment.objects.all(), moment) == counted
    assert sum(len(standings) for standings in stored.values()) > 20


def wishes(moment: Moment) -> list[Wanted]:
    rights: list[dict[str, Any]] = [{}, {"right": HEALTH_CARE}, {"right": UNIT}]
    filters: list[dict[str, Any]] = [
        {},
        *({"outcomes": [outcome]} for outcome in Outcome),
        *({"permit_ends_by": moment.now + timedelta(days=days)} for days in (5, 15, 30, 400)),
        {"missing_requirement": "national-hjalpmedel"},
        {"missing_requirement": "regional"},
        *({"missing_code": code} for code in (Code.COURSE_MISSING, Code.SUSPENDED, Code.REVOKED, Code.NOT_APPOINTED)),
        {"outcomes": [Outcome.DENIED], "missing_code": Code.NOT_AUTHORISED, "is_any_concern": True},
    ]
    return [Wanted(**right, **some) for right in rights for some in filters]


@pytest.mark.parametrize("how", ["fresh", "some stale", "other rules", "never made"])
def test_p08_a_filter_finds_those_whose_standing_suits(many: list[Employment], how: str) -> None:
    moment = current_moment()
    standings = standings_of(ids_of(many), moment)
    if how == "some stale":
        OutcomesMade.objects.filter(person_id__in=[e.person_id for e in many[::2]]).delete()
    elif how != "fresh":
        make_stale(how)
    some = 0
    for wanted in wishes(moment):
        expected = {pk for pk, several in standings.items() if any(wanted.suits(one) for one in several)}
        assert employments_with(Employment.objects.filter(pk__in=ids_of(many)), wanted, moment) == expected, wanted
        some += 0 < len(expected) < len(many)
    assert some > 20, "the filters tell people apart"


def test_a_permit_that_ends_is_found_by_the_day_on_which_it_ends(world: World) -> None:
    moment = current_moment()
    today = local_day(moment.now)
    ending = make_prescriber(world.clinic, ends_on=today + timedelta(days=20))
    make_prescriber(world.clinic)
    moment = current_moment()
    [unit, health_care] = sorted(
        standings_of([ending.employment.pk], moment)[ending.employment.pk], key=lambda one: one.right != UNIT
    )
    assert unit.right == UNIT
    assert health_care.until is not None
    assert local_day(health_care.until) == today + timedelta(days=21)
    assert health_care.following is Outcome.DENIED
    everybody = Employment.objects.all()
    for days, expected in ((19, set()), (22, {ending.employment.pk})):
        wanted = Wanted(right=HEALTH_CARE, permit_ends_by=moment.now + timedelta(days=days))
        assert employments_with(everybody, wanted, moment) == expected


def test_an_appointment_that_ran_out_is_no_longer_waited_for(world: World) -> None:
    one = make_prescriber(world.clinic, is_appointed=False, is_authorised=False)
    role = CompetenceRole.objects.get(key=MOBILITY)
    appoint(employment=one.employment, role=role, starts_on=LONG_AGO, ends_on=date(2023, 12, 31), by=world.manager)
    moment = current_moment()
    [standing, _unit] = standings_of([one.employment.pk], moment)[one.employment.pk]
    assert standing.outcome is Outcome.DENIED
    assert not standing.concerns
    assert standing.missing[0] == MissingStep("NOT_APPOINTED")
    employments = Employment.objects.filter(pk=one.employment.pk)
    assert employments_with(employments, Wanted(outcomes=[Outcome.DENIED]), moment) == set()
    assert employments_with(employments, Wanted(is_any_concern=True), moment) == {one.employment.pk}
    assert outcome_counts(employments, moment) == {}


def test_counts_take_the_best_of_several_customer_numbers(world: World) -> None:
    one = make_prescriber(world.clinic, role=CONSUMABLES)
    right = OrderingRight.objects.get(key=ORDER)
    later = local_day(current_moment().now) + timedelta(days=30)
    grant_authorisation(
        employment=one.employment, right=right, customer_number="654321", starts_on=later, by=world.manager
    )
    moment = current_moment()
    standings = standings_of([one.employment.pk], moment)[one.employment.pk]
    assert {s.customer_number: s.outcome for s in standings if s.right == ORDER} == {
        "123456": Outcome.ALLOWED,
        "654321": Outcome.DENIED,
    }
    assert outcome_counts(Employment.objects.filter(pk=one.employment.pk), moment) == {ORDER: {Outcome.ALLOWED: 1}}


def test_what_the_employers_people_can_never_have_is_nothing_that_anybody_waits_for(world: World) -> None:
    here, there = (make_prescriber(unit, role=CONSUMABLES) for unit in (world.clinic, world.municipality))
    ids = [here.employment.pk, there.employment.pk]
    moment = current_moment()
    withdrawal = {
        pk: next(s for s in several if s.right == "sesamlmn.withdrawal")
        for pk, several in standings_of(ids, moment).items()
    }
    assert [(withdrawal[pk].outcome, withdrawal[pk].concerns) for pk in ids] == [
        (Outcome.DENIED, False),
        (Outcome.ALLOWED, True),
    ]
    employments = Employment.objects.filter(pk__in=ids)
    assert outcome_counts(employments, moment)["sesamlmn.withdrawal"] == {Outcome.ALLOWED: 1}
    denied = Wanted(outcomes=[Outcome.DENIED], right="sesamlmn.withdrawal")
    assert employments_with(employments, denied, moment) == set()


def test_a_change_that_is_rolled_back_leaves_the_outcomes_as_they_were(world: World) -> None:
    one = make_prescriber(world.clinic)
    assert one.authorisation
    before = list(StoredOutcome.objects.order_by("pk").values())
    with transaction.atomic():
        revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=world.manager)
        assert not any(s.is_allowed for s in every_standing([one.employment], current_moment()))
        transaction.set_rollback(True)
    assert list(StoredOutcome.objects.order_by("pk").values()) == before
    assert all(s.is_allowed for s in every_standing([one.employment], current_moment()))


def test_what_is_marked_stale_is_evaluated_anew(world: World) -> None:
    one = make_prescriber(world.clinic, courses=[REGIONAL])
    StoredOutcome.objects.update(outcome=POSITION[Outcome.ALLOWED], missing="")
    assert every_standing([one.employment], current_moment())[0].is_allowed, "a row that claims to be right is believed"
    prepared.mark_stale([one.person.pk])
    assert not every_standing([one.employment], current_moment())[0].is_allowed


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("how", "queries"), [("fresh", 3), ("never made", 5)])
def test_a_list_costs_the_same_for_one_and_three(
    world: World, count: int, how: str, queries: int, django_assert_num_queries: Any
) -> None:
    employments = [make_prescriber(world.clinic).employment for _ in range(count)]
    moment = current_moment()
    if how == "never made":
        OutcomesMade.objects.all().delete()
    with django_assert_num_queries(queries):
        standings_of(ids_of(employments), moment)
    with django_assert_num_queries(queries):
        employments_with(Employment.objects.filter(unit=world.clinic), Wanted(), moment)
    with django_assert_num_queries(queries):
        outcome_counts(Employment.objects.filter(unit=world.clinic), moment)
