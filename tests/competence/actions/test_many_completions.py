"""The door for thousands at once answers as the door for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competence.actions.appointments import appoint
from competence.actions.change import begin_change
from competence.actions.completions import CompletionConflict, record_completion
from competence.actions.identities import merge_people
from competence.actions.many_completions import MOST, Answer, Reported, record_completions
from competence.actions.prepared import batched, mark_stale
from competence.feed.background import announce_due
from competence.models.competence_role import CompetenceRole
from competence.models.completion import Completion
from competence.models.feed import AnnouncedOutcomes, EligibilityChange
from competence.models.outbox import OutboxEvent, Revision
from competence.models.prepared import PreparedFacts, StoredOutcome
from competence.prepared_facts import decode
from competence.queries.eligibility import current_moment
from competence.queries.recorded import recorded_under
from competence.rebuilding import stale_people
from competence.statistics import Question, completion_statistics
from competence.verifying import verify_state
from lms.lib.actors import Machine
from lms.lib.errors import Refusal
from lms.users.models import User
from tests.factories.competence import (
    COMPLETED,
    MOBILITY,
    NATIONAL,
    REGIONAL,
    World,
    make_person,
    make_prescriber,
    make_world,
)

pytestmark = pytest.mark.django_db
BY = Machine("test:importer")


@pytest.fixture
def world() -> World:
    return make_world()


def one(person: User, source_id: str = "1", **changes: Any) -> Reported:
    values: dict[str, Any] = {"course_key": NATIONAL, "completed_at": COMPLETED, "source": "list", **changes}
    return Reported(person_id=person.pk, source_id=source_id, **values)


def differences() -> list[str]:
    return [line for part in verify_state(None, 1) for line in part.differences]


def test_a_right_follows_at_once_with_its_event_and_its_stored_outcome(world: World) -> None:
    made = make_prescriber(world.clinic, courses=(REGIONAL,))
    before = Revision.objects.get().events
    answers = record_completions(reported=[one(made.person)], by=BY, subject="import:x")
    assert answers == [Answer.RECORDED]
    change = EligibilityChange.objects.get(number=before + 1)
    completion = Completion.objects.get(source="list")
    assert (change.hsa_id, change.after, change.cause) == (made.hsa_id, 0, "facts")
    assert change.at == completion.recorded_at
    assert StoredOutcome.objects.filter(person=made.person, right="websesam.health-care", outcome=0).exists()
    assert not stale_people().exists()
    assert differences() == []
    event = OutboxEvent.objects.get(kind="completions.recorded")
    assert event.payload == {"subject": "import:x", "completions": [str(completion.public_id)]}
    assert event.revision == current_moment().revision


def test_each_answer_is_what_the_door_for_one_would_have_done(world: World) -> None:
    person = make_prescriber(world.clinic).person
    ahead = current_moment().now + timedelta(days=1)
    reported = [
        one(person, "1"),
        one(person, "1"),
        one(person, "1", completed_at=COMPLETED + timedelta(days=1)),
        one(person, "2", course_key="ingen"),
        one(person, "3", completed_at=ahead),
        one(person, "4", score=Decimal("80.00"), flags=("implausible_time",)),
    ]
    answers = record_completions(reported=reported, by=BY)
    wanted = [
        Answer.RECORDED,
        Answer.KNOWN,
        Answer.CONFLICT,
        Answer.UNKNOWN_COURSE,
        Answer.AHEAD,
        Answer.RECORDED,
    ]
    assert answers == wanted
    again = record_completions(reported=reported, by=BY)
    assert again == [Answer.KNOWN, *wanted[1:5], Answer.KNOWN]
    assert Completion.objects.get(source_id="4").flags == ["implausible_time"]
    assert differences() == []


def test_a_clock_a_little_ahead_counts_as_now(world: World) -> None:
    person = make_prescriber(world.clinic).person
    soon = current_moment().now + timedelta(minutes=2)
    assert record_completions(reported=[one(person, completed_at=soon)], by=BY) == [Answer.RECORDED]
    completion = Completion.objects.get(source="list")
    assert completion.completed_at == completion.recorded_at < soon
    assert record_completions(reported=[one(person, completed_at=soon)], by=BY) == [Answer.KNOWN]
    assert differences() == []


def test_merged_records_and_people_without_prepared_facts_are_worked_out_anew(world: World) -> None:
    made, old = make_prescriber(world.clinic, courses=()), make_person()
    merge_people(absorbed=old, into=made.person, reason="Samma", by=BY)
    newcomer = make_person()
    with transaction.atomic():
        mark_stale([make_prescriber(world.clinic).person.pk])
    PreparedFacts.objects.filter(person=newcomer).delete()
    record_completions(reported=[one(old), one(newcomer, "2"), one(old, "3", course_key=REGIONAL)], by=BY)
    assert Completion.objects.get(source_id="3").unit == world.clinic
    assert EligibilityChange.objects.filter(hsa_id=made.hsa_id, after=0).exists()
    assert differences() == []


def test_within_a_batch_the_rows_are_written_at_its_end(world: World) -> None:
    made = make_prescriber(world.clinic, courses=(REGIONAL,), is_appointed=False)
    with batched():
        record_completions(reported=[one(made.person)], by=BY)
        appoint(
            employment=made.employment,
            role=CompetenceRole.objects.get(key=MOBILITY),
            starts_on=made.employment.starts_on,
            by=BY,
        )
    assert StoredOutcome.objects.filter(person=made.person, right="websesam.health-care", outcome=0).exists()
    assert differences() == []


@pytest.mark.postgres  # elsewhere one writer at a time comes in between nowhere
def test_somebody_whose_facts_change_meanwhile_is_worked_out_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another change comes between the foreseeing and the lock: what was foreseen is not believed."""
    made, other = make_prescriber(world.clinic, courses=()), make_prescriber(world.clinic, courses=())
    from competence.actions import many_completions

    taken = begin_change

    def late(**words: Any) -> Any:
        monkeypatch.setattr(many_completions, "begin_change", taken)
        record_completion(
            person=made.person, course_key=REGIONAL, completed_at=COMPLETED, source="list", source_id="9", by=BY
        )
        return taken(**words)

    monkeypatch.setattr(many_completions, "begin_change", late)
    rows = [one(made.person), one(other.person, "2"), one(made.person, "9", course_key=REGIONAL)]
    assert record_completions(reported=rows, by=BY) == [Answer.RECORDED, Answer.RECORDED, Answer.KNOWN]
    assert EligibilityChange.objects.filter(hsa_id=made.hsa_id, after=0).exists()
    assert differences() == []


