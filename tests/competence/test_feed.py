"""The feed's bookkeeping: its beginning, its repair, what a change costs, and what the background does."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competence.actions import prepared
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.employments import suspend
from competence.feed.background import announce_due, begin_feed
from competence.models.feed import AnnouncedOutcomes, EligibilityChange
from competence.models.ordering_system import OrderingRight
from competence.models.outbox import Revision
from competence.queries.changes import FeedNotReady, Sight, changes_after, feed_row, is_catching_up
from competence.rebuilding import open_ranges, start_rebuild, work_on
from competence.tasks import announce_changes
from tests.competence.test_rebuilding import publish_without_courses
from tests.factories.competence import BUILDER, Prescriber, World, make_hsa_id, make_person, make_prescriber

pytestmark = pytest.mark.django_db
RIGHT = "websesam.health-care"
EVERYTHING = Sight(frozenset({"websesam", "sesamlmn"}), None)


def told_of(one: Prescriber) -> list[tuple[str, str, str]]:
    """What the feed has told of somebody's right: before, after, cause."""
    rows = changes_after(0, EVERYTHING, 1_000).changes
    return [(c.previous, c.outcome, c.cause) for c in rows if c.hsa_id == one.hsa_id and c.right == RIGHT]


def take_back(one: Prescriber) -> None:
    assert one.authorisation
    revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=BUILDER)


def rebuild() -> None:
    start_rebuild()
    for range_id in open_ranges():
        for _written in work_on(range_id):
            pass


# --- Rules ----------------------------------------------------------------------------------------------------------
def test_what_published_rules_bring_is_told_at_their_instant(world: World) -> None:
    one = make_prescriber(world.clinic, courses=[])
    assert told_of(one) == []
    published = publish_without_courses()
    assert is_catching_up()
    rebuild()

    assert told_of(one) == [("denied", "allowed", "rules")]
    change = EligibilityChange.objects.get(hsa_id=one.hsa_id, right=RIGHT)
    assert change.at == published.recorded_at
    assert change.policy_version == published.version
    assert not is_catching_up()


def test_rules_that_are_taken_back_before_anybody_was_gone_through_are_told_of_twice(world: World) -> None:
    from competence.actions.rules import publish_rules
    from competence.models.requirement import RuleSetVersion

    one = make_prescriber(world.clinic, courses=[])
    before = RuleSetVersion.objects.order_by("-version")[0].document
    publish_without_courses()
    publish_rules(document=before, by=BUILDER)
    rebuild()

    assert told_of(one) == [("denied", "allowed", "rules"), ("allowed", "denied", "rules")]


def test_a_change_of_facts_before_the_rebuild_came_is_told_after_what_the_rules_brought(world: World) -> None:
    one = make_prescriber(world.clinic, courses=[])
    publish_without_courses()
    take_back(one)
    rebuild()

    assert told_of(one) == [("denied", "allowed", "rules"), ("allowed", "denied", "facts")]


def test_a_rebuild_tells_nobody_anything_twice(world: World) -> None:
    one = make_prescriber(world.clinic, courses=[])
    publish_without_courses()
    rebuild()
    events = EligibilityChange.objects.count()
    rebuild()
    call_command("rebuild_state", everything=True)

    assert EligibilityChange.objects.count() == events
    assert len(told_of(one)) == 1


# --- Time -----------------------------------------------------------------------------------------------------------
def test_a_scheduler_that_was_down_for_days_leaves_nothing_out(world: World) -> None:
    one = make_prescriber(world.clinic)
    today = timezone.localdate()
    for days in (2, 6):
        suspend(
            employment=one.employment,
            starts_on=today + timedelta(days=days),
            ends_on=today + timedelta(days=days + 1),
            by=BUILDER,
        )
    Revision.objects.update(at=timezone.now() + timedelta(days=30))
    assert announce_changes() == 1

    outcomes = [outcome for _before, outcome, cause in told_of(one) if cause == "time"]
    assert outcomes == ["denied", "allowed", "denied", "allowed"]
    assert announce_changes() == 0


def test_a_change_of_facts_tells_first_what_time_brought_before_it(world: World) -> None:
    one = make_prescriber(world.clinic)
    today = timezone.localdate()
    suspend(
        employment=one.employment, starts_on=today + timedelta(days=2), ends_on=today + timedelta(days=3), by=BUILDER
    )
    Revision.objects.update(at=timezone.now() + timedelta(days=30))
    take_back(one)

    assert told_of(one)[1:] == [
        ("allowed", "denied", "time"),
        ("denied", "allowed", "time"),
        ("allowed", "denied", "facts"),
    ]


# --- Imports --------------------------------------------------------------------------------------------------------
def test_what_an_import_left_to_the_background_is_told_of(world: World) -> None:
    one = make_prescriber(world.clinic)
    AnnouncedOutcomes.objects.all().delete()  # as if the right had come by rows of which nobody was told
    EligibilityChange.objects.all().delete()
    prepared.mark_stale([one.person.pk])
    assert is_catching_up()
    while announce_due():
        pass

    assert told_of(one)[-1] == ("denied", "allowed", "facts")
    assert not is_catching_up()
    call_command("verify_feed", all=True)


