"""Which courses a person needs: as the steps that are missing say, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from competence.actions.authorisations import revoke_authorisation
from competence.api import courses_needed_by
from competence.queries.needed_courses import NeededCourse
from lms.lib.clock import local_day
from tests.factories.competence import NATIONAL, REGIONAL, World, make_person, make_prescriber

pytestmark = pytest.mark.django_db


def test_a_prescriber_needs_the_courses_that_are_missing_and_no_others(world: World) -> None:
    nothing, half = make_prescriber(world.clinic, courses=()), make_prescriber(world.clinic, courses=(NATIONAL,))
    ready = make_prescriber(world.clinic)
    assert set(courses_needed_by(nothing.person)) == {NATIONAL, REGIONAL}
    needed = courses_needed_by(half.person)
    assert set(needed) == {REGIONAL}
    assert needed[REGIONAL].is_demanded
    assert not needed[REGIONAL].is_choice
    assert needed[REGIONAL].rights == ("Beställare av personliga hjälpmedel inom hälso- och sjukvård",)
    assert courses_needed_by(ready.person) == {}


def test_a_new_employee_is_told_of_the_likely_area_unless_they_hold_a_task_here(world: World) -> None:
    new = make_prescriber(world.clinic, courses=(), is_appointed=False, is_authorised=False, level=None).person
    assert {NATIONAL, REGIONAL} <= set(courses_needed_by(new))
    new.groups.add(Group.objects.create(name="Redaktion"))
    assert courses_needed_by(new) == {}


def test_whoever_has_left_needs_nothing(world: World) -> None:
    yesterday = local_day(timezone.now()) - timedelta(days=1)
    former = make_prescriber(world.clinic, courses=(), ends_on=yesterday)
    assert courses_needed_by(former.person) == {}
    assert courses_needed_by(make_person()) == {}


def test_a_right_that_was_taken_back_makes_no_course_needed(world: World) -> None:
    person = make_prescriber(world.clinic)
    assert person.authorisation
    revoke_authorisation(authorisation=person.authorisation, reason="Prov", by=world.manager)
    assert courses_needed_by(person.person) == {}


def test_two_employments_are_told_of_together(world: World, django_assert_num_queries: Any) -> None:
    first = make_prescriber(world.clinic, courses=())
    with django_assert_num_queries(7):
        alone = courses_needed_by(first.person)
    make_prescriber(world.home_care, person=first.person, courses=())
    with django_assert_num_queries(7):
        both = courses_needed_by(first.person)
    assert set(both) >= set(alone)
    assert all(isinstance(one, NeededCourse) and one.rights for one in both.values())
