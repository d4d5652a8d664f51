"""What an ordering system does with the feed: begin with a snapshot, follow, and see that the copy is right."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from behorighet_client.answers import Answer, Check, Holder, Page
from behorighet_client.client import MOST_CHANGES, MOST_CHECKS, Client
from behorighet_client.copy import DENIED, Copy
from behorighet_client.errors import ApiProblem
from behorighet_client.statements import Verifier

Say = Callable[[str], None]
MOST_WAITS = 600


@dataclass(frozen=True)
class Difference:
    """A question that the copy and the service answer differently."""

    check: Check
    here: str
    there: str


def begin(client: Client, copy: Copy, rights: Iterable[str], say: Say) -> None:
    """Take a snapshot of who holds the rights.

    The cursor is read before the holders: a change on the way comes in the feed as well, and is applied over them.
    """
    cursor = client.latest_cursor()
    counts: dict[str, int] = {}

    def holders() -> Iterator[Holder]:
        for right in rights:
            try:
                for one in client.holders(right):
                    counts[right] = counts.get(right, 0) + 1
                    yield one
            except ApiProblem as problem:
                if problem.code != "not_your_right":
                    raise
                say(f"{right} belongs to another ordering system: left out")

    copy.begin(holders(), cursor)
    say(f"snapshot at {cursor}: {counts}")


def catch_up(client: Client, copy: Copy, say: Say, *, limit: int = MOST_CHANGES) -> int:
    """Read the feed to its end. Returns how many changes there were."""
    return _catch_up(client, copy, say, limit)[0]


def _catch_up(client: Client, copy: Copy, say: Say, limit: int = MOST_CHANGES) -> tuple[int, Page]:
    count = 0
    while True:
        page = client.changes(copy.cursor, limit=limit)
        if page.changes or page.cursor != copy.cursor:
            copy.apply(page.changes, page.cursor)
            count += len(page.changes)
        if not page.has_more:
            if count:
                say(f"{count} changes, to {copy.cursor}")
            return count, page


def _catch_up_wholly(client: Client, copy: Copy, say: Say) -> None:
    """The same, and until what has happened is all in the feed: after rules were published that takes a while."""
    waits = 0
    while _catch_up(client, copy, say)[1].is_catching_up and waits < MOST_WAITS:
        waits += 1
        time.sleep(1)


def differences(client: Client, copy: Copy, say: Say, *, rounds: int = 5) -> list[Difference]:
    """Where the copy and the batch endpoint differ, after catching up.

    The service goes on while this asks. So what differs is asked again after reading the feed to its end, a few times:
    what then still differs is an error.
    """
    _catch_up_wholly(client, copy, say)
    asked, suspects = 0, []
    for chunk in _chunks(copy.questions()):
        asked += len(chunk)
        suspects += _compare(client, chunk)
    for _round in range(rounds):
        if not suspects:
            break
        _catch_up_wholly(client, copy, say)
        again = [(one.check, copy.outcome(*_key(one.check))) for one in suspects]
        suspects = [found for chunk in _chunks(iter(again)) for found in _compare(client, chunk)]
    say(f"{asked} questions compared with the service, {len(suspects)} differ")
    return suspects


def verify_statements(client: Client, copy: Copy, verifier: Verifier, say: Say, *, count: int = 5) -> int:
    """Get some answers as signed statements, and verify them offline. Returns how many did not agree with the copy.

    Raises InvalidStatement.
    """
    wrong, tried = 0, 0
    for check, outcome in islice(copy.questions(), count):
        statement = client.statement(check.hsa_id, check.right, customer_number=check.customer_number)
        wrong += verifier.verify(statement).outcome != outcome
        tried += 1
    say(f"{tried} statements verified offline, {wrong} differ from the copy")
    return wrong


def keep(
    client: Client,
    copy: Copy,
    say: Say,
    *,
    rights: Iterable[str] | None,
    until: Callable[[], bool] | None = None,
    interval: float = 1.0,
    limit: int = MOST_CHANGES,
) -> None:
    """Keep the copy: from a snapshot of `rights` (None: from the beginning of the feed), until told to stop.

    `until` None: to the end of the feed, once. A feed that was made anew does not know our cursor: the copy begins
    anew then, too.
    """
    while True:
        try:
            if copy.cursor is None and rights is not None:
                begin(client, copy, rights, say)
            count = catch_up(client, copy, say, limit=limit)
        except ApiProblem as problem:
            if problem.code != "unknown_cursor":
                raise
            say("the feed was made anew: the copy begins anew, too")
            copy.clear()
            continue
        if until is None or until():
            return
        if not count:
            time.sleep(interval)


def _compare(client: Client, chunk: list[tuple[Check, str]]) -> list[Difference]:
    answers = client.check_many(check for check, _outcome in chunk)
    found = []
    for (check, here), answer in zip(chunk, answers, strict=True):
        if isinstance(answer, Answer):
            there = answer.outcome
        elif check.customer_number is None and "customer_number" in answer.names:
            continue  # "every other unit" is nothing that one can ask about
        else:
            there = f"{DENIED} ({answer.code})"
        if here != there:
            found.append(Difference(check, here, there))
    return found


def _key(check: Check) -> tuple[str, str, str | None]:
    return check.hsa_id, check.right, check.customer_number


def _chunks(questions: Iterator[tuple[Check, str]]) -> Iterator[list[tuple[Check, str]]]:
    while chunk := list(islice(questions, MOST_CHECKS)):
        yield chunk
