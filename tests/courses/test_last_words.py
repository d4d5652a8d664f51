"""What a page says as it goes away, when the part has been opened again already."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from courses.models import Attempt, AttemptEvent, ScoRuntime
from courses.scorm.commit import CommitRefused
from courses.scorm.tokens import Sitting
from tests.courses.sequenced import remedial_package
from tests.factories.courses import go, make_attempt, make_course, sit_down, write

pytestmark = pytest.mark.django_db


def stored(attempt: Attempt) -> dict[str, str]:
    data: dict[str, str] = json.loads(ScoRuntime.objects.get(attempt=attempt).data)
    return data


def test_the_last_words_of_a_page_that_was_loaded_anew_are_kept() -> None:
    attempt = make_attempt(make_course())
    first = sit_down(attempt)
    write(first, {"cmi.core.lesson_location": "1"})
    sit_down(attempt)
    write(first, {"cmi.core.lesson_location": "2"}, trigger="terminate")

    assert stored(attempt)["cmi.core.lesson_location"] == "2"


def test_the_first_words_of_a_page_that_was_loaded_anew_are_kept_when_they_are_its_last() -> None:
    """It had no time to save before: what the package says as the page goes away is all that there is of it."""
    attempt = make_attempt(make_course())
    first, second = sit_down(attempt), sit_down(attempt)
    write(first, {"cmi.core.lesson_status": "passed"}, trigger="terminate")
    assert stored(attempt)["cmi.core.lesson_status"] == "passed"
    attempt.refresh_from_db()
    assert (attempt.status, attempt.launch_id) == (Attempt.Status.PASSED, second.launch)
    write(second, {"cmi.core.lesson_location": "1"})
    assert stored(attempt)["cmi.core.lesson_location"] == "1"


def refuses(sitting: Sitting, trigger: str = "terminate") -> bool:
    with pytest.raises(CommitRefused) as refused:
        write(sitting, {"cmi.core.lesson_location": "9"}, trigger=trigger)
    return refused.value.code == "fenced"


def test_f08_a_page_that_saved_nothing_does_not_write_over_the_page_that_replaced_it() -> None:
    attempt = make_attempt(make_course())
    first, second = sit_down(attempt), sit_down(attempt)
    write(second, {"cmi.core.lesson_location": "2"})
    assert refuses(first)
    assert stored(attempt)["cmi.core.lesson_location"] == "2"


def test_f08_only_the_page_right_before_has_last_words_and_only_for_a_moment() -> None:
    attempt = make_attempt(make_course())
    first = sit_down(attempt)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        second = sit_down(attempt)
        sit_down(attempt)
        assert refuses(first)
        assert refuses(second, "commit")
        clock.shift(timedelta(seconds=16))
        assert refuses(second)
    assert stored(attempt) == {}


def test_f08_a_page_has_no_last_words_in_a_part_that_was_begun_anew() -> None:
    attempt = make_attempt(make_course(remedial_package()))
    first = sit_down(attempt)
    moved = go(attempt, "exitAll")
    assert moved.sitting is None
    assert sit_down(attempt).item == first.item
    assert AttemptEvent.objects.filter(kind="sitting").last().details == {"is_afresh": True}  # type: ignore[union-attr]
    assert refuses(first)


def test_a12_last_words_are_held_against_the_time_of_their_own_page_and_count_once() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False) as clock:
        attempt = make_attempt(make_course())
        for says_before in (True, False):
            sitting = sit_down(attempt)
            clock.shift(timedelta(minutes=30))
            if says_before:
                write(sitting, {"cmi.core.session_time": "0000:25:00"})
            sit_down(attempt)
            clock.shift(timedelta(seconds=2))
            write(sitting, {"cmi.core.session_time": "0000:30:00"}, trigger="terminate")
        sit_down(attempt)
    attempt.refresh_from_db()
    assert attempt.flags == []
    runtime = ScoRuntime.objects.get()
    assert runtime.total_seconds == (25 + 30) * 60
    assert json.loads(runtime.data)["cmi.core.total_time"] == "0000:55:00.00"
