"""Tokens, patience and refusals of the client, against a server that is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from behorighet_client import ApiProblem, Check, Client, NoToken, Refused, Unavailable

Handler = Callable[[httpx.Request], httpx.Response]
ANSWER = {
    "hsa_id": "SE2321000131-E000000000001",
    "right": "websesam.unit",
    "outcome": "allowed",
    "allowed": True,
    "text": "Får beställa.",
    "reasons": [],
    "missing": [],
    "valid_until": None,
    "revision": 7,
    "decision_id": "d",
    "a_field_of_tomorrow": 1,
}


class Server:
    """Gives tokens; for the rest the answers that a test has laid out, one after the other."""

    def __init__(self) -> None:
        self.tokens = 0
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []
        self.now = 0.0
        self.answers: list[httpx.Response | Exception] = []
        self.expires_in = 3600

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/identity/o/api/token":
            assert request.headers["Authorization"].startswith("Basic ")
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": self.expires_in})
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json=ANSWER)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options: Any) -> Client:
        options = {"sleep": self.slept.append, "clock": lambda: self.now, **options}
        return Client("https://b.example", "me", "secret", transport=httpx.MockTransport(self), **options)


@pytest.fixture
def server() -> Server:
    return Server()


def ask(client: Client) -> Any:
    return client.check("SE2321000131-E000000000001", "websesam.unit")


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "title": code, "status": status}, headers=headers)


def test_a_token_is_kept(server: Server) -> None:
    client = server.client()

    answers = [ask(client) for _number in range(3)]

    assert server.tokens == 1
    assert {request.headers["Authorization"] for request in server.asked} == {"Bearer t1"}
    assert all(answer.allowed for answer in answers)
    assert answers[0].raw["a_field_of_tomorrow"] == 1


def test_a_token_is_renewed_before_it_expires(server: Server) -> None:
    client = server.client()
    ask(client)
    server.now = 3239
    ask(client)
    server.now = 3241
    ask(client)

    assert [request.headers["Authorization"] for request in server.asked] == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_refused_token_is_renewed_once(server: Server) -> None:
    server.answers = [problem(401, "unauthenticated")]
    assert ask(server.client()).allowed
    assert server.tokens == 2

    server.answers = [problem(401, "unauthenticated"), problem(401, "unauthenticated")]
    with pytest.raises(ApiProblem) as error:
        ask(server.client())
    assert error.value.status == 401


def test_a_wrong_secret_is_told_at_once() -> None:
    refusing = httpx.MockTransport(lambda request: httpx.Response(401, json={"error": "invalid_client"}))

    with pytest.raises(NoToken, match="invalid_client"):
        ask(Client("https://b.example", "me", "wrong", transport=refusing))


@pytest.mark.parametrize(("status", "code"), [(503, "unavailable"), (429, "too_many_requests")])
def test_it_waits_as_long_as_it_is_told(server: Server, status: int, code: str) -> None:
    server.answers = [problem(status, code, **{"Retry-After": "7"}), problem(status, code, **{"Retry-After": "2"})]

    assert ask(server.client()).allowed
    assert server.slept == [7.0, 2.0]


def test_it_waits_longer_and_longer_when_nobody_answers(server: Server) -> None:
    server.answers = [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]

    assert ask(server.client()).allowed
    assert server.slept == [0.25, 0.5, 1.0]


def test_no_answer_is_never_a_permit(server: Server) -> None:
    server.answers = [problem(503, "unavailable", **{"Retry-After": "1"})] * 6

    with pytest.raises(Unavailable, match="unavailable"):
        ask(server.client())
    assert len(server.asked) == 6


def test_what_is_refused_is_not_sent_again(server: Server) -> None:
    server.answers = [problem(403, "not_your_right")]

    with pytest.raises(ApiProblem) as error:
        ask(server.client())
    assert error.value.code == "not_your_right"
    assert len(server.asked) == 1


def test_the_token_endpoints_haste_is_waited_for_too() -> None:
    seen: list[int] = []

    def slow_tokens(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            seen.append(1)
            return httpx.Response(429 if len(seen) < 3 else 200, json={"access_token": "t", "expires_in": 60})
        return httpx.Response(200, json=ANSWER)

    slept: list[float] = []
    client = Client("https://b.example", "me", "s", transport=httpx.MockTransport(slow_tokens), sleep=slept.append)
    assert ask(client).allowed
    assert len(slept) == 2


# --- Many at once ---------------------------------------------------------------------------------------------------
CHECKS = [Check("SE2321000131-E000000000001", "websesam.unit")] * 3


def lines(*results: dict[str, Any]) -> httpx.Response:
    text = "".join(f"{json.dumps(one)}\n" for one in results)
    return httpx.Response(200, text=text, headers={"Content-Type": "application/x-ndjson"})


def result(number: int) -> dict[str, Any]:
    return {"id": str(number), **ANSWER}


def test_many_are_read_from_lines_or_from_one_document(server: Server) -> None:
    wrong = {"id": "1", "problem": {"code": "unknown_right", "title": "t"}}
    server.answers = [lines(result(0), wrong, result(2))]
    from_lines = list(server.client().check_many(CHECKS))
    server.answers = [httpx.Response(200, json={"results": [result(0), wrong, result(2)]})]
    from_document = list(server.client().check_many(CHECKS))

    assert from_lines == from_document
    assert isinstance(from_lines[1], Refused)
    assert "application/x-ndjson" in server.asked[0].headers["Accept"]


def test_ten_thousand_go_to_a_request(server: Server) -> None:
    def many(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t"})
        counts.append(len(json.loads(request.content)["checks"]))
        return lines(*(result(number) for number in range(counts[-1])))

    counts: list[int] = []
    client = Client("https://b.example", "me", "s", transport=httpx.MockTransport(many))
    answered = sum(1 for _answer in client.check_many(CHECKS[:1] * 10_001))

    assert counts == [10_000, 1]
    assert answered == 10_001


def test_after_a_cut_the_rest_is_asked_for(server: Server) -> None:
    broken = {"problem": {"code": "unavailable", "title": "t"}}
    server.answers = [lines(result(0), broken), lines(result(0)), lines(result(0))]

    assert len(list(server.client().check_many(CHECKS))) == 3
    assert [len(json.loads(request.content)["checks"]) for request in server.asked] == [3, 2, 1]


def test_a_stream_that_never_comes_further_ends(server: Server) -> None:
    server.answers = [lines()] * 20

    with pytest.raises(Unavailable):
        list(server.client().check_many(CHECKS))


def test_an_answer_in_another_order_is_not_believed(server: Server) -> None:
    server.answers = [lines(result(1), result(0), result(2))]

    with pytest.raises(ValueError, match="is about 1"):
        list(server.client().check_many(CHECKS))


def test_a_report_bears_a_key_that_is_the_same_when_it_is_sent_again(server: Server) -> None:
    done = httpx.Response(200, json={"results": [{"source": "x", "source_id": "1", "status": "recorded"}]})
    server.answers = [httpx.ReadTimeout("lost"), done]

    assert [one.status for one in server.client().report_completions([{"source": "x"}])] == ["recorded"]
    assert len({request.headers["Idempotency-Key"] for request in server.asked}) == 1
