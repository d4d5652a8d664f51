"""Saving what a package writes."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from competence.models.completion import Completion, CompletionClaim
from courses.actions.attempts import start_attempt, start_preview
from courses.actions.courses import add_edition, publish_edition, unpublish_course, withdraw_edition
from courses.models import Attempt, ScoRuntime
from courses.scorm.commit import FLAG_CLAIMED_TIME, CommitRefused, read_commit
from courses.scorm.settling import FLAG_FAST
from tests.courses.packages import manifest, two_part_package, zip_of
from tests.factories.courses import (
    BUILDER,
    edition_of,
    make_attempt,
    make_course,
    make_editor,
    sit_down,
    write,
)

pytestmark = pytest.mark.django_db
PASSED = {"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90"}


def stored(attempt: Attempt) -> dict[str, str]:
    data: dict[str, str] = json.loads(ScoRuntime.objects.get(attempt=attempt).data)
    return data


def test_what_the_package_writes_is_kept_and_added_to() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    write(sitting, {"cmi.core.lesson_location": "3", "cmi.suspend_data": "a"})
    write(sitting, {"cmi.core.lesson_location": "4"})

    assert stored(attempt) == {"cmi.core.lesson_location": "4", "cmi.suspend_data": "a"}


def test_what_may_not_be_written_is_named_and_the_rest_is_kept() -> None:
    attempt = make_attempt(make_course())
    saved = write(sit_down(attempt), {"cmi.core.student_id": "x", "cmi.core.score.raw": "700", "cmi.comments": "ja"})

    assert saved.refused == {"cmi.core.student_id": "read_only", "cmi.core.score.raw": "value"}
    assert stored(attempt) == {"cmi.comments": "ja"}


def test_a_finished_course_whose_package_is_trusted_is_a_completion_at_once() -> None:
    course = make_course(is_trusted=True)
    attempt = make_attempt(course)
    saved = write(sit_down(attempt), PASSED)

    completion = Completion.objects.get(person=attempt.person)
    assert (saved.status, saved.outcome) == ("passed", "completion")
    assert (completion.course.key, completion.source, completion.source_id) == (
        course.key,
        "scorm",
        attempt.public_id.hex,
    )
    assert completion.score == 90


def test_a12_without_an_administrators_decision_the_packages_word_goes_to_the_manager() -> None:
    attempt = make_attempt(make_course())
    saved = write(sit_down(attempt), PASSED)

    assert saved.outcome == "claim"
    assert not Completion.objects.exists()
    assert CompletionClaim.objects.get(person=attempt.person).status == CompletionClaim.Status.WAITING


def test_a12_a_course_finished_in_no_time_is_flagged() -> None:
    attempt = make_attempt(make_course(minutes=45))
    write(sit_down(attempt), PASSED)

    assert CompletionClaim.objects.get().flags == [FLAG_FAST]


def test_a12_a_course_finished_in_reasonable_time_is_not_flagged() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False) as clock:
        attempt = make_attempt(make_course(minutes=45))
        sitting = sit_down(attempt)
        clock.shift(timedelta(minutes=20))
        write(sitting, {"cmi.core.lesson_location": "2"})
        sitting = sit_down(attempt)
        clock.shift(timedelta(minutes=10))
        write(sitting, PASSED)

    assert CompletionClaim.objects.get().flags == []


def test_a12_session_time_beyond_the_wall_clock_is_cut_and_flagged() -> None:
    attempt = make_attempt(make_course())
    write(sit_down(attempt), {"cmi.core.session_time": "0005:00:00"})
    attempt.refresh_from_db()

    assert attempt.flags == [FLAG_CLAIMED_TIME]
    assert ScoRuntime.objects.get().session_seconds < 200


def test_time_adds_up_over_the_sittings() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False) as clock:
        attempt = make_attempt(make_course())
        for _sitting in range(2):
            sitting = sit_down(attempt)
            clock.shift(timedelta(minutes=10))
            write(sitting, {"cmi.core.session_time": "0000:05:00"})
            write(sitting, {"cmi.core.session_time": "0000:09:00"}, trigger="terminate")
        sit_down(attempt)

    assert ScoRuntime.objects.get().total_seconds == 2 * 9 * 60


def demanding(points: int) -> bytes:
    """A package that wants so many points to be passed."""
    items = (
        '<item identifier="a" identifierref="r1"><title>A</title>'
        f"<adlcp:masteryscore>{points}</adlcp:masteryscore></item>"
    )
    return zip_of({"imsmanifest.xml": manifest(items=items), "index.html": "Hej"})


def test_pass_or_fail_is_judged_by_the_manifests_mastery_score() -> None:
    saved = write(
        sit_down(make_attempt(make_course(demanding(80)))),
        {"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "79"},
    )

    assert (saved.status, saved.outcome) == ("failed", "")


def test_a_failed_test_can_be_passed_later_in_the_same_attempt() -> None:
    sitting = sit_down(make_attempt(make_course(is_trusted=True)))
    assert write(sitting, {"cmi.core.lesson_status": "failed", "cmi.core.score.raw": "40"}).status == "failed"
    assert write(sitting, {"cmi.core.lesson_status": "completed"}).status == "failed"
    assert write(sitting, PASSED).status == "passed"


def test_saving_on_our_own_initiative_does_not_finish_a_course_that_the_package_has_not_committed() -> None:
    sitting = sit_down(make_attempt(make_course()))
    assert write(sitting, {"cmi.core.lesson_status": "completed"}, trigger="autosave").status == "started"
    assert write(sitting, {"cmi.core.lesson_status": "failed"}, trigger="autosave").status == "started"
    assert write(sitting, {}, trigger="terminate").status == "failed"


def test_a_test_passed_counts_even_before_the_package_commits() -> None:
    sitting = sit_down(make_attempt(make_course()))
    assert write(sitting, PASSED, trigger="autosave").status == "passed"


def test_a_package_that_only_says_goodbye_is_completed() -> None:
    assert write(sit_down(make_attempt(make_course())), {}, trigger="terminate").status == "completed"


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(hours=5)])
def test_f17_a_server_whose_clock_is_ahead_finishes_by_the_databases_time(ahead: timedelta) -> None:
    """A little ahead would be put right where completions are recorded, too; far ahead they are refused there."""
    sitting = sit_down(make_attempt(make_course(is_trusted=True)))
    with time_machine.travel(timezone.now() + ahead):
        assert write(sitting, PASSED).outcome == "completion"
    assert Completion.objects.get().completed_at <= timezone.now()


@pytest.mark.parametrize(
    "late",
    [
        {"cmi.core.lesson_status": "incomplete"},
        {"cmi.core.lesson_status": "failed", "cmi.core.score.raw": "0"},
        {"cmi.core.lesson_status": "not attempted"},
        {"cmi.core.lesson_status": "completed"},
    ],
)
def test_f07_a_late_commit_never_lowers_a_finished_course(late: dict[str, str]) -> None:
    attempt = make_attempt(make_course(is_trusted=True))
    sitting = sit_down(attempt)
    write(sitting, PASSED, trigger="terminate")
    saved = write(sitting, late)
    attempt.refresh_from_db()

    assert (saved.status, attempt.status, attempt.score) == ("passed", "passed", Decimal(90))
    assert stored(attempt)["cmi.core.lesson_status"] == "passed"
    runtime = ScoRuntime.objects.get()
    assert (runtime.completion, runtime.success, runtime.score) == ("completed", "passed", 0.9)
    assert Completion.objects.count() == 1


def test_f02_a_retry_with_the_same_number_gets_the_same_answer_and_does_nothing() -> None:
    attempt = make_attempt(make_course(is_trusted=True))
    sitting = sit_down(attempt)
    first = write(sitting, PASSED, sequence=10_000)
    before = ScoRuntime.objects.values().get()
    again = write(sitting, PASSED, sequence=10_000)

    assert again == first
    assert ScoRuntime.objects.values().get() == before
    other = write(sitting, {"cmi.core.lesson_location": "9"}, sequence=10_000)
    assert other == first
    assert "cmi.core.lesson_location" not in stored(attempt), "what has that number was taken"
    assert Completion.objects.count() == 1


def test_a_commit_that_comes_after_a_newer_one_changes_nothing() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    write(sitting, {"cmi.core.lesson_location": "5"}, sequence=10_002)
    late = write(sitting, {"cmi.core.lesson_location": "4"}, sequence=10_001)

    assert late.is_late is True
    assert stored(attempt)["cmi.core.lesson_location"] == "5"


def test_f08_a_second_tab_fences_the_first_and_the_first_is_told() -> None:
    attempt = make_attempt(make_course())
    first, second = sit_down(attempt), sit_down(attempt)
    write(second, {"cmi.core.lesson_location": "2"})
    with pytest.raises(CommitRefused) as refused:
        write(first, {"cmi.core.lesson_location": "9"})

    assert (refused.value.status, refused.value.code) == (409, "fenced")
    assert stored(attempt)["cmi.core.lesson_location"] == "2"


def test_a13_a_closed_attempt_takes_no_more() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    assert attempt.enrolment is not None
    start_attempt(enrolment=attempt.enrolment, by=attempt.person, anew=True)
    with pytest.raises(CommitRefused) as refused:
        write(sitting, PASSED)
    assert (refused.value.status, refused.value.code) == (403, "closed")


@pytest.mark.parametrize("stop", ["withdraw", "unpublish"])
def test_a13_an_unpublished_edition_takes_no_more(stop: str) -> None:
    course = make_course()
    sitting = sit_down(make_attempt(course))
    if stop == "withdraw":
        withdraw_edition(edition=edition_of(course), by=BUILDER)
    else:
        unpublish_course(course=course, by=BUILDER)
    with pytest.raises(CommitRefused) as refused:
        write(sitting, PASSED)
    assert (refused.value.status, refused.value.code) == (403, "unpublished")


def test_f32_a_running_attempt_finishes_on_its_own_edition() -> None:
    """What the edition that it was begun on demands is what it is judged by, though a newer one demands more."""
    points = {"cmi.core.score.raw": "70", "cmi.core.lesson_status": "completed"}
    course = make_course(demanding(60))
    attempt = make_attempt(course)
    sitting = sit_down(attempt, "a")
    newer = add_edition(course=course, source=io.BytesIO(demanding(90)), file_name="2.zip", by=BUILDER)
    publish_edition(edition=newer, same_because="Fler poäng krävs", by=BUILDER)

    assert write(sitting, points).status == "passed"
    assert make_attempt(course, attempt.person).edition.number == 1
    begun_after = make_attempt(course)
    assert begun_after.edition == newer
    assert write(sit_down(begun_after, "a"), points).status == "failed"


def test_a_course_of_several_parts_is_finished_when_all_are() -> None:
    attempt = make_attempt(make_course(two_part_package(), is_trusted=True))
    assert write(sit_down(attempt, "del-1"), {"cmi.core.lesson_status": "completed"}).status == "started"
    assert write(sit_down(attempt, "del-2"), {"cmi.core.lesson_status": "completed"}).status == "completed"


def test_a_preview_yields_no_result() -> None:
    course = make_course(is_published=False)
    attempt = start_preview(edition=edition_of(course), by=make_editor())
    saved = write(sit_down(attempt), PASSED)

    assert (saved.status, saved.outcome) == ("passed", "")
    assert not Completion.objects.exists()
    assert not CompletionClaim.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"sequence": 0, "trigger": "commit", "changes": {}},
        {"sequence": True, "trigger": "commit", "changes": {}},
        {"sequence": 2**60, "trigger": "commit", "changes": {}},
        {"sequence": 1, "trigger": "finish", "changes": {}},
        {"sequence": 1, "trigger": "commit", "changes": {"a": 1}},
        {"sequence": 1, "trigger": ["commit"], "changes": {}},
    ],
)
def test_a_commit_of_another_form_is_refused(body: Any) -> None:
    with pytest.raises(CommitRefused) as refused:
        read_commit(body)
    assert refused.value.status == 400