@pytest.mark.postgres  # elsewhere one writer at a time comes in between nowhere
def test_facts_of_another_kind_that_come_meanwhile_are_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the stamp of the prepared row tells of them: the keys are others."""
    made, other = make_prescriber(world.clinic, courses=()), make_prescriber(world.clinic, courses=())
    from competence.actions import many_completions

    taken = begin_change

    def late(**words: Any) -> Any:
        monkeypatch.setattr(many_completions, "begin_change", taken)
        record_completion(
            person=made.person, course_key=REGIONAL, completed_at=COMPLETED, source="web", source_id="9", by=BY
        )
        return taken(**words)

    monkeypatch.setattr(many_completions, "begin_change", late)
    assert record_completions(reported=[one(made.person), one(other.person, "2")], by=BY) == [Answer.RECORDED] * 2
    assert EligibilityChange.objects.filter(hsa_id=made.hsa_id, after=0).exists()
    assert differences() == []


@pytest.mark.postgres  # elsewhere one writer at a time comes in between nowhere
@pytest.mark.parametrize("is_the_same_person", [True, False])
def test_a_key_that_somebody_records_meanwhile_is_known_or_a_conflict(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_the_same_person: bool
) -> None:
    """It comes between the foreseeing and the lock; nobody's prepared row has a completion that was not recorded."""
    made, other = make_prescriber(world.clinic, courses=()), make_prescriber(world.clinic, courses=())
    from competence.actions import many_completions

    taken = begin_change
    whose = made.person if is_the_same_person else make_prescriber(world.clinic, courses=()).person

    def late(**words: Any) -> Any:
        monkeypatch.setattr(many_completions, "begin_change", taken)
        record_completion(
            person=whose, course_key=NATIONAL, completed_at=COMPLETED, source="list", source_id="1", by=BY
        )
        return taken(**words)

    monkeypatch.setattr(many_completions, "begin_change", late)
    rows = [one(made.person), one(other.person, "2"), one(made.person, "3", course_key=REGIONAL)]
    first = Answer.KNOWN if is_the_same_person else Answer.CONFLICT
    assert record_completions(reported=rows, by=BY) == [first, Answer.RECORDED, Answer.RECORDED]
    assert Completion.objects.filter(source="list").count() == 3
    assert differences() == []


