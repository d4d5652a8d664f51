"""After new rules every answer is right at every moment of the recomputation, which can be broken off and doubled."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from competence import rebuilding
from competence.actions.authorisations import revoke_authorisation
from competence.actions.rules import publish_rules
from competence.models.employment import Employment
from competence.models.outbox import OutboxEvent
from competence.models.prepared import OutcomesMade, PreparedFacts, StoredOutcome
from competence.models.rebuild import RebuildRange, StateRebuild
from competence.models.requirement import RuleSetVersion
from competence.outbox import deliver_waiting
from competence.outcome_rows import rows_of, write_outcomes
from competence.policy.decision import Context, Outcome
from competence.queries.eligibility import current_moment, decide_for
from competence.queries.rules import current_rule_book
from competence.queries.standing import Wanted, employments_with, outcome_counts, standings_of
from competence.tasks import go_on_rebuilding, rebuild_range
from competence.unconcerned import leave_as_they_are
from tests.factories.competence import BUILDER, NATIONAL, ORDERER, Prescriber, World, make_person, make_prescriber

pytestmark = pytest.mark.django_db
RIGHT = "websesam.health-care"


def document() -> dict[str, Any]:
    """The latest rules, to be changed and published."""
    return copy.deepcopy(RuleSetVersion.objects.order_by("-version")[0].document)


def publish_without_courses(**when: Any) -> RuleSetVersion:
    """New rules, which demand no course of anybody."""
    rules = document()
    rules["requirements"] = []
    return publish_rules(document=rules, by=BUILDER, **when)


@pytest.fixture
def crowd(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Prescriber]:
    """Some who may order, and some who lack a course: they may after the next publication."""
    monkeypatch.setattr(rebuilding, "CHUNK", 2)
    monkeypatch.setattr(rebuilding, "RANGE", 5)
    kinds: list[dict[str, Any]] = [{}, {"courses": [NATIONAL]}, {"courses": []}, {"role": ORDERER}]
    return [make_prescriber(world.clinic, **kinds[n % 4]) for n in range(9)]


def assert_everything_is_right(crowd: list[Prescriber]) -> None:
    """Single answers, lists, filters and counts say the same, under the latest rules."""
    moment = current_moment()
    employments = Employment.objects.filter(pk__in=[one.employment.pk for one in crowd])
    listed = standings_of([one.employment.pk for one in crowd], moment)
    allowed: dict[str, set[int]] = {}
    for one in crowd:
        for standing in listed[one.employment.pk]:
            context = Context(employment=f"employment:{one.employment.pk}")
            answer = decide_for(one.person, standing.right, moment=moment, context=context)
            assert (standing.outcome, standing.until) == (answer.outcome, answer.valid_until)
            if answer.allowed:
                allowed.setdefault(standing.right, set()).add(one.employment.pk)
    counts = outcome_counts(employments, moment)
    for right, expected in allowed.items():
        assert employments_with(employments, Wanted(right=right, outcomes=[Outcome.ALLOWED]), moment) == expected
        assert counts[right][Outcome.ALLOWED] == len(expected)


def steps() -> Iterator[int]:
    """All the work that is left, chunk by chunk."""
    for range_id in rebuilding.open_ranges():
        yield from rebuilding.work_on(range_id)


def test_f26_every_answer_is_right_at_every_moment_of_the_recomputation(crowd: list[Prescriber]) -> None:
    assert_everything_is_right(crowd)
    publish_without_courses()
    assert_everything_is_right(crowd)
    rebuilding.start_rebuild()
    turns = 0
    for _written in steps():
        turns += 1
        assert_everything_is_right(crowd)
    assert turns > 4
    assert not rebuilding.stale_people().exists()
    assert StateRebuild.objects.get().finished_at is not None
    verify(0)


def test_f26_rules_dated_ahead_are_in_what_is_stored_and_flip_at_their_instant(crowd: list[Prescriber]) -> None:
    at = current_moment().now + timedelta(days=10)
    publish_without_courses(in_force_from=at)
    rebuilding.start_rebuild()
    list(steps())
    lacking = crowd[1].employment.pk
    [standing] = [s for s in standings_of([lacking], current_moment())[lacking] if s.right == RIGHT]
    assert (standing.outcome, standing.until, standing.following) == (Outcome.DENIED, at, Outcome.ALLOWED)
    assert_everything_is_right(crowd)


def test_f05_publishing_starts_one_rebuild_however_often_it_is_told(crowd: list[Prescriber]) -> None:
    publish_without_courses()
    for _time in range(3):
        OutboxEvent.objects.filter(kind="rules.published").update(delivered_at=None)
        deliver_waiting()
    rebuild = StateRebuild.objects.get(finished_at=None)
    assert rebuild.rules_version == 2
    ranges = list(RebuildRange.objects.filter(rebuild=rebuild).order_by("first").values_list("first", "last"))
    assert all(one[1] + 1 == other[0] for one, other in zip(ranges, ranges[1:], strict=False))
    assert ranges[0][0] <= min(one.person.pk for one in crowd)
    assert ranges[-1][1] >= max(one.person.pk for one in crowd)
    go_on_rebuilding()
    assert not rebuilding.stale_people().exists()
    assert_everything_is_right(crowd)


def publish_for_the_national_course(**changes: Any) -> RuleSetVersion:
    """New rules about prescribers, and about nobody else."""
    rules = document()
    [one] = [one for one in rules["requirements"] if one["key"] == "national-hjalpmedel"]
    one.update(changes)
    return publish_rules(document=rules, by=BUILDER)


def test_whom_new_rules_do_not_concern_is_only_marked(crowd: list[Prescriber], monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    bring = rebuilding.bring_up_to_date

    def noting(people: list[int]) -> None:
        evaluated.extend(people)
        bring(people)

    monkeypatch.setattr(rebuilding, "bring_up_to_date", noting)
    before = dict(StoredOutcome.objects.values_list("pk", "person_id"))
    rules = document()
    rules["requirements"] = [one for one in rules["requirements"] if one["roles"] != ["prescriber-consumables"]]
    assert len(rules["requirements"]) < len(document()["requirements"])
    publish_rules(document=rules, by=BUILDER)
    assert_everything_is_right(crowd)
    rebuilding.start_rebuild()
    assert sum(steps()) >= len(crowd)
    assert evaluated == []
    assert sum(RebuildRange.objects.values_list("people", flat=True)) >= len(crowd)
    assert dict(StoredOutcome.objects.values_list("pk", "person_id")) == before
    assert not rebuilding.stale_people().exists()
    assert_everything_is_right(crowd)
    verify(0)


def test_whom_new_rules_concern_is_evaluated_also_when_earlier_ones_did_not(
    crowd: list[Prescriber], world: World
) -> None:
    other = make_prescriber(world.clinic, role="prescriber-consumables")
    stranger = make_person()
    publish_for_the_national_course(gate="report")
    publish_for_the_national_course(validity_months=1)
    OutcomesMade.objects.filter(person=crowd[0].person).update(rules_version=2)
    rebuilding.start_rebuild()
    list(steps())
    assert not rebuilding.stale_people().exists()
    assert {stranger.pk, other.person.pk} <= set(OutcomesMade.objects.values_list("person_id", flat=True))
    assert_everything_is_right(crowd)
    verify(0)


def test_a_change_that_has_not_reached_the_mark_is_no_reason_to_believe_it(crowd: list[Prescriber]) -> None:
    """Somebody's prepared facts and stored outcomes are of different revisions, or of another form: evaluate anew."""
    people = [one.person.pk for one in crowd]
    PreparedFacts.objects.filter(person=people[0]).update(revision=10**6)
    PreparedFacts.objects.filter(person=people[1]).update(stale_since=timezone.now())
    PreparedFacts.objects.filter(person=people[2]).update(facts="[1,[],[]]")
    publish_rules(document=document(), by=BUILDER)
    leave_as_they_are(min(people), max(people), current_rule_book(), current_moment().now)
    versions = dict(OutcomesMade.objects.filter(person__in=people).values_list("person_id", "rules_version"))
    assert [versions[pk] for pk in people] == [1, 1, 1, *[2] * (len(people) - 3)]


