"""The address that the launcher saves to."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from courses.actions.attempts import start_attempt
from courses.actions.courses import unpublish_course
from courses.models import ScoRuntime
from courses.scorm.tokens import Sitting, sign
from tests.factories.courses import BUILDER, make_attempt, make_course, sit_down

pytestmark = pytest.mark.django_db
BODY = {"sequence": 1, "trigger": "commit", "changes": {"cmi.core.lesson_location": "2"}}


def post(sitting: Sitting, body: Any = BODY, *, token: str | None = None, attempt: Any = None, **headers: str) -> Any:
    """As the launcher does it: text/plain, the token in the address, no cookies, CSRF checks on."""
    token = sign("commit", sitting) if token is None else token
    return Client(enforce_csrf_checks=True).post(
        f"/scorm/attempts/{attempt or sitting.attempt}/commit?token={token}",
        body if isinstance(body, str) else json.dumps(body),
        content_type="text/plain",
        headers={"origin": settings.CONTENT_ORIGIN, **headers},
    )


@pytest.fixture
def sitting() -> Sitting:
    return sit_down(make_attempt(make_course()))


def test_it_saves_and_answers_the_content_origin(sitting: Sitting) -> None:
    response = post(sitting)

    assert response.status_code == 200
    assert response.json() == {"saved": 1, "status": "started", "outcome": "", "is_late": False, "refused": {}}
    assert response["Access-Control-Allow-Origin"] == settings.CONTENT_ORIGIN
    assert "Access-Control-Allow-Credentials" not in response
    assert response.cookies == {}


def test_f02_the_same_commit_again_gets_the_same_answer(sitting: Sitting) -> None:
    assert post(sitting).json() == post(sitting).json()


def test_it_asks_the_database_a_fixed_number_of_times(sitting: Sitting, django_assert_num_queries: Any) -> None:
    post(sitting)
    body = {**BODY, "sequence": 2}
    with django_assert_num_queries(5):  # savepoint or begin, one read, two updates, release or commit
        assert post(sitting, body).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", settings.BASE_URL])
def test_another_origin_is_refused(sitting: Sitting, origin: str) -> None:
    response = post(sitting, origin=origin)
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response


def test_a_preflight_is_answered_for_the_content_origin_alone(sitting: Sitting) -> None:
    path = f"/scorm/attempts/{sitting.attempt}/commit"
    assert Client().options(path, headers={"origin": settings.CONTENT_ORIGIN}).status_code == 204
    assert Client().options(path, headers={"origin": "https://evil.example"}).status_code == 403


def test_a13_a_commit_for_somebody_elses_attempt_is_refused(sitting: Sitting) -> None:
    other = make_attempt(make_course())
    sit_down(other)
    response = post(sitting, attempt=other.public_id)

    assert (response.status_code, response.json()) == (403, {"code": "token"})
    assert ScoRuntime.objects.get(attempt=other).data == "{}"


def test_a13_a_token_that_is_forged_missing_or_for_something_else_is_refused(sitting: Sitting) -> None:
    for token in ("", "x", sign("launch", sitting), sign("commit", sitting)[:-2] + "xx"):
        assert post(sitting, token=token).status_code == 403


def test_a13_a_closed_attempt_is_refused() -> None:
    attempt = make_attempt(make_course())
    sitting = sit_down(attempt)
    assert attempt.enrolment
    start_attempt(enrolment=attempt.enrolment, by=attempt.person, anew=True)
    assert (post(sitting).status_code, post(sitting).json()["code"]) == (403, "closed")


def test_a13_an_unpublished_course_is_refused() -> None:
    course = make_course()
    sitting = sit_down(make_attempt(course))
    unpublish_course(course=course, by=BUILDER)
    assert (post(sitting).status_code, post(sitting).json()["code"]) == (403, "unpublished")


def test_f08_a_replaced_sitting_is_told_so() -> None:
    attempt = make_attempt(make_course())
    first = sit_down(attempt)
    sit_down(attempt)
    assert (post(first).status_code, post(first).json()["code"]) == (409, "fenced")


def test_a_token_grows_old_and_a_working_player_gets_a_new_one() -> None:
    with time_machine.travel("2026-01-01 08:00", tick=False) as clock:
        sitting = sit_down(make_attempt(make_course()))
        token = sign("commit", sitting)
        assert "token" not in post(sitting, token=token).json()
        clock.shift(2 * 3600)
        renewed = post(sitting, {**BODY, "sequence": 2}, token=token).json()["token"]
        clock.shift(11 * 3600)
        assert post(sitting, {**BODY, "sequence": 3}, token=token).json() == {"code": "expired"}
        assert post(sitting, {**BODY, "sequence": 3}, token=renewed).status_code == 200


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '"x"', "[" * 100_000, '{"sequence": "1"}'])
def test_a_body_of_another_form_is_refused(sitting: Sitting, body: str) -> None:
    response = post(sitting, body)
    assert (response.status_code, response.json()) == (400, {"code": "form"})


def test_a_body_that_is_too_large_is_refused(sitting: Sitting) -> None:
    changes = {"cmi.suspend_data": "x" * 1_100_000}
    assert post(sitting, {**BODY, "changes": changes}).status_code == 413


def test_it_is_for_post_alone(sitting: Sitting) -> None:
    assert Client().get(f"/scorm/attempts/{sitting.attempt}/commit").status_code == 405
