"""What courses ask about many people at once: where they work, and what they have completed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from competence.actions.wrong_completions import withdraw_completion
from competence.api import completions_of, unit_named, units_worked_within, workplaces_of
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
