"""The demonstration's occasions: never stale, and in every situation that one is to see."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from competence.models.completion import Completion
from courses.demo.occasions import HOLIDAYS, working_day
from courses.models import Course, Message, Occasion, Place
from courses.queries.occasions import shown, with_seats
from lms import env
from tests.factories.competence import World, make_person

pytestmark = pytest.mark.django_db


def load() -> str:
    out = io.StringIO()
    call_command("load_demo_occasions", stdout=out)
    return out.getvalue()


@pytest.fixture
def people(world: World) -> None:
    for number in range(24):
        make_person(username=f"kollega_{number:02d}")
    for handle in ("teacher", "prescriber_ok", "prescriber_new", "prescriber_basic_level", "prescriber_two_employers"):
        make_person(username=handle, email=f"{handle}@example.se")


def test_there_are_occasions_that_come_and_that_were_held_in_every_situation(people: None) -> None:
    load()
    rows = shown(with_seats(Occasion.objects.select_related("course")), make_person())
    coming = [row for row in rows if row.occasion.is_announced and not row.has_begun]
    assert len([row for row in coming if row.is_open and row.free]) >= 8
    assert any(row.waiting == 3 and row.taken == row.occasion.seats for row in coming)
    assert any(row.occasion.video_url for row in coming)
    assert any(row.occasion.commissioned_by for row in coming)
    assert any(row.occasion.is_cancelled for row in rows)
    assert any(row.occasion.status == Occasion.Status.DRAFT for row in rows)
    assert Place.objects.filter(status=Place.Status.ATTENDED).count() > 60
    assert Completion.objects.filter(source="occasion").count() > 60
    assert not Message.objects.filter(kind__startswith="occasion.", dropped_at=None).exists()


def test_whenever_it_is_loaded_the_occasions_are_on_working_days_soon_after() -> None:
    for number in range(800):
        day = date(2026, 11, 1) + timedelta(days=number)
        chosen = working_day(day)
        assert chosen.weekday() < 5
        assert (chosen.month, chosen.day) not in HOLIDAYS
        assert timedelta() <= chosen - day <= timedelta(days=5)


def test_loading_again_changes_nothing(people: None) -> None:
    assert "28 occasions made" in load()
    assert "0 occasions made" in load()
    assert Course.objects.filter(kind=Course.Kind.OCCASION).count() == 10


def test_a_dry_run_keeps_nothing_and_production_is_left_alone(people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_demo_occasions", "--dry-run", stdout=io.StringIO())
    assert not Occasion.objects.exists()
    monkeypatch.setattr(env, "ENVIRONMENT", "production")
    with pytest.raises(CommandError, match="production"):
        load()
