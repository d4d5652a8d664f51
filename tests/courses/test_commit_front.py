"""Ordinary commits saved in front of Django: the same in every way as when Django saves them, or left to it."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from courses.actions.attempts import start_attempt
from courses.actions.courses import unpublish_course, withdraw_edition
from courses.models import Attempt, AttemptEvent, ScoRuntime
from courses.scorm.commit_front import Front
from courses.scorm.tokens import Sitting, sign
from lms.lib.libpq import Statements, Unavailable
from tests.factories.courses import BUILDER, edition_of, make_attempt, make_course, sit_down

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """A process with the front path, which counts what is left to Django."""

    passed_on: int = 0
    front: Front = field(init=False)

    def __post_init__(self) -> None:
        django = WSGIHandler()

        def counted(environ: dict[str, Any], start_response: Any) -> Any:
            self.passed_on += 1
            return django(environ, start_response)

        self.front = Front(counted)

    def post(self, sitting: Sitting, body: Any, *, attempt: Any = None, token: str = "", **more: Any) -> Reply:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        token = token or sign("commit", sitting)
        environ: dict[str, Any] = RequestFactory().post(f"/scorm/attempts/{attempt or sitting.attempt}/commit").environ
        environ.pop("HTTP_COOKIE", None)
        environ |= {
            "HTTP_HOST": urlsplit(settings.BASE_URL).netloc,
            "HTTP_ORIGIN": settings.CONTENT_ORIGIN,
            "QUERY_STRING": f"token={quote(token)}",
            "CONTENT_LENGTH": str(len(data)),
            "CONTENT_TYPE": "text/plain",
            "wsgi.input": io.BytesIO(data),
            **more,
        }
        told: list[Any] = []
        answer = self.front(environ, lambda status, headers, *rest: told.extend([status, headers]))
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return Reply(int(told[0].split()[0]), {k.lower(): v for k, v in told[1]}, json.loads(text) if text else None)


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.front.statements.close()


def commit(sequence: int, changes: dict[str, str], trigger: str = "commit") -> dict[str, Any]:
    return {"sequence": sequence, "trigger": trigger, "changes": changes}


def begun(server: Server) -> Sitting:
    """A sitting whose first commit Django has taken, which teaches the front path the headers."""
    sitting = sit_down(make_attempt(make_course()))
    assert server.post(sitting, commit(1, {"cmi.core.lesson_status": "incomplete"})).status == 200
    server.passed_on = 0
    return sitting


def kept(sitting: Sitting) -> tuple[Any, ...]:
    """What both paths must leave behind."""
    runtime = ScoRuntime.objects.select_related("attempt").get(attempt__public_id=sitting.attempt, item=sitting.item)
    attempt = runtime.attempt
    return (
        json.loads(runtime.data),
        runtime.sequence,
        runtime.completion,
        runtime.success,
        runtime.score,
        runtime.has_ended,
        min(round(runtime.session_seconds), 120),  # what is cut is cut at the wall clock
        [word[10:] for word in runtime.recent.split()],
        attempt.status,
        attempt.outcome,
        attempt.flags,
        (attempt.last_commit_at is None, attempt.finished_at is None),
    )


def test_an_ordinary_commit_is_saved_without_django_and_answered_the_same(server: Server) -> None:
    sitting = begun(server)
    body = commit(
        2, {"cmi.suspend_data": "å" * 3000, "cmi.core.session_time": "0000:00:10", "cmi.core.lesson_location": "4"}
    )
    first = server.post(sitting, body)

    assert server.passed_on == 0
    assert first.body == {"saved": 2, "status": "started", "outcome": "", "is_late": False, "refused": {}}
    runtime = ScoRuntime.objects.get(attempt__public_id=sitting.attempt)
    assert (json.loads(runtime.data)["cmi.suspend_data"], runtime.sequence, runtime.session_seconds) == (
        "å" * 3000,
        2,
        10,
    )
    again = server.post(sitting, body)  # the reply was lost: Django finds that it has been saved
    assert (again.body, server.passed_on) == (first.body, 1)
    assert {k: v for k, v in again.headers.items() if k != "date"} == {
        k: v for k, v in first.headers.items() if k != "date"
    }


def test_whatever_a_package_writes_the_end_is_the_same_by_either_path(server: Server) -> None:
    """Hundreds of random commits, the same to two attempts: one through the front path, one through Django alone."""
    draw = random.Random(7)
    values = {
        "cmi.core.lesson_status": ["incomplete", "completed", "passed", "failed", "not attempted", "nonsense"],
        "cmi.core.score.raw": ["10", "90", "", "x"],
        "cmi.core.exit": ["suspend", "", "logout"],
        "cmi.core.lesson_location": ["1", "2", "y" * 2000],
        "cmi.core.session_time": ["0000:00:01", "0000:00:02", "9999:00:00", "x"],
        "cmi.suspend_data": ["a", "b" * 500, "\ud800 halv", "\x00nul", "c" * 70_000],
        "cmi.interactions.0.id": ["f1"],
        "cmi.objectives.0.status": ["passed"],
        "cmi.core.student_id": ["evil"],
        "adl.data.0.store": ["x"],
    }
    spared = 0
    for _attempt in range(8):
        both = begun(server), begun(server)
        for sequence in range(2, 22):
            names = draw.sample(sorted(values), draw.choice([1, 1, 1, 2, 3]))
            trigger = draw.choices(["commit", "autosave", "terminate"], [8, 4, 1])[0]
            number = sequence if draw.random() > 0.1 else sequence - 1
            body = commit(number, {name: draw.choice(values[name]) for name in names}, trigger)
            before = server.passed_on
            fast = server.post(both[0], body)
            spared += server.passed_on == before
            slow = server.post(both[1], body, HTTP_COOKIE="x=y")  # not the usual form: Django
            assert (fast.status, fast.body) == (slow.status, slow.body), body
            assert kept(both[0]) == kept(both[1]), body
    assert spared > 20


@pytest.mark.parametrize(
    "changes",
    [
        {"cmi.core.lesson_status": "completed"},
        {"cmi.core.score.raw": "5"},
        {"cmi.core.student_id": "x"},
        {"cmi.core.session_time": "0099:00:00"},
        {"cmi.objectives.0.id": "a"},
    ],
)
def test_what_could_change_a_result_or_is_refused_is_djangos(server: Server, changes: dict[str, str]) -> None:
    sitting = begun(server)
    assert server.post(sitting, commit(2, changes)).status == 200
    assert server.passed_on == 1


@dataclass
class Said:
    """The statements that the front path has sent, by name."""

    names: list[str] = field(default_factory=list)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    one, row = Said(), Statements.row

    def noted(self: Statements, name: str, parameters: Any) -> Any:
        one.names.append(name)
        return row(self, name, parameters)

    monkeypatch.setattr(Statements, "row", noted)
    return one


def place(sequence: int) -> dict[str, Any]:
    return commit(sequence, {"cmi.core.lesson_location": str(sequence)})


def test_what_this_process_saved_last_is_not_read_again(server: Server, said: Said) -> None:
    sitting = begun(server)
    for sequence in (2, 3, 4):
        assert server.post(sitting, place(sequence)).body["saved"] == sequence
    assert said.names == ["read", "write", "write", "write"]
    assert kept(sitting)[:2] == ({"cmi.core.lesson_status": "incomplete", "cmi.core.lesson_location": "4"}, 4)


def test_f31_what_another_process_saved_meanwhile_is_kept_and_read_from_then_on(server: Server, said: Said) -> None:
    sitting, other = begun(server), Server()
    other.front.headers = server.front.headers
    assert server.post(sitting, place(2)).status == 200
    assert other.post(sitting, commit(3, {"cmi.suspend_data": "of the other"})).status == 200
    other.front.statements.close()
    said.names.clear()
    assert server.post(sitting, place(4)).body == {
        "saved": 4, "status": "started", "outcome": "", "is_late": False, "refused": {}
    }  # fmt: skip
    assert said.names == ["write", "read", "write"], "what was remembered found no row"
    assert kept(sitting)[0]["cmi.suspend_data"] == "of the other"
    said.names.clear()
    for sequence in range(5, 9):
        assert server.post(sitting, place(sequence)).status == 200
    assert said.names == ["read", "write"] * 3 + ["write"], "until nobody else has saved it for some time"


def test_what_django_has_saved_since_is_not_taken_for_what_is_remembered(server: Server, said: Said) -> None:
    sitting = begun(server)
    assert server.post(sitting, place(2)).status == 200
    assert server.post(sitting, commit(3, {"cmi.suspend_data": "by Django"}), HTTP_COOKIE="x=y").status == 200
    assert server.post(sitting, place(4)).status == 200
    assert (kept(sitting)[0]["cmi.suspend_data"], server.passed_on) == ("by Django", 1)


def test_what_is_left_to_django_is_forgotten_first(server: Server, said: Said) -> None:
    sitting = begun(server)
    assert server.post(sitting, place(2)).status == 200
    assert server.post(sitting, commit(3, {"cmi.core.score.raw": "7"})).status == 200
    assert server.passed_on == 1
    said.names.clear()
    assert server.post(sitting, place(4)).status == 200
    assert said.names == ["read", "write"]


@pytest.mark.parametrize("stop", ["close", "withdraw", "unpublish", "replace"])
def test_a13_what_was_stopped_since_it_was_remembered_takes_no_more(server: Server, stop: str) -> None:
    sitting = begun(server)
    assert server.post(sitting, place(2)).status == 200
    attempt = Attempt.objects.select_related("edition__course", "enrolment").get(public_id=sitting.attempt)
    if stop == "close":
        assert attempt.enrolment
        start_attempt(enrolment=attempt.enrolment, by=attempt.person, anew=True)
    elif stop == "withdraw":
        withdraw_edition(edition=edition_of(attempt.edition.course), by=BUILDER)
    elif stop == "unpublish":
        unpublish_course(course=attempt.edition.course, by=BUILDER)
    else:
        sit_down(attempt)
    before = kept(sitting)
    assert server.post(sitting, place(3)).status == (409 if stop == "replace" else 403)
    assert kept(sitting)[:11] == before[:11]


def test_f02_a_commit_that_is_sent_again_after_a_lost_connection_overwrites_nothing(server: Server) -> None:
    """It went through, its acknowledgement was lost, and a later one came in: sent again, it finds another version."""
    sitting, other = begun(server), Server()
    other.front.headers = server.front.headers
    assert server.post(sitting, place(2)).status == 200
    run, lost = Statements._run, list[str]()

    def lose_the_reply(self: Statements, pgconn: Any, name: str, parameters: Any) -> Any:
        found = run(self, pgconn, name, parameters)
        if not lost:
            lost.append(name)
            assert other.post(sitting, place(4)).status == 200
            other.front.statements.close()
            raise Unavailable("lost in the commit", hangs=False)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statements, "_run", lose_the_reply)
        reply = server.post(sitting, place(3))
    assert (reply.status, reply.body["saved"], reply.body["is_late"]) == (200, 3, True)
    assert (kept(sitting)[0]["cmi.core.lesson_location"], kept(sitting)[1]) == ("4", 4)
    assert kept(sitting)[7] == ["c1", "c1", "c1", "c1"], "each is noted once"


def test_f08_a_replaced_sitting_is_fenced_by_either_path(server: Server) -> None:
    sitting = begun(server)
    sit_down(Attempt.objects.get(public_id=sitting.attempt))
    before = kept(sitting)
    reply = server.post(sitting, commit(2, {"cmi.core.lesson_location": "9"}))
    assert (reply.status, reply.body) == (409, {"code": "fenced"})
    assert kept(sitting) == before
    assert AttemptEvent.objects.filter(kind="fenced").count() == 1


def test_a13_what_is_closed_or_unpublished_takes_no_more_by_either_path(server: Server) -> None:
    for stop in ("close", "withdraw", "unpublish"):
        sitting = begun(server)
        attempt = Attempt.objects.select_related("edition__course", "enrolment").get(public_id=sitting.attempt)
        if stop == "close":
            assert attempt.enrolment
            start_attempt(enrolment=attempt.enrolment, by=attempt.person, anew=True)
        elif stop == "withdraw":
            withdraw_edition(edition=edition_of(attempt.edition.course), by=BUILDER)
        else:
            unpublish_course(course=attempt.edition.course, by=BUILDER)
        before = kept(sitting)
        assert server.post(sitting, commit(2, {"cmi.core.lesson_location": "9"})).status == 403
        assert kept(sitting) == before


def test_a13_a_forged_token_or_somebody_elses_attempt_is_refused(server: Server) -> None:
    sitting, other = begun(server), begun(server)
    body = commit(2, {"cmi.core.lesson_location": "9"})
    before = kept(other)
    assert server.post(sitting, body, attempt=other.attempt).status == 403
    for token in ("x", sign("launch", sitting), sign("commit", sitting)[:-2] + "xx"):
        assert server.post(sitting, body, token=token).status == 403
    assert server.post(sitting, body, HTTP_ORIGIN="https://evil.example").status == 403
    assert kept(other) == before


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[" * 100_000, b'{"sequence": "1"}', b"\xff\xfe"])
def test_a_body_of_another_form_is_djangos_to_refuse(server: Server, body: bytes) -> None:
    reply = server.post(begun(server), body)
    assert (reply.status, reply.body) == (400, {"code": "form"})


def test_two_commits_at_once_leave_the_later_one(server: Server) -> None:
    """Between reading and writing another commit comes in: nothing is written over it."""
    sitting = begun(server)
    row, came_in = Statements.row, list[str]()

    def meanwhile(self: Statements, name: str, parameters: Any) -> Any:
        if name == "write" and not came_in:
            came_in.append(name)
            other = Server()
            other.front.headers = server.front.headers
            assert other.post(sitting, commit(3, {"cmi.core.lesson_location": "3"})).status == 200
            other.front.statements.close()
        return row(self, name, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statements, "row", meanwhile)
        reply = server.post(sitting, commit(2, {"cmi.core.lesson_location": "2"}))
    assert reply.body["is_late"] is True
    assert kept(sitting)[0]["cmi.core.lesson_location"] == "3"


def test_a_database_that_the_front_path_cannot_reach_is_djangos_to_tell(server: Server) -> None:
    sitting = begun(server)

    def gone(*args: Any) -> Any:
        raise Unavailable("no", hangs=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statements, "row", gone)
        assert server.post(sitting, commit(2, {"cmi.core.lesson_location": "2"})).status == 200
    assert server.passed_on == 1
