"""Stored state while others write, publish and recompute at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.management import call_command

from competence import outcome_rows, rebuilding
from competence.actions.authorisations import grant_authorisation, revoke_authorisation
from competence.actions.completions import record_completion
from competence.actions.wrong_completions import withdraw_completion
from competence.models.employment import Employment
from competence.models.ordering_system import OrderingRight
from competence.models.outbox import OutboxEvent, Revision
from competence.models.prepared import OutcomesMade
from competence.policy.decision import Outcome
from competence.queries.eligibility import current_moment
from competence.queries.standing import Wanted, employments_with, standings_of
from competence.rebuilding import open_ranges, stale_people, start_rebuild, work_on
from lms.lib.actors import Machine
from tests.competence.test_rebuilding import publish_without_courses
from tests.factories.competence import COMPLETED, NATIONAL, make_prescriber, make_world
from tests.faults.test_recording import HEALTH_CARE, in_threads

MACHINE = Machine("client:test")
TURNS = 6


@pytest.mark.django_db(transaction=True)
def test_p14_no_list_is_older_than_an_acknowledged_revocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right is given and taken, rules are published and everybody is recomputed, while readers ask for lists."""
    monkeypatch.setattr(rebuilding, "CHUNK", 2)
    world = make_world()
    people = [make_prescriber(world.clinic, is_authorised=False) for _ in range(4)]
    employment = people[0].employment
    right = OrderingRight.objects.get(key=HEALTH_CARE)
    acknowledged: list[tuple[int, Outcome]] = []
    wrong: list[str] = []
    done = threading.Event()

    def write() -> None:
        try:
            for _turn in range(TURNS):
                granted = grant_authorisation(employment=employment, right=right, by=MACHINE)
                acknowledged.append((_event("granted"), _A))
                revoke_authorisation(authorisation=granted, reason="Provas", by=MACHINE)
                acknowledged.append((_event("revoked"), _D))
        finally:
            done.set()

    def _event(what: str) -> int:
        last = acknowledged[-1][0] if acknowledged else 0
        return OutboxEvent.objects.get(kind=f"authorisation.{what}", revision__gt=last).pk

    def publish_and_rebuild() -> None:
        while not done.is_set():
            publish_without_courses()
            start_rebuild()
            for range_id in open_ranges():
                for _written in work_on(range_id):
                    pass

    def read() -> None:
        while not done.is_set():
            seen = list(acknowledged)
            moment = current_moment()
            [standing] = [s for s in standings_of([employment.pk], moment)[employment.pk] if s.right == HEALTH_CARE]
            found = employments_with(
                Employment.objects.filter(pk=employment.pk), Wanted(right=HEALTH_CARE, outcomes=[_A]), moment
            )
            # Between two acknowledgements either answer may be meant; with none in between, only one.
            if seen and list(acknowledged) == seen and _revision() == moment.revision and not _is_being_written(seen):
                if standing.outcome is not seen[-1][1]:
                    wrong.append(f"list: {standing.outcome} after {seen[-1]}")
                if (employment.pk in found) != (seen[-1][1] is _A):
                    wrong.append(f"filter: {found} after {seen[-1]}")

    def _is_being_written(seen: list[tuple[int, Outcome]]) -> bool:
        """Whether the writer has committed a change that it has not been told of yet."""
        return OutboxEvent.objects.filter(kind__startswith="authorisation.", revision__gt=seen[-1][0]).exists()

    assert in_threads(write, publish_and_rebuild, *([read] * 3)) == []
    assert wrong == []
    call_command("rebuild_state")
    call_command("verify_state", all=True)


_A, _D = Outcome.ALLOWED, Outcome.DENIED


def _revision() -> int:
    return Revision.objects.get().number


@pytest.mark.django_db(transaction=True)
def test_f10_two_rebuilds_and_a_writer_at_once_end_in_the_same_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK", 1)
    monkeypatch.setattr(rebuilding, "RANGE", 3)
    world = make_world()
    people = [make_prescriber(world.clinic, courses=[]) for _ in range(6)]
    publish_without_courses()
    OutcomesMade.objects.all().delete()

    def rebuild() -> None:
        start_rebuild()
        for range_id in open_ranges():
            for _written in work_on(range_id):
                pass

    def write() -> None:
        for turn, one in enumerate(people * 2):
            completion = record_completion(
                person=one.person,
                course_key=NATIONAL,
                completed_at=COMPLETED,
                source="elsewhere",
                source_id=str(turn),
                by=MACHINE,
            )
            withdraw_completion(completion=completion, reason="Prov", by=MACHINE)

    assert in_threads(rebuild, rebuild, write) == []
    # A range that two workers wanted was done by one of them; what was left when that one came, the other's is.
    rebuild()
    assert not stale_people().exists()
    call_command("verify_state", all=True)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_processes_share_the_work(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(rebuilding, "RANGE", 2)
    monkeypatch.setattr(outcome_rows, "FEW", 0)  # as many people are written: by COPY
    world = make_world()
    for _number in range(6):
        make_prescriber(world.clinic)
    OutcomesMade.objects.all().delete()
    call_command("rebuild_state", processes=2)
    assert "people written" in capsys.readouterr().out
    assert not stale_people().exists()
    call_command("verify_state", all=True)
