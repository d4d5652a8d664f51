"""The operations of the API, as functions."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Self

import httpx

from behorighet_client.answers import Answer, Change, Check, Holder, Json, Page, Refused, Reported
from behorighet_client.errors import Unavailable
from behorighet_client.transport import Transport

API = "/api/v1"
MOST_CHECKS = 10_000
MOST_CHANGES = 1_000
MOST_COMPLETIONS = 1_000
ATTEMPTS = 6


class Client:
    """An ordering system's view of the service. Keep one for the whole process: it keeps its token.

    Every function raises ApiProblem when the service refuses and Unavailable when it does not answer; only an Answer
    with `allowed` is a permit.
    """

    def __init__(self, base_url: str, client_id: str, client_secret: str, **options: Any) -> None:
        self.transport = Transport(base_url, client_id, client_secret, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.transport.close()

    # --- Questions -----------------------------------------------------------------------------------------------
    def check(
        self,
        hsa_id: str,
        right: str,
        *,
        customer_number: str | None = None,
        product_group: str | None = None,
        valid_at: str | None = None,
        known_at: str | None = None,
        at_least: int | None = None,
    ) -> Answer:
        """May this person order?"""
        asked = {
            "hsa_id": hsa_id,
            "right": right,
            "customer_number": customer_number,
            "product_group": product_group,
            "valid_at": valid_at,
            "known_at": known_at,
            "at_least": at_least,
        }
        return Answer.of(self._get("/eligibility", asked))

    def statement(self, hsa_id: str, right: str, *, customer_number: str | None = None) -> str:
        """The same as a signed statement, for somebody who verifies it offline (`statements.Verifier`)."""
        asked = _given({"hsa_id": hsa_id, "right": right, "customer_number": customer_number})
        return self.transport.request(
            "GET", f"{API}/eligibility", params=asked, headers={"Accept": "application/jwt"}
        ).text

    def check_many(self, checks: Iterable[Check], *, at_least: int | None = None) -> Iterator[Answer | Refused]:
        """An answer for each check, in their order; any number, ten thousand to a request, read as they come."""
        rest = iter(checks)
        while chunk := list(islice(rest, MOST_CHECKS)):
            done, in_vain = 0, 0
            while done < len(chunk):
                before = done
                try:
                    for result in self._ask_many(chunk[done:], at_least):
                        done += 1
                        yield result
                except (httpx.TransportError, Unavailable) as error:  # cut off on the way: ask for the rest
                    in_vain = in_vain + 1 if done == before else 0
                    if in_vain >= ATTEMPTS:
                        raise Unavailable(f"the batch was cut off {in_vain} times: {error!r}") from error

    def _ask_many(self, checks: Sequence[Check], at_least: int | None) -> Iterator[Answer | Refused]:
        body = {"checks": [check.as_json(str(number)) for number, check in enumerate(checks)], "at_least": at_least}
        answered = 0
        with self.transport.stream(
            "POST",
            f"{API}/eligibility/batch",
            json=_given(body),
            headers={"Accept": "application/x-ndjson, application/json;q=0.5"},
            timeout=120,
        ) as response:
            for result in _results(response):
                if result["id"] != str(answered):
                    raise ValueError(f"the answer to check {answered} is about {result['id']}")
                answered += 1
                yield _answer_or_problem(result)
        if answered < len(checks):
            raise Unavailable("the stream of answers ended too early")

    def rights(self, hsa_id: str) -> list[Answer]:
        """All rights of the client's ordering systems for one person."""
        return [Answer.of(one) for one in self._get(f"/people/{hsa_id}/rights")["rights"]]

    def decision(self, decision_id: str) -> Json:
        """An answer given before (`decision`), and the same question asked again of the same state (`replay`)."""
        found: Json = self._get(f"/decisions/{decision_id}")
        return found

    def holders(self, right: str, *, unit: str | None = None, valid_at: str | None = None) -> Iterator[Holder]:
        """Everybody who may use the right now, or at `valid_at`; read page by page."""
        cursor: str | None = None
        while True:
            page = self._get(f"/rights/{right}/holders", {"unit": unit, "valid_at": valid_at, "cursor": cursor})
            for one in page["holders"]:
                yield Holder(one["hsa_id"], right, one.get("customer_number"), one["outcome"], one)
            cursor = page.get("next")
            if cursor is None:
                return

    # --- The feed ------------------------------------------------------------------------------------------------
    def changes(self, after: str | None, *, limit: int | None = MOST_CHANGES) -> Page:
        """The changes after a cursor, in order; None: from the beginning. Each comes at least once."""
        page = self._get("/changes", {"after": after, "limit": limit})
        changes = [Change.of(one) for one in page["changes"]]
        return Page(changes, page["next"], page["has_more"], page["revision"], bool(page.get("catching_up")))

    def latest_cursor(self) -> str:
        """The cursor behind the latest change of now."""
        return self.changes("latest").cursor

    # --- Reports and figures -------------------------------------------------------------------------------------
    def report_completions(self, completions: Iterable[Mapping[str, Any]]) -> Iterator[Reported]:
        """Report completed courses, a thousand to a request. Sent again after a lost answer, each is recorded once."""
        rest = iter(completions)
        while chunk := list(islice(rest, MOST_COMPLETIONS)):
            response = self.transport.request(
                "POST",
                f"{API}/completions",
                json={"completions": chunk},
                headers={"Idempotency-Key": str(uuid.uuid4())},
                timeout=120,
            )
            for one in response.json()["results"]:
                yield Reported(one["source"], one["source_id"], one["status"], one)

    def completion_statistics(self, **question: str) -> Json:
        """Figures: course, principal, from_ (or "from"), to and by, as the API names them."""
        asked = {name.rstrip("_"): value for name, value in question.items()}
        found: Json = self._get("/statistics/completions", asked)
        return found

    # --- Keys ----------------------------------------------------------------------------------------------------
    def key_set(self) -> Json:
        """The published keys that statements are signed with (JWKS)."""
        found: Json = self.transport.request("GET", "/.well-known/jwks.json", is_public=True).json()
        return found

    def _get(self, path: str, asked: Mapping[str, Any] | None = None) -> Any:
        return self.transport.request("GET", f"{API}{path}", params=_given(asked or {})).json()


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _results(response: Any) -> Iterator[Json]:
    """The results of a batch, from a stream of lines or from one JSON document."""
    if not response.headers["Content-Type"].startswith("application/x-ndjson"):
        response.read()
        yield from response.json()["results"]
        return
    for line in response.iter_lines():
        if line:
            one = json.loads(line)
            if "id" not in one:  # what went wrong after the answer had begun
                raise Unavailable(f"the answer broke off: {one.get('problem', one)}")
            yield one


def _answer_or_problem(result: Json) -> Answer | Refused:
    if "problem" in result:
        problem = result["problem"]
        return Refused(problem["code"], problem.get("detail", problem["title"]), problem)
    return Answer.of(result)