def test_what_is_recorded_is_found_by_source_and_number_together(world: World) -> None:
    made = make_prescriber(world.clinic)
    for source, number in (("list", "1"), ("list", "2"), ("other", "1"), ("other", 'å"\\{,}')):
        record_completions(reported=[one(made.person, number, source=source)], by=BY)
    asked = [("list", "1"), ("list", "3"), ("other", "2"), ("other", 'å"\\{,}'), ("nobody", "1")]
    found = recorded_under(asked).order_by("pk").values_list("source", "source_id")
    assert list(found) == [("list", "1"), ("other", 'å"\\{,}')]
    assert not recorded_under([]).exists()


def test_too_many_at_a_time_are_a_mistake_of_the_caller(world: World) -> None:
    with pytest.raises(ValueError, match="at most"):
        record_completions(reported=[one(world.manager)] * (MOST + 1), by=BY)


DAYS = st.integers(0, 400).map(lambda days: datetime(2024, 1, 1, 11, tzinfo=UTC) + timedelta(days=days))
ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([NATIONAL, REGIONAL, "regional-rorelse", "ingen-kurs"]),
        DAYS,
        st.sampled_from([None, Decimal("75.00")]),
        st.integers(0, 6),
    ),
    max_size=10,
)


class Undone(Exception):
    """Takes back what was done, so that the same can be done another way."""


def state_after(people: Sequence[User], act: Any) -> list[Any]:
    """What is so after `act`, which is taken back: nothing of it depends on keys, nor on the instant of recording."""
    found: list[Any] = []
    try:
        with transaction.atomic():
            found.append(act())
            announce_due()
            ids = [person.pk for person in people]
            columns = ("person", "course__key", "completed_at", "source", "source_id", "fingerprint", "unit")
            more = ("principal_kind", "score", "flags", "recorded_by", "recorded_by_name")
            found.append(sorted(map(repr, Completion.objects.filter(source="list").values_list(*columns, *more))))
            for person, text in (
                PreparedFacts.objects.filter(person__in=ids).order_by("person").values_list("person", "facts")
            ):
                facts = decode(text)
                assert facts is not None
                found.append((person, sorted((c.course, c.start) for c in facts.completions)))
            stored = StoredOutcome.objects.filter(person__in=ids)
            found.append(sorted(map(repr, stored.values_list("employment", "right", "end", "outcome", "missing"))))
            told = AnnouncedOutcomes.objects.filter(person__in=ids)
            found.append(sorted(map(repr, told.values_list("person", "outcomes", "next_at", "is_behind"))))
            latest: dict[Any, int] = {}
            for hsa_id, right, after in EligibilityChange.objects.order_by("number").values_list(
                "hsa_id", "right", "after"
            ):
                latest[hsa_id, right] = after
            found.append(sorted(latest.items()))
            figures = completion_statistics(Question(), may_see_persons=True)
            found.append(repr(figures.by_course_and_period()))
            found.append(differences())
            raise Undone
    except Undone:
        return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_many_at_once_are_the_same_as_one_after_the_other(cast: list[User], rows: list[Any]) -> None:
    reported = [
        Reported(cast[person].pk, course, at, "list", f"{person}-{key}", score)
        for person, course, at, score, key in rows
    ]

    def one_by_one() -> list[str]:
        return [_answer(r, cast) for r in reported]

    def at_once() -> list[str]:
        return [str(answer) for answer in record_completions(reported=reported, by=BY)]

    assert state_after(cast, at_once) == state_after(cast, one_by_one)


@pytest.fixture
def cast(world: World) -> list[User]:
    """Somebody who lacks a course, somebody who lacks all, somebody at two places, and somebody who works nowhere."""
    two = make_prescriber(world.clinic, courses=())
    make_prescriber(world.home_care, person=two.person, courses=())
    return [
        make_prescriber(world.clinic, courses=(REGIONAL,)).person,
        make_prescriber(world.home_care, courses=()).person,
        two.person,
        make_person(),
    ]


def _answer(reported: Reported, cast: list[User]) -> str:
    before = Completion.objects.count()
    try:
        record_completion(
            person=next(person for person in cast if person.pk == reported.person_id),
            course_key=reported.course_key,
            completed_at=reported.completed_at,
            source=reported.source,
            source_id=reported.source_id,
            score=reported.score,
            by=BY,
        )
    except CompletionConflict:
        return "conflict"
    except Refusal:
        return "unknown_course"
    return "recorded" if Completion.objects.count() > before else "known"