# --- The beginning --------------------------------------------------------------------------------------------------
def as_before_the_feed() -> None:
    """The database as it was when the feed came to it."""
    AnnouncedOutcomes.objects.all().delete()
    EligibilityChange.objects.all().delete()
    Revision.objects.update(events=0)
    migration: Any = import_module("competence.migrations.0024_the_feed")
    migration.begin_later_where_somebody_is_known(apps, None)


def test_the_feed_of_a_database_with_people_begins_when_everybody_has_been_told_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [make_prescriber(world.clinic) for _number in range(3)]
    as_before_the_feed()
    monkeypatch.setattr("competence.feed.background.CHUNK", 2)
    assert not begin_feed()
    with pytest.raises(FeedNotReady):
        feed_row()

    call_command("rebuild_state")

    assert begin_feed()
    for one in people:
        assert told_of(one) == [("denied", "allowed", "start")]
    call_command("verify_feed", all=True)


def test_the_feed_of_a_database_with_few_people_begins_by_itself(world: World) -> None:
    one = make_prescriber(world.clinic)
    as_before_the_feed()

    announce_changes()

    assert told_of(one) == [("denied", "allowed", "start")]


def test_the_feed_of_an_empty_database_has_begun() -> None:
    as_before_the_feed()

    assert feed_row().events == 0


# --- Verifying ------------------------------------------------------------------------------------------------------
def test_p07_verifying_finds_what_was_not_announced_and_has_it_announced(world: World, capsys: Any) -> None:
    one = make_prescriber(world.clinic)
    AnnouncedOutcomes.objects.filter(person=one.person).update(outcomes="")

    with pytest.raises(SystemExit) as stopped:
        call_command("verify_feed", all=True, repair=True)
    assert stopped.value.code == 1
    said = capsys.readouterr().out
    assert f"{one.hsa_id} {RIGHT} is allowed (vgr), announced was denied" in said
    assert "the last event is not what was announced" in said

    while announce_due():
        pass
    call_command("verify_feed", all=True)
    assert " 0 differences" in capsys.readouterr().out


def test_p07_verifying_finds_a_wrong_time(world: World, capsys: Any) -> None:
    one = make_prescriber(world.clinic)
    AnnouncedOutcomes.objects.filter(person=one.person).update(next_at=timezone.now() + timedelta(days=9))

    with pytest.raises(SystemExit):
        call_command("verify_feed", people=1_000)
    assert "another instant" in capsys.readouterr().out


# --- What it costs --------------------------------------------------------------------------------------------------
def feed_queries(context: Any) -> list[str]:
    tables = ("eligibilitychange", "announcedoutcomes", "users_employeeidentity")
    return [q["sql"] for q in context.captured_queries if any(table in q["sql"] for table in tables)]


def test_a_change_that_changes_no_outcome_costs_two_questions(world: World) -> None:
    one = make_prescriber(world.clinic, is_authorised=False)
    from tests.factories.competence import NATIONAL, complete

    with CaptureQueriesContext(connection) as context:
        complete(one.person, NATIONAL)
    ours = [sql for sql in feed_queries(context) if "competence_employment" not in sql]
    assert len(ours) == 2, ours


def test_a_change_that_changes_outcomes_writes_them_in_three_statements(world: World) -> None:
    one = make_prescriber(world.clinic)
    with CaptureQueriesContext(connection) as context:
        take_back(one)
    ours = [sql for sql in feed_queries(context) if "competence_employment" not in sql]
    assert sum(sql.startswith("INSERT") for sql in ours) == 2, ours
    updates = [q["sql"] for q in context.captured_queries if q["sql"].startswith('UPDATE "competence_revision"')]
    assert [sql for sql in updates if '"events" =' in sql.partition("WHERE")[0]] == updates[1:]
    assert len(updates) == 2  # begun, and numbered
    assert len(ours) == 4


def test_a_change_of_one_tells_nobody_of_another(world: World) -> None:
    one, other = make_prescriber(world.clinic), make_prescriber(world.clinic)
    before = told_of(other)
    take_back(one)
    grant_authorisation(employment=one.employment, right=OrderingRight.objects.get(key=RIGHT), by=BUILDER)

    assert told_of(other) == before


def test_who_has_no_hsa_id_is_told_of_when_one_is_given(world: World) -> None:
    from competence.actions.employments import start_employment
    from tests.factories.competence import LONG_AGO

    person = make_person()
    make_hsa_id(person)
    employment = start_employment(person=person, unit=world.clinic, starts_on=LONG_AGO, by=BUILDER)
    assert employment.identity is None
    assert not EligibilityChange.objects.filter(person=person).exists()