def test_later_rules_take_over_an_unfinished_rebuild(crowd: list[Prescriber]) -> None:
    publish_without_courses()
    rebuilding.start_rebuild()
    next(steps())
    publish_without_courses()
    rebuilding.start_rebuild()
    assert list(StateRebuild.objects.filter(finished_at=None).values_list("rules_version", flat=True)) == [3]
    list(steps())
    assert set(OutcomesMade.objects.values_list("rules_version", flat=True)) == {3}
    assert_everything_is_right(crowd)


def test_f09_a_worker_that_is_killed_anywhere_leaves_a_range_that_another_ends(
    crowd: list[Prescriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    publish_without_courses()
    rebuilding.start_rebuild()
    write = write_outcomes
    for turn in range(4):

        def die(*args: Any, before: bool = bool(turn % 2)) -> None:
            if not before:
                write(*args)
            raise Killed

        monkeypatch.setattr(rebuilding, "write_outcomes", die)
        [first, *_others] = rebuilding.open_ranges()
        with pytest.raises(Killed):
            list(rebuilding.work_on(first))
        assert_everything_is_right(crowd)
        assert first not in rebuilding.open_ranges(), "it is still claimed"
        RebuildRange.objects.filter(pk=first).update(claimed_until=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(rebuilding, "write_outcomes", write)
    list(steps())
    assert not rebuilding.stale_people().exists()
    assert StateRebuild.objects.get().finished_at is not None
    assert_everything_is_right(crowd)
    verify(0)


def test_f05_a_range_done_three_times_is_done_once(crowd: list[Prescriber]) -> None:
    publish_without_courses()
    rebuilding.start_rebuild()
    ranges = rebuilding.open_ranges()
    written = [sum(rebuild_range(range_id) for range_id in ranges) for _time in range(3)]
    assert written[0] >= len(crowd)
    assert written[1:] == [0, 0]
    verify(0)


def test_a_stopped_rebuild_waits_until_it_is_to_go_on(crowd: list[Prescriber]) -> None:
    publish_without_courses()
    rebuild = rebuilding.start_rebuild()
    [first, *_others] = rebuilding.open_ranges()
    work = rebuilding.work_on(first)
    next(work)
    call_command("rebuild_state", stop=True)
    assert list(work) == []
    assert rebuilding.open_ranges() == []
    assert go_on_rebuilding() == 0
    assert_everything_is_right(crowd)
    call_command("rebuild_state")
    rebuild.refresh_from_db()
    assert rebuild.finished_at is not None
    assert not rebuilding.stale_people().exists()


def test_a_change_that_comes_between_reading_and_writing_is_not_written_over(
    crowd: list[Prescriber], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_without_courses()
    one = crowd[0]
    evaluate = rows_of

    def change_meanwhile(*args: Any) -> Any:
        made = evaluate(*args)
        assert one.authorisation
        revoke_authorisation(authorisation=one.authorisation, reason="Prov", by=world.manager)
        return made

    monkeypatch.setattr(rebuilding, "rows_of", change_meanwhile)
    rebuilding.bring_up_to_date([one.person.pk, crowd[1].person.pk])
    assert not any(s.is_allowed for s in standings_of([one.employment.pk], current_moment())[one.employment.pk])
    verify(0)


def test_a_worker_behind_does_not_take_later_rules_back(
    crowd: list[Prescriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [one.person.pk for one in crowd]
    publish_without_courses()
    evaluate = rows_of

    def overtaken(*args: Any) -> Any:
        made = evaluate(*args)
        monkeypatch.setattr(rebuilding, "rows_of", evaluate)
        publish_without_courses()
        rebuilding.bring_up_to_date(people[:4])
        return made

    monkeypatch.setattr(rebuilding, "rows_of", overtaken)
    rebuilding.bring_up_to_date(people)
    versions = dict(OutcomesMade.objects.values_list("person_id", "rules_version"))
    assert [versions[person] for person in people] == [3] * 4 + [2] * 5
    assert_everything_is_right(crowd)


# --- The commands ---------------------------------------------------------------------------------------------------
def verify(exit_code: int, **options: Any) -> None:
    if exit_code == 0:
        call_command("verify_state", all=True, **options)
    else:
        with pytest.raises(SystemExit, match=str(exit_code)):
            call_command("verify_state", all=True, **options)


def test_the_command_makes_everything_that_is_missing(
    crowd: list[Prescriber], capsys: pytest.CaptureFixture[str]
) -> None:
    PreparedFacts.objects.all().delete()
    OutcomesMade.objects.all().delete()
    StoredOutcome.objects.all().delete()
    nobody = make_person()
    call_command("rebuild_state", dry_run=True)
    assert "Nothing was done" in capsys.readouterr().out
    assert not PreparedFacts.objects.exists()
    call_command("rebuild_state")
    assert "people written" in capsys.readouterr().out
    assert PreparedFacts.objects.filter(person=nobody).exists()
    assert_everything_is_right(crowd)
    verify(0)
    call_command("rebuild_state")
    assert "nothing to do" in capsys.readouterr().out
    call_command("rebuild_state", status=True)
    assert "Rules 1, finished" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("rebuild_state", processes=0)


def test_everything_is_made_anew_when_nothing_is_to_be_believed(
    crowd: list[Prescriber], capsys: pytest.CaptureFixture[str]
) -> None:
    row = PreparedFacts.objects.filter(person=crowd[0].person)
    row.update(facts=PreparedFacts.objects.get(person=crowd[2].person).facts)
    StoredOutcome.objects.filter(person=crowd[1].person).update(missing="")
    verify(1)
    told = capsys.readouterr().out
    assert f"person {crowd[0].person.pk}: the prepared facts are not those recorded" in told
    assert f"person {crowd[1].person.pk}: stored, but not so" in told
    assert f"person {crowd[1].person.pk}: so, but not stored" in told
    call_command("rebuild_state", everything=True)
    verify(0)
    assert_everything_is_right(crowd)


def test_a_sample_is_compared_and_stale_people_are_counted(
    crowd: list[Prescriber], capsys: pytest.CaptureFixture[str]
) -> None:
    publish_without_courses()
    call_command("verify_state", people=4)
    assert "4 people compared, 0 differences; 4 people are evaluated anew" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("verify_state", people=0)
