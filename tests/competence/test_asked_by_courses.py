"""What courses ask about many people at once: where they work, and what they have completed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from competence.actions.rules import register_course_reference
from competence.actions.wrong_completions import withdraw_completion
from competence.api import (
    completions_counting_as,
    completions_of,
    stand_or_fall,
    unit_named,
    units_worked_within,
    workplaces_of,
)
from competence.models.completion import Completion
from lms.lib.clock import local_day
from lms.users.models import User
from tests.factories.competence import (
    BUILDER,
    COMPLETED,
    NATIONAL,
    REGIONAL,
    World,
    complete,
    make_person,
    make_prescriber,
    publish_real_rules,
)

pytestmark = pytest.mark.django_db


def test_a_person_works_within_their_unit_and_all_above_it_and_nowhere_else(world: World) -> None:
    person = make_prescriber(world.clinic).person
    found = units_worked_within(person, timezone.now())
    assert found == {world.clinic.pk, world.vgr.pk, world.root.pk}
    assert units_worked_within(make_person(), timezone.now()) == set()


def test_an_employment_that_is_over_is_no_workplace(world: World) -> None:
    yesterday = local_day(timezone.now()) - timedelta(days=1)
    person = make_prescriber(world.clinic, ends_on=yesterday).person
    make_prescriber(world.home_care, person=person)
    now = timezone.now()
    assert workplaces_of([person.pk], now) == {person.pk: [world.home_care.name]}
    assert world.clinic.pk not in units_worked_within(person, now)


def test_completions_of_many_are_the_latest_of_each_and_follow_merged_records(
    world: World, django_assert_num_queries: Any
) -> None:
    once, twice, never, same = (make_person() for _number in range(4))
    complete(once, NATIONAL)
    complete(twice, NATIONAL)
    complete(twice, NATIONAL, completed_at=COMPLETED + timedelta(days=300))
    complete(never, REGIONAL)
    User.objects.filter(pk=same.pk).update(merged_into=once)
    with django_assert_num_queries(1):
        found = completions_of(NATIONAL, [once.pk, twice.pk, never.pk, same.pk])
    assert found == {once.pk: COMPLETED, twice.pk: COMPLETED + timedelta(days=300), same.pk: COMPLETED}


def test_a_completion_that_was_taken_back_is_none(world: World) -> None:
    person = make_person()
    complete(person, NATIONAL)
    withdraw_completion(completion=Completion.objects.get(), reason="Fel person", by=BUILDER)
    assert completions_of(NATIONAL, [person.pk]) == {}


def test_a_unit_is_found_by_its_key(world: World) -> None:
    assert unit_named("vgr") == world.vgr
    assert unit_named("nowhere") is None


@pytest.mark.parametrize("number", [1, 3])
def test_what_counts_as_a_course_is_the_published_rules_word(
    world: World, number: int, django_assert_num_queries: Any
) -> None:
    """The regional course counts as each of the three that it replaced; none of them, nor all three, count as it."""
    lmn, mobility = "regional-lmn", "regional-rorelse"
    people = [make_person() for _one in range(number)]
    for person in people:
        complete(person, REGIONAL)
    same, old = make_person(), make_person()
    User.objects.filter(pk=same.pk).update(merged_into=people[0])
    for key in (lmn, mobility, "regional-medicinsk-behandling"):
        complete(old, key)
    ids = [*(person.pk for person in people), same.pk, old.pk]
    completions_counting_as([lmn], ids)
    with django_assert_num_queries(4):  # the moment, the rules, the people, the completions
        found = completions_counting_as([lmn, REGIONAL], ids)
    for person in (*people, same):
        assert found[person.pk] == {lmn: COMPLETED, REGIONAL: COMPLETED}
    assert found[old.pk] == {lmn: COMPLETED}
    withdraw_completion(completion=Completion.objects.get(person=people[0]), reason="Fel", by=BUILDER)
    assert people[0].pk not in completions_counting_as([lmn], ids)
    with django_assert_num_queries(0):
        assert completions_counting_as([], ids) == completions_counting_as([lmn], []) == {}


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        ({"from": "2025-01-22"}, True),
        ({"from": "2095-01-22"}, False),
        ({"from": "2025-01-22", "to": "2025-12-31"}, False),
        ({"from": "2025-01-22", "to": "2095-12-31"}, True),
    ],
)
def test_an_equivalence_counts_within_its_days(period: dict[str, str], counts: bool) -> None:
    publish_real_rules(equivalences=[{"courses": ["regional-rorelse", REGIONAL], "counts_as": [NATIONAL], **period}])
    person, half = make_person(), make_person()
    complete(person, REGIONAL)
    complete(person, "regional-rorelse", completed_at=COMPLETED + timedelta(days=9))
    complete(half, REGIONAL)
    expected = {person.pk: {NATIONAL: COMPLETED + timedelta(days=9)}} if counts else {}
    assert completions_counting_as([NATIONAL], [person.pk, half.pk]) == expected


def test_without_rules_a_course_counts_as_itself() -> None:
    register_course_reference(key="kurs", title="Kurs", level="local", by=BUILDER)
    person = make_person()
    complete(person, "kurs")
    assert completions_counting_as(["kurs"], [person.pk]) == {person.pk: {"kurs": COMPLETED}}


def test_what_a_source_has_recorded_stands_or_was_withdrawn(world: World, django_assert_num_queries: Any) -> None:
    for _number in range(2):
        complete(make_person(), REGIONAL)
    stands, fell = Completion.objects.order_by("pk")
    withdraw_completion(completion=fell, reason="Fel", by=BUILDER)
    with django_assert_num_queries(1):
        found = stand_or_fall(stands.source, [stands.source_id, fell.source_id, "annat"])
    assert found == {stands.source_id: True, fell.source_id: False}
    assert stand_or_fall("en annan källa", [stands.source_id]) == {}
