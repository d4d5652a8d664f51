"""Time limits of parts: how long is left, and what is to happen then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from courses.models import Attempt
from tests.courses.launching import config_for, data_at_next_start
from tests.courses.packages import HEAD_12, HEAD_2004, manifest, zip_of
from tests.factories.courses import go, make_attempt, make_course, sit_down, write

pytestmark = pytest.mark.django_db
FORMS = [
    ("exit,message", {"exits": True, "tells": True}),
    ("exit,no message", {"exits": True, "tells": False}),
    ("continue,message", {"exits": False, "tells": True}),
    ("continue,no message", {"exits": False, "tells": False}),
]


def limited_12(action: str, longest: str = "00:30:00", *, page: str = "x") -> bytes:
    limits = f"<adlcp:maxtimeallowed>{longest}</adlcp:maxtimeallowed>"
    limits += f"<adlcp:timelimitaction>{action}</adlcp:timelimitaction>" if action else ""
    return _package(HEAD_12, limits, page)


def limited_2004(action: str, longest: str = "PT30M", *, page: str = "x") -> bytes:
    limits = f"<adlcp:timeLimitAction>{action}</adlcp:timeLimitAction>" if action else ""
    limits += f'<imsss:sequencing><imsss:limitConditions attemptAbsoluteDurationLimit="{longest}"/></imsss:sequencing>'
    return _package(HEAD_2004, limits, page)


def _package(head: str, limits: str, page: str) -> bytes:
    items = "".join(
        f'<item identifier="{name}" identifierref="r1"><title>{name}</title>{limits if name == "a" else ""}</item>'
        for name in "ab"
    )
    return zip_of({"imsmanifest.xml": manifest(items=items, head=head), "index.html": page})


def limit_of(attempt: Attempt) -> Any:
    return config_for(sit_down(attempt, "a"))["limit"]


@pytest.mark.parametrize(("action", "does"), FORMS, ids=[action for action, _does in FORMS])
def test_scorm_12_says_what_happens_when_the_time_is_up(action: str, does: dict[str, bool]) -> None:
    attempt = make_attempt(make_course(limited_12(action)))
    config = config_for(sit_down(attempt))
    assert config["limit"] == {"seconds": 1800, **does}
    assert config["data"]["cmi.student_data.max_time_allowed"] == "00:30:00"
    assert config["data"]["cmi.student_data.time_limit_action"] == action
    assert config_for(sit_down(attempt, "b"))["limit"] is None


@pytest.mark.parametrize(("action", "does"), FORMS, ids=[action for action, _does in FORMS])
def test_scorm_2004_says_what_happens_when_the_time_is_up(action: str, does: dict[str, bool]) -> None:
    attempt = make_attempt(make_course(limited_2004(action)))
    config = config_for(sit_down(attempt))
    assert config["limit"] == {"seconds": 1800, **does}
    assert (config["data"]["cmi.max_time_allowed"], config["data"]["cmi.time_limit_action"]) == ("PT30M", action)
    assert config_for(sit_down(attempt, "b"))["limit"] is None


@pytest.mark.parametrize("package", [limited_12(""), limited_2004("")], ids=["1.2", "2004"])
def test_a_limit_without_an_action_is_only_told_to_the_part(package: bytes) -> None:
    """Both books: the default is to go on and to say nothing."""
    attempt = make_attempt(make_course(package))
    assert limit_of(attempt) is None
    data = data_at_next_start(attempt, "a")
    assert {"00:30:00", "PT30M"} & set(data.values())


def test_what_was_used_in_earlier_sittings_is_gone() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False) as clock:
        attempt = make_attempt(make_course(limited_12("exit,message")))
        sitting = sit_down(attempt, "a")
        clock.shift(timedelta(minutes=20))
        write(sitting, {"cmi.core.session_time": "0000:20:00"}, trigger="terminate")
        assert limit_of(attempt)["seconds"] == 600


def test_a_part_that_says_nothing_of_its_time_has_taken_what_passed() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False) as clock:
        attempt = make_attempt(make_course(limited_12("exit,message")))
        sitting = sit_down(attempt, "a")
        clock.shift(timedelta(minutes=25))
        write(sitting, {"cmi.core.lesson_location": "5"})
        assert limit_of(attempt)["seconds"] == 300


def test_when_it_is_used_up_the_part_is_left_at_once_and_the_learner_chooses_another() -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=3), tick=False) as clock:
        attempt = make_attempt(make_course(limited_12("exit,message")))
        sitting = sit_down(attempt, "a")
        clock.shift(timedelta(minutes=40))
        write(sitting, {"cmi.core.lesson_location": "5"})
        assert limit_of(attempt)["seconds"] == 1
        moved = go(attempt, "exit")
    assert (moved.is_left, moved.has_ended) == (True, False)
    assert sit_down(attempt, "b").item == "b"
