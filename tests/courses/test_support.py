"""Looking into an attempt, what is logged of one, and which are stuck."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone, translation

from courses.actions.courses import unpublish_course, withdraw_edition
from courses.models import Attempt, AttemptEvent, Course, ScoRuntime
from courses.queries.learners import participants_of
from courses.queries.stuck import CAUSES, stuck_attempts, stuck_by_cause
from courses.queries.support import attempt_view
from courses.scorm.commit import CommitRefused
from courses.templatetags.courses import state_word, time_spent
from lms.audit.models import AuditEvent
from tests.courses.packages import two_part_package
from tests.courses.test_editor_tabs import client_of
from tests.factories.competence import make_person
from tests.factories.courses import (
    BUILDER,
    edition_of,
    make_administrator,
    make_attempt,
    make_course,
    make_editor,
    sit_down,
    write,
)

pytestmark = pytest.mark.django_db


def path_of(attempt: Attempt, course: Course | None = None) -> str:
    return f"/kursredaktion/{(course or attempt.edition.course).key}/deltagare/{attempt.public_id}/"


def kinds(attempt: Attempt) -> list[str]:
    return list(attempt.events.values_list("kind", flat=True))


def view_of(attempt: Attempt) -> Any:
    found = Attempt.objects.select_related("edition__course", "edition__package").get(pk=attempt.pk)
    return attempt_view(found, timezone.now())


# Who may look --------------------------------------------------------------------------------------------------------


def test_an_attempt_is_shown_to_those_who_may_see_participants_and_each_look_is_noted() -> None:
    attempt = make_attempt(make_course())
    write(sit_down(attempt), {"cmi.suspend_data": "sidan sju"})
    response = client_of(make_administrator()).get(path_of(attempt))

    assert response.status_code == 200
    assert "sidan sju" in response.content.decode()
    noted = AuditEvent.objects.get(action="view_attempt")
    assert (noted.person, noted.purpose, noted.kind) == (attempt.person, "support", AuditEvent.Kind.LOOK_UP)


def test_a23_an_editor_and_an_outsider_are_refused_and_so_is_the_learner() -> None:
    attempt = make_attempt(make_course())
    for somebody in (make_editor(), make_person(), attempt.person):
        assert client_of(somebody).get(path_of(attempt)).status_code == 403
    assert Client().get(path_of(attempt)).status_code == 302
    assert not AuditEvent.objects.filter(action="view_attempt").exists()


def test_a14_an_attempt_that_is_not_there_for_the_reader_looks_like_one_that_is_not_there() -> None:
    course, other = make_course(), make_course()
    attempt = make_attempt(course)
    hidden = make_attempt(course, make_person(is_protected=True))
    administrator = client_of(make_administrator())
    administrator.post(f"/kursredaktion/{course.key}/utgava/1/prova/")
    preview = Attempt.objects.get(is_preview=True)

    missing = administrator.get(f"/kursredaktion/{course.key}/deltagare/{uuid4()}/")
    assert missing.status_code == 404
    for path in (path_of(attempt, other), path_of(hidden), path_of(preview)):
        answer = administrator.get(path)
        assert answer.status_code == 404
        assert len(answer.content) == len(missing.content)


def test_nothing_can_be_sent_there() -> None:
    attempt = make_attempt(make_course())
    assert client_of(make_administrator()).post(path_of(attempt)).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_an_attempt_is_read_in_three_queries(number: int, django_assert_num_queries: Any) -> None:
    attempt = make_attempt(make_course(two_part_package()))
    for part in (1, 2):
        sitting = sit_down(attempt, f"del-{part}")
        for place in range(number):
            write(sitting, {"cmi.core.lesson_location": str(place)})
    found = Attempt.objects.select_related("edition__course", "edition__package").get(pk=attempt.pk)
    attempt_view(found, timezone.now())
    with django_assert_num_queries(3):
        view = attempt_view(found, timezone.now())
    assert [part.title for part in view.parts] == ["Del 1", "Del 2"]
    assert [len(part.commits) for part in view.parts] == [number, number]


def test_the_data_stand_in_the_order_of_the_standard_and_of_their_numbers() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    for element in ("cmi.suspend_data", "cmi.interactions.10.id", "cmi.interactions.2.id", "cmi.core.lesson_location"):
        write(sitting, {element: "x"})
    write(sitting, {"cmi.interactions.2.type": "choice"})

    assert [element for element, _value in view_of(attempt).parts[0].data] == [
        "cmi.core.lesson_location",
        "cmi.suspend_data",
        "cmi.interactions.2.id",
        "cmi.interactions.2.type",
        "cmi.interactions.10.id",
    ]


# What is logged ------------------------------------------------------------------------------------------------------


def test_turns_are_logged_and_ordinary_commits_are_not() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    write(sitting, {"cmi.core.lesson_location": "1"})
    write(sitting, {"cmi.core.lesson_location": "2"}, trigger="autosave")
    assert kinds(attempt) == ["sitting"]
    write(sitting, {"cmi.core.lesson_status": "completed", "cmi.core.student_id": "x"}, trigger="terminate")
    assert sorted(kinds(attempt)) == ["ended", "refused", "result", "sitting"]
    result = attempt.events.get(kind="result").details
    assert (result["before"]["completion"], result["after"]["completion"]) == ("not attempted", "completed")
    assert [commit.trigger for commit in view_of(attempt).parts[0].commits] == ["terminate", "autosave", "commit"]


def test_the_last_commits_are_kept_and_no_more() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    for place in range(60):
        write(sitting, {"cmi.core.lesson_location": str(place)})
    assert len(view_of(attempt).parts[0].commits) == 40
    assert len(ScoRuntime.objects.get().recent) < 700


def test_f08_a_fenced_tab_is_logged_once() -> None:
    attempt = make_attempt(make_course())
    first = sit_down(attempt)
    sit_down(attempt)
    for _time in range(3):
        with pytest.raises(CommitRefused):
            write(first, {"cmi.core.lesson_location": "1"})
    assert kinds(attempt).count("fenced") == 1


def test_what_no_database_takes_is_kept_or_named_all_the_same() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    write(sitting, {"cmi.suspend_data": "halv \ud83d och \x00", "\ud83d\x00": "x"})
    assert json.loads(ScoRuntime.objects.get().data)["cmi.suspend_data"] == "halv \ud83d och \x00"
    assert dict(view_of(attempt).parts[0].data)["cmi.suspend_data"] == "halv ? och \x00"
    assert AttemptEvent.objects.get(kind="refused").details["count"] == 1
    assert client_of(make_administrator()).get(path_of(attempt)).status_code == 200


# What is stuck -------------------------------------------------------------------------------------------------------


def age(attempt: Attempt, **ago: float) -> None:
    """Everything that has happened in the attempt happened so long ago."""
    instant = timezone.now() - timedelta(**ago)
    attempt.refresh_from_db()
    for name in ("started_at", "launched_at", "last_commit_at"):
        if getattr(attempt, name) is not None:
            setattr(attempt, name, instant)
    attempt.save()


def cause_of(attempt: Attempt) -> str | None:
    found = stuck_attempts(attempt.edition.course, timezone.now()).filter(pk=attempt.pk)
    cause: str | None = found.values_list("cause", flat=True).first()
    return cause


@pytest.mark.parametrize("stop", ["withdraw", "unpublish"])
def test_what_was_closed_under_somebody_is_stuck(stop: str) -> None:
    attempt = make_attempt(make_course())
    assert cause_of(attempt) is None
    if stop == "withdraw":
        withdraw_edition(edition=edition_of(attempt.edition.course), by=BUILDER)
    else:
        unpublish_course(course=attempt.edition.course, by=BUILDER)
    assert cause_of(attempt) == "closed"


def test_a_package_that_saved_nothing_is_stuck_after_an_hour() -> None:
    attempt = make_attempt(make_course())
    sit_down(attempt)
    age(attempt, minutes=59)
    assert cause_of(attempt) is None
    age(attempt, minutes=61)
    assert cause_of(attempt) == "silent"


def test_a_package_whose_place_cannot_be_kept_is_stuck_and_one_that_writes_other_rubbish_is_not() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    write(sitting, {"cmi.core.student_id": "x", "cmi.core.score.raw": "x"})
    assert cause_of(attempt) is None
    write(sitting, {"cmi.suspend_data": "x" * 70_000})
    assert cause_of(attempt) == "losing"


@pytest.mark.parametrize(
    ("changes", "trigger", "days", "cause"),
    [
        ({"cmi.core.lesson_status": "failed"}, "terminate", 6, None),
        ({"cmi.core.lesson_status": "failed"}, "terminate", 8, "failed"),
        ({"cmi.core.lesson_status": "incomplete"}, "terminate", 6, None),
        ({"cmi.core.lesson_status": "incomplete"}, "terminate", 8, "left"),
        ({"cmi.core.lesson_status": "incomplete"}, "commit", 29, None),
        ({"cmi.core.lesson_status": "incomplete"}, "commit", 31, "idle"),
        ({"cmi.core.lesson_status": "completed"}, "terminate", 90, None),
    ],
)
def test_what_is_failed_left_or_forgotten_is_stuck_after_a_while(
    changes: dict[str, str], trigger: str, days: int, cause: str | None
) -> None:
    attempt = make_attempt(make_course())
    write(sit_down(attempt), changes, trigger=trigger)
    age(attempt, days=days)
    assert cause_of(attempt) == cause


def test_who_is_stuck_is_counted_and_found_among_the_participants() -> None:
    course = make_course()
    stuck, well = make_attempt(course), make_attempt(course)
    write(sit_down(stuck), {"cmi.suspend_data": "x" * 70_000})
    write(sit_down(well), {"cmi.suspend_data": "x"})

    assert [(line.cause, line.count) for line in stuck_by_cause(course, timezone.now())] == [(CAUSES["losing"], 1)]
    assert [row.person for row in participants_of(course, state="stuck")] == [stuck.person]
    page = client_of(make_administrator()).get(f"/kursredaktion/{course.key}/resultat/").content.decode()
    assert str(CAUSES["losing"].title) in page or "what cannot be kept" in page


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "1 sekund"), (119, "119 sekunder"), (2400, "40 minuter"), (7500, "2 tim 5 min")]
)
def test_time_is_told_for_people(seconds: int, text: str) -> None:
    with translation.override("sv"):
        assert time_spent(seconds) == text


def test_states_are_told_for_people_and_a_word_of_the_packages_own_as_it_is() -> None:
    with translation.override("sv"):
        assert [state_word(one) for one in ("incomplete", "unknown", "<b>")] == ["påbörjad", "inget resultat", "<b>"]
